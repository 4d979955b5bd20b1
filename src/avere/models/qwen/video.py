"""Frames as Qwen's vision encoder wants them: resized, normalised, cut into patches, without torchvision."""

import math

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from avere.errors import MediaError
from avere.settings import Settings

MAX_ASPECT_RATIO = 200


class VideoLayout(Settings):
    """How frames become patches; the values are those of the published Qwen2.5-Omni processor."""

    patch: int = 14
    merge: int = 2
    pair: int = 2
    """Frames in one temporal step."""
    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)
    min_pixels: int = 128 * 784
    """Smallest area of a frame; the Omni processor's own default, which wins over the stored one."""
    max_pixels: int = 768 * 784
    size: tuple[int, int] | None = None
    """Exact height and width; wins over the two areas."""


def target_size(height: int, width: int, layout: VideoLayout) -> tuple[int, int]:
    """Choose the height and width that frames are resized to: multiples of patch * merge.

    Raises:
        MediaError: the frames are too elongated.
    """
    if layout.size is not None:
        return layout.size
    if max(height, width) > MAX_ASPECT_RATIO * min(height, width):
        raise MediaError(
            f"frames of {width}x{height} pixels are too elongated (limit {MAX_ASPECT_RATIO}:1); crop them"
        )
    step = layout.patch * layout.merge
    rounded = round(height / step) * step, round(width / step) * step
    area = rounded[0] * rounded[1]
    if area > layout.max_pixels:
        shrink = math.sqrt(height * width / layout.max_pixels)
        return max(step, math.floor(height / shrink / step) * step), max(
            step, math.floor(width / shrink / step) * step
        )
    if area < layout.min_pixels:
        grow = math.sqrt(layout.min_pixels / (height * width))
        return math.ceil(height * grow / step) * step, math.ceil(width * grow / step) * step
    return rounded


def resize(
    frames: UInt8[Tensor, "time height width 3"], layout: VideoLayout
) -> UInt8[Tensor, "time 3 high wide"]:
    """Resize frames with the antialiased bicubic filter on bytes; values equal the library's."""
    channels_first = frames.permute(0, 3, 1, 2).contiguous()
    size = target_size(frames.shape[1], frames.shape[2], layout)
    if size == tuple(channels_first.shape[2:]):
        return channels_first
    return interpolate(channels_first, size=size, mode="bicubic", antialias=True, align_corners=False)


def patches(
    frames: UInt8[Tensor, "time 3 high wide"], layout: VideoLayout
) -> Float[Tensor, "patches values"]:
    """Normalise resized frames and cut them into rows.

    Rows run over time step, merge block, place in the block; a row over channel, frame of the pair, y, x.
    An odd number of frames repeats the last one.
    """
    missing = -frames.shape[0] % layout.pair
    frames = torch.cat([frames, frames[-1:].expand(missing, -1, -1, -1)]) if missing else frames
    mean = torch.tensor(layout.mean).view(3, 1, 1) * 255
    std = torch.tensor(layout.std).view(3, 1, 1) * 255
    steps, high, wide = grid(frames, layout)
    blocks = ((frames.float() - mean) / std).view(
        steps, layout.pair, 3,
        high // layout.merge, layout.merge, layout.patch,
        wide // layout.merge, layout.merge, layout.patch,
    )  # fmt: skip
    return blocks.permute(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(steps * high * wide, -1)


def grid(frames: UInt8[Tensor, "time 3 high wide"], layout: VideoLayout) -> tuple[int, int, int]:
    """Count temporal steps, and patches down and across."""
    time, _, high, wide = frames.shape
    return -(-time // layout.pair), high // layout.patch, wide // layout.patch


def token_count(shape: tuple[int, int, int], layout: VideoLayout) -> int:
    """Count the tokens that the encoder makes of a grid."""
    return math.prod(shape) // layout.merge**2
