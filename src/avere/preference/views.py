"""What a preference loss may read of a record: which media, which response, under which weights."""

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from jaxtyping import Float
from torch import Tensor

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.records import Clip, Corruption, Medium, Modality, PreferencePair, Target

Media = Literal["real", "relevant", "irrelevant", "audio", "video", "both", "none"]
"""Which medium is corrupted; ``none`` is text alone."""

Response = Literal["chosen", "spurious", "hallucinated", "either"]
"""Which answer; ``either`` is one of the rejected ones, fixed per record by its id and the seed."""

GroupFact = Literal["reward", "mean", "std", "log_prob"]
"""A number of `avere.records.GroupReward`."""

_NOTHING: Mapping[Response, Tensor] = MappingProxyType({})
_NO_GROUP: Mapping[GroupFact, Tensor] = MappingProxyType({})
_NO_OFFSETS: Mapping[str, Tensor] = MappingProxyType({})


class View(NamedTuple):
    """One answer under one state of the media."""

    media: Media
    response: Response


class Views(NamedTuple):
    """All that a loss reads."""

    policy: frozenset[View]
    """Under the weights in training, with gradient."""
    detached: frozenset[View]
    """Under the weights in training, without gradient."""
    reference: frozenset[View]
    """Under the weights before training."""
    lengths: frozenset[Response] = frozenset()
    """The answers whose number of tokens is read."""
    only_falsifying: bool = False
    """Whether a corrupted view in which the chosen answer need not be false is the real one instead."""
    token_by_token: bool = False
    """Whether the tokens' own log-probabilities are read as well."""
    group: bool = False
    """Whether the rewards of a drawn answer and its group are read."""


class TokenLogProbs(NamedTuple):
    """The log-probabilities of an answer's tokens, zero behind its end token."""

    policy: Mapping[View, Float[Tensor, "batch longest"]]
    reference: Mapping[View, Float[Tensor, "batch longest"]]


class LogProbs(NamedTuple):
    """The summed log-probabilities of every declared view, in float32."""

    policy: Mapping[View, Float[Tensor, " batch"]]
    detached: Mapping[View, Float[Tensor, " batch"]]
    reference: Mapping[View, Float[Tensor, " batch"]]
    lengths: Mapping[Response, Float[Tensor, " batch"]] = _NOTHING
    """Tokens of an answer, its end token included."""
    tokens: TokenLogProbs = TokenLogProbs({}, {})
    group: Mapping[GroupFact, Float[Tensor, " batch"]] = _NO_GROUP


class LossTerms(NamedTuple):
    """A loss, record by record, and what is logged of it."""

    each: Float[Tensor, " batch"]
    parts: Mapping[str, Float[Tensor, " batch"]]
    """What ``each`` is the weighted sum of, before weighting."""
    rewards: Mapping[str, Float[Tensor, " batch"]]
    """beta * (policy - reference) of ``chosen``, ``rejected`` and, where read, ``corrupted`` answers."""
    offsets: Mapping[str, Float[Tensor, " batch"]] = _NO_OFFSETS
    """Unbounded terms inside a sigmoid; logged with quantiles, because large ones switch records off."""
    measures: Mapping[str, Float[Tensor, " batch"]] = _NO_OFFSETS
    """What else is logged, under these names."""


def corrupted(media: Media, target: Target) -> frozenset[Modality]:
    """Return the modalities that are corrupted; an audiovisual prompt has no irrelevant one.

    >>> sorted(corrupted("relevant", "audiovisual"))
    ['audio', 'video']
    >>> corrupted("irrelevant", "audiovisual")
    frozenset()
    """
    every: frozenset[Modality] = frozenset(get_args(Modality))
    relevant: frozenset[Modality] = every if target == "audiovisual" else frozenset({target})
    match media:
        case "audio" | "video":
            return frozenset({media})
        case "both":
            return every
        case "relevant":
            return relevant
        case "irrelevant":
            return every - relevant
        case _:
            return frozenset()


def falsified(pair: PreferencePair, changed: frozenset[Modality]) -> bool:
    """True where the record knows that the chosen answer is false once these modalities are corrupted.

    It does where one of them is a modality that the prompt is about and has a replacement.
    """
    aimed = changed & corrupted("relevant", pair.target)
    return any(getattr(pair.corruption, modality) is not None for modality in aimed)


