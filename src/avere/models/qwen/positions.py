"""Placeholder runs and 3-D rotary positions of Qwen2.5-Omni prompts, computed by whole blocks.

Every token has three positions: time, height and width. Words and sounds advance all three by one a token. A
video's tokens lie in a grid: time advances by 25 a second, height and width over the merged patches; what
follows begins after the largest of all.

A word, a video of two steps a second apart and 4 x 4 patches (2 x 2 merged), and a word:

>>> expander = Expander(TokenIds(video=9, audio=8, audio_start=7, audio_end=6), Timing())
>>> layout = expander.expand([1, 9, 2], [VideoShape((2, 4, 4), seconds_per_step=1.0)], [])
>>> layout.tokens.tolist()
[1, 9, 9, 9, 9, 9, 9, 9, 9, 2]
>>> for axis in layout.positions.tolist():
...     print(axis)
[0, 1, 1, 1, 1, 26, 26, 26, 26, 27]
[0, 1, 1, 2, 2, 1, 1, 2, 2, 27]
[0, 1, 2, 1, 2, 1, 2, 1, 2, 27]
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from jaxtyping import Int64, Real

Positions = Real[np.ndarray, "3 length"]
Position = int | float | np.integer[Any] | np.floating[Any]


class TokenIds(NamedTuple):
    """Ids of the tokens that stand for media."""

    video: int
    audio: int
    audio_start: int
    audio_end: int


class Timing(NamedTuple):
    """Constants of the model's clock and grid."""

    merge: int = 2
    positions_per_second: int = 25
    seconds_per_chunk: float = 2.0


class VideoShape(NamedTuple):
    """What a video's tokens span."""

    grid: tuple[int, int, int]
    seconds_per_step: float


class Expanded(NamedTuple):
    """A prompt whose placeholders stand once for every media token."""

    tokens: Int64[np.ndarray, " length"]
    positions: Positions


class Rules(Protocol):
    """How one generation of models lays out media; what is common to all is :func:`expand_prompt`."""

    @property
    def ids(self) -> TokenIds:
        """Tokens that stand for media."""

    @property
    def interleaved(self) -> bool:
        """Audio stands inside the video; the prompt then holds the video placeholder only."""

    def _replace(self, *, interleaved: bool) -> Self:
        """Lay out audio otherwise."""

    def expand(self, tokens: Sequence[int], videos: Sequence[VideoShape], audios: Sequence[int]) -> Expanded:
        """Expand a prompt; ``videos`` and ``audios`` (token counts) stand in its order."""

    def lay_video(self, shape: VideoShape) -> Positions:
        """Count positions of a video from zero."""

    def interleave(self, shape: VideoShape, audio_count: int, start: Position) -> tuple[Expanded, Position]:
        """Lay out audio start, video with audio inside, audio end; say where the prompt goes on."""


def expand_prompt(
    rules: Rules, tokens: Sequence[int], videos: Sequence[VideoShape], audios: Sequence[int]
) -> Expanded:
    """Expand a prompt by the rules of a generation; ``videos`` and ``audios`` stand in its order."""
    pending_videos, pending_audios, ids = iter(videos), iter(audios), rules.ids
    built: list[Expanded] = []
    start: Position = 0
    for run in _runs(np.asarray(tokens, dtype=np.int64), ids):
        if run[0] == ids.video and rules.interleaved:
            block, start = rules.interleave(next(pending_videos), next(pending_audios), start)
        elif run[0] == ids.video:
            positions = rules.lay_video(next(pending_videos)) + start
            block = Expanded(np.full(positions.shape[1], run[0]), positions)
            start = positions.max() + 1
        else:
            count = next(pending_audios) if run[0] == ids.audio else len(run)
            block = Expanded(run.repeat(count // len(run)), count_line(count, start))
            start += count
        built.append(block)
    return Expanded(
        np.concatenate([b.tokens for b in built]), np.concatenate([b.positions for b in built], axis=1)
    )


class Expander(NamedTuple):
    """The rules of Qwen2.5-Omni: whole positions; audio inside a video in chunks of some seconds."""

    ids: TokenIds
    timing: Timing
    interleaved: bool = False

    def expand(self, tokens: Sequence[int], videos: Sequence[VideoShape], audios: Sequence[int]) -> Expanded:
        """Expand a prompt; ``videos`` and ``audios`` (token counts) stand in its order."""
        return expand_prompt(self, tokens, videos, audios)

    def lay_video(self, shape: VideoShape) -> Positions:
        """Count positions of a video from zero; time is truncated in float32 as the library does."""
        seconds = np.arange(shape.grid[0], dtype=np.float32) * np.float32(shape.seconds_per_step)
        time = (seconds * np.float32(self.timing.positions_per_second)).astype(np.int64)
        return lay_grid(time, shape.grid, self.timing.merge)

    def interleave(self, shape: VideoShape, audio_count: int, start: Position) -> tuple[Expanded, Position]:
        """Lay out audio start, alternating chunks of video and audio, audio end.

        Vision start and audio start share a position; so do audio end and vision end, which comes next.
        """
        video, audio = self.lay_video(shape) + start, count_line(audio_count, start)
        span = self.timing.positions_per_second * self.timing.seconds_per_chunk
        per_step = video.shape[1] // shape.grid[0]
        exact = np.arange(shape.grid[0]) * shape.seconds_per_step * self.timing.positions_per_second
        video_cuts = _chunks(exact.repeat(per_step), span)
        audio_cuts = _chunks(np.arange(audio_count), span)
        parts = [(self.ids.audio_start, count_line(1, start - 1))]
        for index in range(max(len(video_cuts), len(audio_cuts))):
            parts += [(self.ids.video, video[:, cut]) for cut in video_cuts[index : index + 1]]
            parts += [(self.ids.audio, audio[:, cut]) for cut in audio_cuts[index : index + 1]]
        end = parts[-1][1].max() + 1
        parts.append((self.ids.audio_end, count_line(1, end)))
        return join_parts(parts), end


def lay_grid(time: Real[np.ndarray, " steps"], grid: tuple[int, int, int], merge: int) -> Positions:
    """Count the positions of merged patches, given those of the steps."""
    _, high, wide = grid
    axes = np.meshgrid(time, np.arange(high // merge), np.arange(wide // merge), indexing="ij")
    return np.stack([axis.ravel() for axis in axes])


def join_parts(parts: Sequence[tuple[int, Real[np.ndarray, "3 _"]]]) -> Expanded:
    """Put runs of one token each behind one another."""
    tokens = np.concatenate([np.full(positions.shape[1], token) for token, positions in parts])
    return Expanded(tokens, np.concatenate([positions for _, positions in parts], axis=1))


def count_line(count: int, start: Position) -> Positions:
    """Count positions that advance by one along all three axes."""
    return np.broadcast_to(np.arange(count) + start, (3, count))


def _runs(tokens: Int64[np.ndarray, " length"], ids: TokenIds) -> list[Int64[np.ndarray, " run"]]:
    """Cut a prompt before and after every media placeholder."""
    special = np.flatnonzero((tokens == ids.video) | (tokens == ids.audio))
    cuts = np.unique(np.concatenate([special, special + 1]))
    return [run for run in np.split(tokens, cuts) if len(run)]


def _chunks(times: np.ndarray, span: float) -> list[slice]:
    """Cut rising times where each next multiple of ``span`` is reached, one cut a token at most."""
    cuts, begin, chunk = [], 0, 1
    for index, time in enumerate(times):
        if time >= chunk * span:
            cuts.append(slice(begin, index))
            begin, chunk = index, chunk + 1
    return [*cuts, slice(begin, len(times))]
