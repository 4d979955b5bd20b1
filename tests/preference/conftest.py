"""A tiny honest model and a few records, so that whole training runs take a second."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from avere import settings
from avere.interfaces import Candidate
from avere.media import write_sound, write_video
from avere.preference.recipe import TrainingRecipe
from avere.records import (
    Clip,
    Corruption,
    Corruptions,
    GroupReward,
    Medium,
    PreferencePair,
    Provenance,
    jsonl,
)

END, MEDIA, WIDTH = 256, 97, 12
MADE_BY = Provenance(version="test")


@dataclass(frozen=True)
class Encoded:
    """Padded bytes of prompt, response and end; which of them are scored; two media codes."""

    tokens: Tensor
    scored: Tensor
    media: Tensor

    def to(self, device: torch.device) -> "Encoded":
        return Encoded(self.tokens.to(device), self.scored.to(device), self.media.to(device))


class Reader(nn.Module):
    """A recurrent byte model whose first state tells of the media; a low-rank part can be added."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = nn.Embedding(END + 1, WIDTH)
        self.media = nn.Embedding(MEDIA, WIDTH)
        self.body = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, END + 1)
        self.down: nn.Parameter | None = None
        self.up: nn.Parameter | None = None
        self.dropout = nn.Dropout(0.0)
        self.replaced_by: list[nn.Module] = []
        self.adapted = True

    def forward(self, encoded: Encoded) -> Tensor:
        if self.replaced_by:
            answer: Tensor = self.replaced_by[0](encoded)
            return answer
        start = self.media(encoded.media).sum(dim=1)
        states, _ = self.body(self.bytes(encoded.tokens[:, :-1]), start[None])
        logits = self.head(states)
        if self.down is not None and self.up is not None and self.adapted:
            logits = logits + self.dropout(states) @ self.down @ self.up
        each = log_softmax(logits, dim=-1).gather(2, encoded.tokens[:, 1:, None]).squeeze(2)
        return (each * encoded.scored[:, 1:]).sum(dim=1)


class TinyModel:
    """The interfaces of ``Trainable`` and ``Tunable`` over a Reader; counts its forwards."""

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.module = Reader()
        self.fingerprint = f"tiny-{seed}"
        self.forwards: list[int] = []
        self.encoded: list[Candidate] = []
        self.module.register_forward_hook(lambda *call: self.forwards.append(len(call[2])))

    def encode(self, candidates: Sequence[Candidate]) -> Encoded:
        self.encoded += candidates
        texts = [r.prompt.text.encode() for r in candidates]
        answers = [[*r.response.encode(), END] for r in candidates]
        length = max(len(t) + len(a) for t, a in zip(texts, answers, strict=True))
        tokens, scored = torch.zeros(2, len(candidates), length, dtype=torch.long)
        for row, (text, answer) in enumerate(zip(texts, answers, strict=True)):
            tokens[row, : len(text) + len(answer)] = torch.tensor([*text, *answer])
            scored[row, len(text) : len(text) + len(answer)] = 1
        media = [[code(r.prompt.video), code(r.prompt.audio)] for r in candidates]
        return Encoded(tokens, scored, torch.tensor(media))

    def response_tokens(self, candidates: Sequence[Candidate]) -> list[int]:
        return [len(r.response.encode()) + 1 for r in candidates]

    def candidate_digest(self, candidate: Candidate) -> str:
        return hashlib.sha256(candidate.model_dump_json().encode()).hexdigest()

    @contextmanager
    def as_reference(self) -> Iterator[None]:
        self.module.adapted = False
        copy, self.module.replaced_by = getattr(self, "copy", None), []
        if copy is not None:
            self.module.replaced_by = [copy]
        try:
            yield
        finally:
            self.module.adapted, self.module.replaced_by = True, []

    def add_lora(
        self, *, rank: int, alpha: int, dropout: float, seed: int, dora: bool = False, experts: bool = False
    ) -> None:
        assert not dora
        assert not experts
        torch.manual_seed(seed)
        self.module.requires_grad_(requires_grad=False)
        self.module.down = nn.Parameter(torch.randn(WIDTH, rank) * alpha / rank)
        self.module.up = nn.Parameter(torch.zeros(rank, END + 1))
        self.module.dropout = nn.Dropout(dropout)

    def freeze_reference(self) -> None:
        self.copy = deepcopy(self.module)
        self.copy.requires_grad_(requires_grad=False)

    def save(self, folder: Path, state: dict[str, Tensor] | None = None) -> None:
        assert state is None
        safetensors.torch.save_file(self.module.state_dict(), folder / "tiny.safetensors")