def prompt_of(
    pair: PreferencePair, media: Media, clips: Mapping[str, Clip], *, only_falsifying: bool = False
) -> Prompt:
    """Return the prompt of a record over real, corrupted or no media.

    A modality without a valid corruption stays real; one that the clip lacks stays absent. With
    ``only_falsifying``, all stay real unless the corrupted ones make the chosen answer false.

    Raises:
        AvereError: a clip that the record names is not in ``clips``, or lacks the medium that stands in.
    """
    if media == "none":
        return Prompt(text=pair.prompt)
    changed = corrupted(media, pair.target)
    if only_falsifying and not falsified(pair, changed):
        changed = frozenset()
    clip = _clip(pair, pair.clip, clips)

    def medium(modality: Modality) -> Medium | None:
        path = getattr(clip, modality)
        change: Corruption | None = getattr(pair.corruption, modality) if modality in changed else None
        if path is None or change is None:
            return None if path is None else Medium(path=path)
        if change.kind != "clip":
            return Medium(path=path, corruption=change)
        other = getattr(_clip(pair, change.clip, clips), modality)
        if other is None:
            raise AvereError(
                f"pair '{pair.id}' swaps in the {modality} of clip '{change.clip}', which has none"
            )
        return Medium(path=other)

    return Prompt(text=pair.prompt, video=medium("video"), audio=medium("audio"))


def _clip(pair: PreferencePair, name: str | None, clips: Mapping[str, Clip]) -> Clip:
    if name is None or name not in clips:
        raise AvereError(
            f"pair '{pair.id}' names clip '{name}', which is not in the clips file; add its record"
        )
    return clips[name]


def either(pair: PreferencePair, seed: int = 0) -> Literal["spurious", "hallucinated"]:
    """Choose the rejected answer for ``either``: drawn by id and seed where there are two."""
    if pair.spurious is None or pair.hallucinated is None:
        return "hallucinated" if pair.spurious is None else "spurious"
    drawn = hashlib.sha256(f"{seed}:{pair.id}".encode()).digest()[0] % 2
    return "spurious" if drawn else "hallucinated"


def find_response(pair: PreferencePair, which: Response, seed: int = 0) -> str | None:
    """Return an answer of a record, or None where it has none of that kind."""
    name = either(pair, seed) if which == "either" else which
    text: str | None = getattr(pair, name)
    return text


def response(pair: PreferencePair, which: Response, seed: int = 0) -> str:
    """Return an answer of a record.

    Raises:
        AvereError: the record has no such answer.
    """
    text = find_response(pair, which, seed)
    if text is None:
        raise AvereError(f"pair '{pair.id}' has no {which} answer; choose a loss that reads none, or add it")
    return text


def candidate_of(
    pair: PreferencePair,
    view: View,
    clips: Mapping[str, Clip],
    seed: int = 0,
    *,
    only_falsifying: bool = False,
) -> Candidate:
    """Build the candidate for one view of a record."""
    asked = prompt_of(pair, view.media, clips, only_falsifying=only_falsifying)
    return Candidate(prompt=asked, response=response(pair, view.response, seed))


def every_view(views: Views) -> frozenset[View]:
    """Return the views that a loss reads under any weights."""
    return views.policy | views.detached | views.reference


def missing_answers(pairs: Iterable[PreferencePair], views: Views) -> dict[Response, int]:
    """Count, for every answer that a loss reads, the records that lack it."""
    wanted: set[Response] = {view.response for view in every_view(views)} | views.lengths
    counts = dict.fromkeys(sorted(wanted), 0)
    for pair in pairs:
        for which in counts:
            counts[which] += find_response(pair, which) is None
    return {which: count for which, count in counts.items() if count}


def count_unopposed(
    pairs: Iterable[PreferencePair], views: Views, clips: Mapping[str, Clip]
) -> dict[str, int]:
    """Count, for every corrupted view and for ``all`` together, the records whose input it leaves real.

    For those a modality preference compares an input with itself: where both have a gradient, it is exactly
    zero.
    """
    media = sorted({view.media for view in every_view(views)} - {"real", "none"})
    counts = dict.fromkeys([*media, "all"], 0)
    for pair in pairs if media else ():
        real = prompt_of(pair, "real", clips)
        only = views.only_falsifying
        same = [each for each in media if prompt_of(pair, each, clips, only_falsifying=only) == real]
        for name in [*same, *(["all"] if same == media else [])]:
            counts[name] += 1
    return counts
