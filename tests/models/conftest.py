"""Two short clips and the smallest thinker."""

from pathlib import Path

import numpy as np
import pytest

from avere import media
from avere.models import qwen_omni, tiny

WORDS = "what do you hear see why the person smiles laughs cries yes no because of a red shirt rain"


def write_clip(path: Path, seed: int, seconds: float = 0.8) -> Path:
    random = np.random.default_rng(seed)
    frames = np.repeat(random.integers(0, 255, (8, 8, 8, 3), dtype=np.uint8), 8, axis=1).repeat(8, axis=2)
    pitch = 200 * (seed + 1)
    time = np.arange(int(16_000 * seconds)) / 16_000
    wave = (0.3 * np.sin(2 * np.pi * pitch * time)).astype(np.float32)
    media.write_video(path, frames, fps=8 / seconds, wave=wave, rate=16_000)
    return path


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return [write_clip(folder / f"clip {seed}.mp4", seed) for seed in range(3)]


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Return the folder of an untrained smallest thinker."""
    folder = tmp_path_factory.mktemp("base")
    tiny.build(tiny.smallest(), [WORDS], folder, seed=0)
    return folder


@pytest.fixture
def model(base):
    return qwen_omni.load(base, dtype="float32", device="cpu")
