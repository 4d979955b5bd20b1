"""Two short clips, the smallest thinker, and a server that fails."""

from pathlib import Path

import numpy as np
import pytest

import avere
from avere import media
from avere.models import qwen_omni, tiny

from .fault_server import FaultServer

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


@pytest.fixture
def server():
    server = FaultServer()
    yield server
    server.over.set()


@pytest.fixture
def make(server, tmp_path):
    """Return a function that loads a model of the server; the cache is one file in all."""

    def load(**options):
        given = {"cache": tmp_path / "replies.sqlite", "wait": 0, "timeout": 30, "concurrency": 3}
        return avere.load(f"openai:m@{server.address}/v1", **(given | options))

    return load
