"""What the media do to an answer: exchanged for those of another clip, or withheld.

Of the four cells of a grid, two media with two states each, follow two main effects and an interaction.
With the answer's log-odds m where sound and picture, in this order, are own (o) or other (x):

    effect of the sound = (m(oo) + m(ox) - m(xo) - m(xx)) / 2
    effect of the picture = (m(oo) + m(xo) - m(ox) - m(xx)) / 2
    interaction = (m(oo) + m(xx) - m(ox) - m(xo)) / 2

The shortcut index is the size of the effect of the medium that is not asked about, over both sizes. With
media withheld instead of exchanged, the same effects are the Shapley values of two players, exactly.

>>> effects_of(3.0, 1.0, 2.0, 0.0)  # sound alone takes 2, picture alone 1, both 3
MediaEffects(audio=2.0, video=1.0, both=0.0)
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from avere.analyse.why.attention import ASKED
from avere.analyse.why.lines import ReasonPart
from avere.answers.odds import measure_log_odds
from avere.records import MediaGrid

SWAP = ("av", "swap-audio", "swap-video", "swap-both")
"""Own media; other sound; other picture; both other."""
SHAPLEY = ("av", "v", "a", "text")
"""In the same order: both media; no sound; no picture; neither."""
MEDIA = {"audio": "sound", "video": "picture"}
EXCHANGED = {"audio": "swap-audio", "video": "swap-video"}


class MediaEffects(NamedTuple):
    """What each medium does to the log-odds of an answer, and what only both do together."""

    audio: float
    video: float
    both: float


def effects_of(own: float, no_audio: float, no_video: float, neither: float) -> MediaEffects:
    """Compute both main effects and the interaction of the four cells of a grid."""
    return MediaEffects(
        audio=(own + no_video - no_audio - neither) / 2,
        video=(own + no_audio - no_video - neither) / 2,
        both=(own + neither - no_audio - no_video) / 2,
    )


def swap_effects(grid: MediaGrid) -> MediaEffects:
    """Compute the effects of exchanging the media on the log-odds of the model's own answer."""
    return effects_of(*(measure_log_odds(grid.log_probs[cell], grid.answer) for cell in SWAP))


def shapley_values(grid: MediaGrid) -> MediaEffects:
    """Compute the value of each medium for the right answer; ``both``: half of what only both give."""
    right = grid.answer if grid.right is None else grid.right
    return effects_of(*(measure_log_odds(grid.log_probs[cell], right) for cell in SHAPLEY))


def measure_shift(grid: MediaGrid, medium: str) -> float:
    """Measure by how much the log-likelihood of the model's own answer moves, in size, in nats."""
    before, after = (grid.log_probs[cell][grid.answer] for cell in ("av", EXCHANGED[medium]))
    return abs(before - after)


def read_swaps(records: Sequence[MediaGrid]) -> Iterator[ReasonPart]:
    """Yield shifts, main effects and the shortcut index, of closed questions and descriptions apart."""
    for kind, is_open in (("", False), (", descriptions", True)):
        for target, other in (("audio", "video"), ("video", "audio")):
            own = [
                one for one in records if one.target == target and (len(one.log_probs["av"]) == 1) is is_open
            ]
            if not own:
                continue
            head, say = f"swap{'/open' if is_open else ''}/{target}", f"Asked about {ASKED[target]}{kind}"
            effects = [swap_effects(one) for one in own]
            sizes = {name: np.abs([getattr(one, name) for one in effects]) for name in MEDIA}
            clips = tuple(one.clip for one in own)
            for which, medium, better in (("irrelevant", other, -1), ("relevant", target, 0)):
                title = f"{say}: shift when the {MEDIA[medium]} is another's ({which})"
                shifts = np.array([measure_shift(one, medium) for one in own])
                yield ReasonPart(f"{head}/{which}", title, "nats", better, clips, shifts, np.ones(len(own)))
            for name, medium in MEDIA.items():
                title = f"{say}: main effect of the {medium}, in size"
                yield ReasonPart(
                    f"{head}/effect_{name}", title, "log-odds", 0, clips, sizes[name], np.ones(len(own))
                )
            title = f"{say}: part of the answer that rests on the {MEDIA[other]} (shortcut index)"
            both = sizes["audio"] + sizes["video"]
            yield ReasonPart(f"{head}/shortcut", title, "%", -1, clips, 100 * sizes[other], both)


def read_shapley(records: Sequence[MediaGrid]) -> Iterator[ReasonPart]:
    """Yield the mean value of each medium for the right answer, and how often which medium is needed."""
    known = [one for one in records if one.right is not None]
    for target, what in ASKED.items():
        own = [one for one in known if one.target == target]
        if not own:
            continue
        values = [shapley_values(one) for one in own]
        clips, ones = tuple(one.clip for one in own), np.ones(len(own))
        for name, medium in MEDIA.items():
            title = f"Asked about {what}: value of the {medium} for the right answer"
            size = np.array([getattr(one, name) for one in values])
            better = 1 if target in (name, "audiovisual") else 0
            yield ReasonPart(f"shapley/{target}/{name}", title, "log-odds", better, clips, size, ones)
        title = f"Asked about {what}: what only both media give together"
        together = np.array([2 * one.both for one in values])
        yield ReasonPart(f"shapley/{target}/both", title, "log-odds", 0, clips, together, ones)
        title = f"Asked about {what}: what words alone give"
        alone = np.array([measure_log_odds(one.log_probs["text"], one.right or 0) for one in own])
        yield ReasonPart(f"shapley/{target}/text", title, "log-odds", 0, clips, alone, ones)


def name_decisive(grid: MediaGrid) -> str:
    """Name the medium of which the model's own answer changes when it is withheld.

    ``sound``, ``picture``, ``either`` (each by itself), ``both`` (only without both), or ``words``.
    """
    best = {cell: int(np.argmax(grid.log_probs[cell])) for cell in SHAPLEY}
    full, no_sound, no_picture, neither = (best[cell] for cell in SHAPLEY)
    changed = no_sound != full, no_picture != full
    if any(changed):
        return "either" if all(changed) else "sound" if changed[0] else "picture"
    return "both" if neither != full else "words"
