"""Shares of attention by kind of token, for questions about sound, picture or both."""

from collections.abc import Iterator, Sequence

import numpy as np

from avere.analyse.intervals import Numbers
from avere.analyse.why.lines import ReasonPart
from avere.records import AttentionShares
from avere.records.reasons import GROUPS

ASKED = {"audio": "the voice", "video": "the face", "audiovisual": "both"}
"""What a question is about, in words."""
ATTENDED = {"audio": "sound", "video": "picture", "text": "words of the prompt", "response": "own words"}


def read_parts(records: Sequence[AttentionShares]) -> Iterator[ReasonPart]:
    """Yield the share of each group of tokens by what is asked about, mean over layers, heads and answers."""
    for target, what in ASKED.items():
        own = [one for one in records if one.target == target]
        if not own:
            continue
        means = np.array([np.mean(one.shares, axis=(0, 1)) for one in own])
        clips = tuple(one.clip for one in own)
        for place, group in enumerate(GROUPS):
            title = f"Asked about {what}: attention to {ATTENDED[group]}"
            yield ReasonPart(
                f"attention/{target}/{group}", title, "%", 0, clips, 100 * means[:, place], np.ones(len(own))
            )
        if target != "audiovisual":
            both = means[:, GROUPS.index("audio")] + means[:, GROUPS.index("video")]
            title = f"Asked about {what}: of the attention to media, that to the medium asked about"
            asked = 100 * means[:, GROUPS.index(target)]
            yield ReasonPart(f"attention/{target}/asked", title, "%", 1, clips, asked, both)


def map_heads(records: Sequence[AttentionShares], target: str, group: str) -> Numbers:
    """Average the share of one group over the answers about a target, in percent [layers, heads]."""
    own = np.array([one.shares for one in records if one.target == target])
    return np.asarray(100 * own.mean(axis=0)[:, :, [name == group for name in GROUPS].index(True)])


def share_tokens(records: Sequence[AttentionShares], target: str) -> tuple[float, ...]:
    """Share out attention that is blind to content: by the numbers of tokens, in percent."""
    counts = np.array([[one.tokens[group] for group in GROUPS] for one in records if one.target == target])
    return tuple((100 * np.mean(counts / counts.sum(1, keepdims=True), axis=0)).tolist())
