"""Waves as Qwen's audio encoder wants them: log-mel frames, padded to a window before the transform."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor
from transformers import WhisperFeatureExtractor

from avere.errors import MediaError

PADDED = 30.0
"""Seconds to which every wave is padded where the window is longer; more would change nothing, slowly."""


class Mel(NamedTuple):
    """Log-mel features of one wave."""

    features: Float[Tensor, "bins frames"]
    """All frames of the window, padding included."""
    valid: int
    """How many of the first frames hold signal."""


def mel(wave: Float32[np.ndarray, " samples"], extractor: WhisperFeatureExtractor, seconds: float) -> Mel:
    """Compute log-mel features of a mono wave; what exceeds the window is cut.

    The wave is padded with zeros first, as the published processor does, because the last frames see the
    padding: to ``seconds``, or where these are many, to PADDED or as far as any of its frames reaches.

    Raises:
        MediaError: the wave is empty.
    """
    if wave.size == 0:
        raise MediaError("the sound holds no samples; give a longer clip or leave the audio out")
    window = round(seconds * extractor.sampling_rate)
    reached = -(-(wave.size + extractor.n_fft) // extractor.hop_length) * extractor.hop_length
    window = min(window, max(reached, round(PADDED * extractor.sampling_rate)))
    output = extractor(
        wave,
        sampling_rate=extractor.sampling_rate,
        padding="max_length",
        max_length=window,
        return_attention_mask=True,
        return_tensors="np",
    )
    return Mel(torch.from_numpy(output["input_features"][0]), int(output["attention_mask"].sum()))


def token_count(frames: int) -> int:
    """Count the tokens that the encoder makes of mel frames: a strided convolution, then pooling by two."""
    return max(0, ((frames - 1) // 2 + 1 - 2) // 2 + 1)
