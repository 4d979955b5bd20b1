"""Frames as the video encoder gets them: normalised, scaled by their short side, cropped."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue, as CLIP was trained."""


def prepare_frames(
    frames: UInt8[np.ndarray, "frames height width 3"], size: int, mean: Sequence[float], std: Sequence[float]
) -> Float[Tensor, "frames 3 size size"]:
    """Normalise frames, scale their short side to ``size`` (bilinear) and crop the middle."""
    pixels = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float() / 255
    pixels = (pixels - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
    high, wide = pixels.shape[2:]
    short = min(high, wide)
    target = int(high / short * size), int(wide / short * size)
    scaled = interpolate(pixels, size=target, mode="bilinear", align_corners=False)
    top, left = round((target[0] - size) / 2), round((target[1] - size) / 2)
    return scaled[:, :, top : top + size, left : left + size]
