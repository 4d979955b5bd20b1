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
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

Positions = Int64[np.ndarray, "3 length"]


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


class Expander(NamedTuple):
    """Turns prompts with one placeholder a medium into tokens and positions."""

    ids: TokenIds
    timing: Timing
    interleaved: bool = False
    """Audio stands in chunks inside the video; the prompt then holds the video placeholder only."""

    def expand(self, tokens: Sequence[int], videos: Sequence[VideoShape], audios: Sequence[int]) -> Expanded:
        """Expand a prompt; ``videos`` and ``audios`` (token counts) stand in its order."""
        pending_videos, pending_audios = iter(videos), iter(audios)
        built: list[Expanded] = []
        start = 0
        for run in _runs(np.asarray(tokens, dtype=np.int64), self.ids):
            if run[0] == self.ids.video and self.interleaved:
                block = self._interleave(next(pending_videos), next(pending_audios), start)
                start = int(block.positions[0, -1])
            elif run[0] == self.ids.video:
                positions = self._video(next(pending_videos)) + start
                block = Expanded(np.full(positions.shape[1], run[0]), positions)
                start = int(positions.max()) + 1
            else:
                count = next(pending_audios) if run[0] == self.ids.audio else len(run)
                block = Expanded(run.repeat(count // len(run)), _line(count, start))
                start += count
            built.append(block)
        return Expanded(
            np.concatenate([b.tokens for b in built]), np.concatenate([b.positions for b in built], axis=1)
        )

    def _video(self, shape: VideoShape) -> Positions:
        """Count positions of a video from zero; time is truncated in float32 as the library does."""
        steps, high, wide = shape.grid
        seconds = np.arange(steps, dtype=np.float32) * np.float32(shape.seconds_per_step)
        time = (seconds * np.float32(self.timing.positions_per_second)).astype(np.int64)
        down, across = np.arange(high // self.timing.merge), np.arange(wide // self.timing.merge)
        return np.stack([axis.ravel() for axis in np.meshgrid(time, down, across, indexing="ij")])

    def _interleave(self, shape: VideoShape, audio_count: int, start: int) -> Expanded:
        """Lay out audio start, alternating chunks of video and audio, audio end.

        Vision start and audio start share a position; so do audio end and vision end, which comes next.
        """
        video, audio = self._video(shape) + start, _line(audio_count, start)
        span = self.timing.positions_per_second * self.timing.seconds_per_chunk
        per_step = video.shape[1] // shape.grid[0]
        exact = np.arange(shape.grid[0]) * shape.seconds_per_step * self.timing.positions_per_second
        video_cuts = _chunks(exact.repeat(per_step), span)
        audio_cuts = _chunks(np.arange(audio_count), span)
        parts = [(self.ids.audio_start, _line(1, start - 1))]
        for index in range(max(len(video_cuts), len(audio_cuts))):
            parts += [(self.ids.video, video[:, cut]) for cut in video_cuts[index : index + 1]]
            parts += [(self.ids.audio, audio[:, cut]) for cut in audio_cuts[index : index + 1]]
        end = int(parts[-1][1].max()) + 1
        parts.append((self.ids.audio_end, _line(1, end)))
        tokens = np.concatenate([np.full(positions.shape[1], token) for token, positions in parts])
        return Expanded(tokens, np.concatenate([positions for _, positions in parts], axis=1))


def _line(count: int, start: int) -> Positions:
    """Count positions that advance by one along all three axes."""
    return np.broadcast_to(np.arange(start, start + count), (3, count))


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
