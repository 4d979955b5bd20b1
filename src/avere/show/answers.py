"""What models say of one clip, with what a page sets beside: the cues named, and where attention went."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avere import media
from avere.answers import descriptions
from avere.asking.clips import describe_sound, prompt_about_clip
from avere.asking.tiny_note import word_tiny_note
from avere.errors import AvereError, MediaError
from avere.interfaces import Candidate, Prompt, Responder, ShowsAttention
from avere.records import Cue, MediaTokens
from avere.records.reasons import GROUPS
from avere.world.cues import BY_NAME

PRESENCE = {
    "person": "there",
    "other": "there, but not the person's",
    "nowhere": "not there",
}
"""In words, where a clip has a cue that an answer names."""


class NamedCue(NamedTuple):
    """A cue that an answer names."""

    text: str
    presence: str
    """One of ``PRESENCE``."""


class PageAnswer(NamedTuple):
    """What one model said."""

    model: str
    reply: str
    reason: str | None
    """Why there is no reply; None where there is one."""
    tokens: MediaTokens
    note: str
    """What is odd about the clip for this model; empty where nothing is."""
    cues: tuple[NamedCue, ...] | None
    """None where nobody knows what the clip has."""
    attention: dict[str, float] | None
    """Percent by group of tokens, mean over layers and heads; None where a model does not tell."""


def check_clip(path: Path, max_seconds: float) -> None:
    """Refuse a clip that cannot be read, or is longer than a page takes.

    Raises:
        AvereError: it is so.
    """
    seconds = media.probe(path).seconds
    if seconds > max_seconds:
        raise AvereError(
            f"the clip is {seconds:.0f} s long and at most {max_seconds:.0f} s are taken; cut it, or start "
            "the page with a larger --max-seconds"
        )


def answer_question(
    model: Responder, clip: Path, question: str, cues: Sequence[Cue] | None, max_tokens: int
) -> PageAnswer:
    """Ask a model about a clip; ``cues`` are all that the clip has, or None where nobody knows them.

    What goes wrong on the way is the answer's reason, so that one model does not silence the other.
    """
    try:
        prompt = prompt_about_clip(clip, question)
        reply = next(model.respond([prompt], max_tokens=max_tokens, seed=0), None)
    except AvereError as error:
        return PageAnswer(model.name, "", str(error), MediaTokens(), "", None, None)
    if reply is None or reply.status != "ok":
        reason = (reply.reason if reply else None) or "the model gave no reply"
        return PageAnswer(model.name, "", reason, MediaTokens(), "", None, None)
    return PageAnswer(
        model=model.name,
        reply=reply.text,
        reason=None,
        tokens=reply.media_tokens,
        note=_note(model, clip, known=cues is not None),
        cues=None if cues is None else find_cues(reply.text, cues),
        attention=_attention(model, prompt, reply.text),
    )


def find_cues(text: str, cues: Sequence[Cue]) -> tuple[NamedCue, ...]:
    """Find the cues of EmoWorld that a text names, each with whether and on whom the clip has it."""
    return tuple(
        NamedCue(BY_NAME[fact.name].wordings[0], _presence(fact.name, cues))
        for fact in descriptions.parse(text).named
    )


def _presence(name: str, cues: Sequence[Cue]) -> str:
    bearers = {cue.bearer for cue in cues if cue.name == name and cue.present}
    if not bearers:
        return PRESENCE["nowhere"]
    return PRESENCE["person" if "person" in bearers or BY_NAME[name].emotion is None else "other"]


def _note(model: Responder, clip: Path, *, known: bool) -> str:
    """Word what a reader must know of this clip."""
    try:
        sound = describe_sound(clip)
    except MediaError:
        sound = ""
    return "; ".join(filter(None, (sound, "" if known else word_tiny_note(model, 1))))


def _attention(model: Responder, prompt: Prompt, reply: str) -> dict[str, float] | None:
    if not isinstance(model, ShowsAttention) or not reply.strip():
        return None
    try:
        shares = model.share_attention(Candidate(prompt=prompt, response=reply)).shares
    except AvereError:
        return None
    means = 100 * np.mean(shares, axis=(0, 1))
    return dict(zip(GROUPS, means.tolist(), strict=True))
