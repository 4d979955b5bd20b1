"""The reference's log-probabilities, read once before training and kept on disk for later runs."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import torch
from accelerate.utils import send_to_device
from pydantic import Strict, TypeAdapter, ValidationError

from avere.errors import AvereError
from avere.interfaces import Candidate, NamesCandidates, Trainable
from avere.preference.batches import PairSource, make_part
from avere.preference.trainer import PreferenceTrainer, run_forward, steady_module
from avere.records import PreferencePair, jsonl

NUMBERS = TypeAdapter(dict[str, Annotated[float, Strict()]])
"""What a line of the store holds."""


class Store:
    """Numbers by key in a folder; every process writes a file of its own, so that none waits for another.

    A line holds what one forward gave: a kill tears at most the last line, which is then not counted. Nor is
    a line that was damaged since; its numbers are computed again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: dict[str, float] = {}
        self._own = folder / f"{uuid4().hex}.jsonl"
        self.refresh()

    def refresh(self) -> None:
        """Read what any process has written."""
        for file in sorted(self.folder.glob("*.jsonl")):
            for _, line in jsonl.lines(file):
                if line.endswith(b"\n"):
                    self.values.update(_numbers(line))

    def add(self, values: dict[str, float]) -> None:
        """Keep the numbers of one forward."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._own.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        self.values.update(values)


def _numbers(line: bytes) -> dict[str, float]:
    """Read the numbers of a line by their keys; none of a damaged one."""
    try:
        return NUMBERS.validate_json(line)
    except ValidationError:
        return {}


def fill(trainer: PreferenceTrainer, base: str, folder: Path, pairs: Sequence[PreferencePair]) -> int:
    """Give the trainer the reference's value of every reading of these pairs; return how many were computed.

    The model must still be what it was before training. Processes share the work, and what is on disk
    is not computed again.

    Args:
        trainer: before its first step.
        base: fingerprint of the model before training.
        folder: of the numbers.
        pairs: to learn from and held out.

    Raises:
        AvereError: the model cannot tell candidates apart, or processes do not share the folder.
    """
    model, accelerator = trainer.trainable, trainer.accelerator
    if not isinstance(model, NamesCandidates):
        raise AvereError(
            f"{type(model).__name__} cannot name what it reads, so no number can be kept; "
            "set cache_reference=false"
        )
    groups = list(_groups(pairs, trainer.objective.source, trainer.args.per_device_train_batch_size))
    kind = str(accelerator.mixed_precision)
    keys = {each: key(base, model.candidate_digest(each), kind) for group in groups for each in group}
    store, count = Store(folder), 0
    with torch.no_grad(), steady_module(model.module), accelerator.autocast():
        for group in groups[accelerator.process_index :: accelerator.num_processes]:
            unknown = [each for each in group if keys[each] not in store.values]
            if unknown:
                found = _read(model, unknown, trainer.args.device)
                store.add(dict(zip((keys[each] for each in unknown), found, strict=True)))
                count += len(unknown)
    accelerator.wait_for_everyone()
    store.refresh()
    absent = sum(name not in store.values for name in keys.values())
    if absent:
        raise AvereError(
            f"{absent} of {len(keys)} reference values are not in '{folder}', which processes do not share; "
            "give a run.cache that they do"
        )
    trainer.reference_values.update({each: store.values[name] for each, name in keys.items()})
    return count


def key(base: str, candidate: str, kind: str) -> str:
    """Name a number by weights, candidate and the type it was computed in.

    >>> key("weights", "candidate", "no") == key("weights", "candidate", "bf16")
    False
    """
    return hashlib.sha256(f"{base} {candidate} {kind}".encode()).hexdigest()


def _groups(
    pairs: Sequence[PreferencePair], source: PairSource, size: int
) -> Iterator[tuple[Candidate, ...]]:
    """Yield the reference's candidates of a few records at a time, each candidate once, in a fixed order."""
    seen: set[Candidate] = set()
    for start in range(0, len(pairs), size):
        candidates = make_part(pairs[start : start + size], source.views.reference, source).candidates
        fresh = tuple(each for each in candidates if each not in seen)
        seen.update(fresh)
        if fresh:
            yield fresh


def _read(model: Trainable[Any], candidates: Iterable[Candidate], device: torch.device) -> list[float]:
    """Return the model's values of some candidates."""
    encoded = send_to_device(model.encode(list(candidates)), device)
    values: list[float] = run_forward(model.module, encoded).tolist()
    return values