def code(medium: Medium | None) -> int:
    """Return a number that tells media and their corruptions apart."""
    if medium is None:
        return 0
    name = f"{medium.path.name}{medium.corruption}"
    return 1 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % (MEDIA - 1)


def make_clip(number: int) -> Clip:
    return Clip(id=f"c{number}", video=Path(f"c{number}.mp4"), audio=Path(f"c{number}.wav"), source="test")


def make_pair(number: int, **changes: Any) -> PreferencePair:
    """Return a record about clip ``number``; its media are corrupted by the next clip's."""
    swap = Corruption(kind="clip", clip=f"c{number + 1}")
    given: dict[str, Any] = {
        "id": f"p{number}",
        "clip": f"c{number}",
        "target": ("audio", "video", "audiovisual")[number % 3],
        "prompt": "What shows it?",
        "chosen": f"a smile {number}",
        "spurious": f"the shirt {number}",
        "hallucinated": f"a frown {number}",
        "corruption": Corruptions(audio=swap, video=swap),
        "made_by": MADE_BY,
    }
    return PreferencePair(**{**given, **changes})


@pytest.fixture
def data(tmp_path: Path) -> Callable[..., dict[str, Path]]:
    """Write records and return what a recipe's ``data`` section says of them."""

    def write(pairs: Sequence[PreferencePair] | None = None, clips: int = 14) -> dict[str, Path]:
        chosen = [make_pair(number) for number in range(8)] if pairs is None else pairs
        jsonl.write(tmp_path / "pairs.jsonl", chosen)
        for number in range(clips):
            for path in (tmp_path / f"c{number}.mp4", tmp_path / f"c{number}.wav"):
                path.touch()
        jsonl.write(
            tmp_path / "clips.jsonl",
            (make_clip(number).moved(lambda path: tmp_path / path) for number in range(clips)),
        )
        return {"pairs": tmp_path / "pairs.jsonl", "clips": tmp_path / "clips.jsonl"}

    return write


@pytest.fixture
def recipe(data: Callable[..., dict[str, Path]]) -> Callable[..., TrainingRecipe]:
    """Return recipes over the tiny records; keyword arguments replace whole sections."""

    def make(**sections: Any) -> TrainingRecipe:
        optimiser = {
            "learning_rate": 0.01,
            "scheduler": "linear",
            "warmup_ratio": 0.1,
            "weight_decay": 0.0,
            "max_grad_norm": 1.0,
            "epochs": 2,
            "records_per_step": 4,
            "records_per_forward": 2,
        }
        given: dict[str, Any] = {
            "model": {"source": "tiny", "dtype": "float32"},
            "adapter": {"kind": "lora", "rank": 3, "alpha": 3},
            "loss": {"name": "avem_dpo"},
            "seed": 0,
            **sections,
        }
        given["optimiser"] = {**optimiser, **sections.get("optimiser", {})}
        if "data" not in given:
            given["data"] = data()
        return settings.check(given, TrainingRecipe, "test")

    return make


@pytest.fixture
def tiny() -> Callable[..., TinyModel]:
    """Return the maker of tiny models."""
    return TinyModel


@pytest.fixture
def pair() -> Callable[..., PreferencePair]:
    """Return the maker of records."""
    return make_pair


@pytest.fixture
def clips() -> dict[str, Clip]:
    """Fourteen clips by id."""
    return {clip.id: clip for clip in map(make_clip, range(14))}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two clips of a second, and six records about them that swap one for the other."""
    draw = np.random.default_rng([0])
    clips = []
    for name in ("c0", "c1"):
        clip = Clip(id=name, video=tmp_path / f"{name}.mp4", audio=tmp_path / f"{name}.wav", source="test")
        write_video(tmp_path / f"{name}.mp4", draw.integers(0, 255, (8, 56, 56, 3), dtype=np.uint8), 8)
        write_sound(tmp_path / f"{name}.wav", draw.uniform(-0.5, 0.5, 16000).astype(np.float32), 16000)
        clips.append(clip)
    noise = Corruption(kind="noise", level=1.0, seed=1)
    pairs = [
        make_pair(
            number,
            id=f"p{number}",
            clip=f"c{number % 2}",
            corruption=Corruptions(audio=swap, video=noise),
            group=GroupReward(reward=number % 2, mean=0.5, std=0.55, log_prob=-9.0),
        )
        for number in range(6)
        for swap in [Corruption(kind="clip", clip=f"c{1 - number % 2}")]
    ]
    jsonl.write(tmp_path / "pairs.jsonl", pairs)
    jsonl.write(tmp_path / "clips.jsonl", clips)
    return {"pairs": tmp_path / "pairs.jsonl", "clips": tmp_path / "clips.jsonl"}
