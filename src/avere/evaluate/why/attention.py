"""Where the attention of a model goes while it writes its own answers."""

from collections.abc import Iterator

from avere.evaluate.why.samples import AskedQuestion, RunSample
from avere.interfaces import Candidate, HeadShares, ShowsAttention
from avere.records import AttentionShares

DECIMALS = 5
"""Of a share."""


def measure_attention(model: ShowsAttention, sample: RunSample) -> Iterator[AttentionShares]:
    """Yield the shares of attention of each head, answer by answer.

    Raises:
        MediaError: a medium of a clip cannot be used.
    """
    for one in (one for clip in sample.clips for one in clip):
        response = one.options[one.answer]
        found = model.share_attention(Candidate(prompt=one.prompt, response=response))
        yield _record(one, response, found, sample)


def _record(one: AskedQuestion, response: str, found: HeadShares, sample: RunSample) -> AttentionShares:
    """Make the record of one answer."""
    rounded = (
        tuple(
            (round(a, DECIMALS), round(b, DECIMALS), round(c, DECIMALS), round(d, DECIMALS))
            for a, b, c, d in layer
        )
        for layer in found.shares
    )
    return AttentionShares(
        question=one.question.id,
        clip=one.clip.id,
        task=one.question.task,
        target=one.question.target,
        response=response,
        tokens=found.tokens,
        shares=tuple(rounded),
        made_by=sample.made_by("attention"),
    )
