"""Placeholder runs and 3-D rotary positions of Qwen3-Omni prompts.

As in :mod:`avere.models.qwen.positions`, but time is not rounded to whole positions, and audio inside a video
is sorted into it token by token.

A word, a video of two steps 0.7 seconds apart and 4 x 4 patches (2 x 2 merged), and a word:

>>> ids = TokenIds(video=9, audio=8, audio_start=7, audio_end=6)
>>> rules = Qwen3Expander(ids, merge=2, positions_per_second=13)
>>> layout = rules.expand([1, 9, 2], [VideoShape((2, 4, 4), seconds_per_step=0.7)], [])
>>> [round(float(place), 1) for place in layout.positions[0]]
[0.0, 1.0, 1.0, 1.0, 1.0, 10.1, 10.1, 10.1, 10.1, 11.1]
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from avere.models.qwen.positions import (
    Expanded,
    Position,
    Positions,
    TokenIds,
    VideoShape,
    count_line,
    expand_prompt,
    join_parts,
    lay_grid,
)


class Qwen3Expander(NamedTuple):
    """The rules of Qwen3-Omni."""

    ids: TokenIds
    merge: int
    positions_per_second: int
    interleaved: bool = False

    def expand(self, tokens: Sequence[int], videos: Sequence[VideoShape], audios: Sequence[int]) -> Expanded:
        """Expand a prompt; ``videos`` and ``audios`` (token counts) stand in its order."""
        found = expand_prompt(self, tokens, videos, audios)
        return found._replace(positions=found.positions.astype(np.float32))

    def lay_video(self, shape: VideoShape) -> Positions:
        """Count positions of a video from zero."""
        seconds = np.arange(shape.grid[0], dtype=np.float32) * np.float32(shape.seconds_per_step)
        return lay_grid(seconds * np.float32(self.positions_per_second), shape.grid, self.merge)

    def interleave(self, shape: VideoShape, audio_count: int, start: Position) -> tuple[Expanded, Position]:
        """Lay out audio start, video and audio sorted by time with video first, audio end."""
        video, audio = self.lay_video(shape) + start + 1, count_line(audio_count, start + 1)
        # Before each token of sound stand the tokens of video up to its time.
        seen = np.searchsorted(video[0], audio[0], side="right")
        places = np.insert(np.full(video.shape[1], self.ids.video), seen, self.ids.audio)
        merged = np.insert(video.astype(np.float64), seen, audio, axis=1)
        # What is left when the other is used up is the run whose end counts.
        left = video[:, seen[-1] :] if seen[-1] < video.shape[1] else audio[:, seen == seen[-1]]
        end = left.max() + 1
        inside = Expanded(places, merged)
        first = join_parts([(self.ids.audio_start, count_line(1, start))])
        last = join_parts([(self.ids.audio_end, count_line(1, end))])
        parts = (first, inside, last)
        return (
            Expanded(
                np.concatenate([part.tokens for part in parts]),
                np.concatenate([part.positions for part in parts], axis=1),
            ),
            end + 1,
        )
