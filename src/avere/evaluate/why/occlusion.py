"""Which seconds and which part of the frame an answer rests on: what covering them takes from it.

A part of a medium is covered, and the log-odds of the model's own answer are read again. A window slides over
the frame by one cell at a time, and a cell gets the mean fall over the windows that cover it; so too over the
seconds of the sound. Zeiler and Fergus, 2014, section 4.2, slide a window in this way.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avere import media
from avere.answers.odds import measure_log_odds
from avere.evaluate.why.samples import AskedQuestion, RunSample
from avere.interfaces import Candidate, CountsMedia, Prompt, Scorer
from avere.records import Corruption, OcclusionMap

Numbers = NDArray[np.float64]


class Windows(NamedTuple):
    """What is covered, one after the other.

    Windows begin before the edge and end behind it, so that every cell lies under equally many of them: the
    mean of a cell under fewer would be noisier, and the peak would be drawn to the edges.
    """

    cells: int = 7
    """Of the frame, to either side."""
    window: int = 2
    """Cells to either side that are covered at once."""
    picture_times: int = 4
    """Equal parts of the time in which the whole frame is covered."""
    sound_times: int = 12
    sound_window: int = 2
    """Parts of the sound that are covered at once."""

    def areas(self) -> list[tuple[float, float, float, float]]:
        """List the windows of the frame in shares of it, row by row.

        >>> Windows(cells=2, window=1).areas()
        [(0.0, 0.0, 0.5, 0.5), (0.5, 0.0, 1.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0)]
        """
        sides = _slide(self.cells, self.window)
        return [(left, top, right, bottom) for top, bottom in sides for left, right in sides]

    def spans(self) -> list[tuple[float, float]]:
        """List the windows of the sound in shares of its time.

        >>> Windows(sound_times=2, sound_window=2).spans()
        [(0.0, 0.5), (0.0, 1.0), (0.5, 1.0)]
        """
        return _slide(self.sound_times, self.sound_window)


def _slide(parts: int, window: int) -> list[tuple[float, float]]:
    """List the windows over equal parts, those that reach over an edge cut off there."""
    starts = range(1 - window, parts)
    return [(max(0, at) / parts, min(parts, at + window) / parts) for at in starts]


def map_occlusion(
    model: Scorer, sample: RunSample, windows: Windows | None = None, questions: int = 4
) -> Iterator[OcclusionMap]:
    """Yield a map for each answer, for the first ``questions`` of a clip that name a cue, then others.

    Raises:
        AvereError: a medium cannot be used.
    """
    how = windows or Windows()
    for clip in sample.clips:
        asked = sorted(clip, key=_rank)[:questions]
        variants = _variants(asked[0].prompt, how)
        candidates = [
            Candidate(prompt=_covered(one.prompt, variant), response=option)
            for variant in variants
            for one in asked
            for option in one.options
        ]
        values = iter(model.score(candidates))
        found = [
            [measure_log_odds([next(values) for _ in one.options], one.answer) for one in asked]
            for _ in variants
        ]
        heard = _heard(model, asked[0].prompt)
        for one, odds in zip(asked, np.array(found).T, strict=True):
            yield _map(one, odds, how, heard, sample)


def spread_windows(falls: Numbers, window: int) -> Numbers:
    """Give each part the mean fall over the windows that cover it; along one axis, or along two alike.

    >>> spread_windows(np.array([1.0, 3.0, 5.0]), 2).tolist()  # windows 0, 01 and 1 of the parts 0 and 1
    [2.0, 4.0]
    """
    covering = sliding_window_view(falls, (window,) * falls.ndim)
    return np.asarray(covering.mean(axis=tuple(range(falls.ndim, 2 * falls.ndim))))


def _rank(one: AskedQuestion) -> int:
    """Rank a question: first what cites a cue that is there, then what cites another, open ones last."""
    cue = one.question.cue
    if not one.question.choices:
        return 3
    if cue is None:
        return 2
    return 0 if cue.present and cue.bearer == "person" and cue.evidence_of else 1


def _variants(prompt: Prompt, how: Windows) -> list[tuple[Corruption | None, Corruption | None]]:
    """List what is done to picture and sound, nothing first."""
    found: list[tuple[Corruption | None, Corruption | None]] = [(None, None)]
    if prompt.video is not None:
        found += [(Corruption(kind="occlude", area=area), None) for area in how.areas()]
        parts = how.picture_times
        spans = [(at / parts, (at + 1) / parts) for at in range(parts)]
        found += [(Corruption(kind="occlude", span=span), None) for span in spans]
    if prompt.audio is not None:
        found += [(None, Corruption(kind="occlude", span=span)) for span in how.spans()]
    return found


def _covered(prompt: Prompt, done: tuple[Corruption | None, Corruption | None]) -> Prompt:
    """Cover parts of the media of a prompt."""
    media_of = {"video": prompt.video, "audio": prompt.audio}
    changed = {
        name: medium.model_copy(update={"corruption": corruption})
        for (name, medium), corruption in zip(media_of.items(), done, strict=True)
        if medium is not None and corruption is not None
    }
    return prompt.model_copy(update=changed)


def _heard(model: object, prompt: Prompt) -> float | None:
    """Measure how many seconds of the sound reach a model; None without sound."""
    if prompt.audio is None:
        return None
    cut = model.media_tokens(prompt).audio_cut if isinstance(model, CountsMedia) else 0.0
    return round((media.probe(prompt.audio.path).audio_seconds or 0.0) - cut, 3)


def _map(
    one: AskedQuestion, odds: Numbers, how: Windows, heard: float | None, sample: RunSample
) -> OcclusionMap:
    """Make the record of one answer from its log-odds under every variant, the real one first."""
    falls, side = odds[0] - odds[1:], how.cells + how.window - 1
    picture: tuple[tuple[float, ...], ...] = ()
    picture_times: tuple[float, ...] = ()
    if one.prompt.video is not None:
        cells = spread_windows(falls[: side**2].reshape(side, side), how.window)
        picture = tuple(map(_rounded, cells))
        picture_times = _rounded(falls[side**2 : side**2 + how.picture_times])
        falls = falls[side**2 + how.picture_times :]
    sounds = () if heard is None else _rounded(spread_windows(falls, how.sound_window))
    return OcclusionMap(
        question=one.question.id,
        clip=one.clip.id,
        task=one.question.task,
        target=one.question.target,
        answer=one.words,
        right=one.right,
        log_odds=round(float(odds[0]), 4),
        picture=picture,
        picture_times=picture_times,
        sound_times=sounds,
        sound_seconds=heard,
        made_by=sample.made_by("occlusion"),
    )


def _rounded(values: Numbers) -> tuple[float, ...]:
    """Round to what is worth keeping."""
    return tuple(round(float(value), 4) for value in values)
