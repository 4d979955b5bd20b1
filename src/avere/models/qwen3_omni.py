"""Qwen3-Omni thinkers, with experts: they answer, score and train."""

from pathlib import Path

from avere import settings
from avere.interfaces import ModelAbilities
from avere.models.packing.loading import load_model
from avere.models.packing.model import LocalModel
from avere.models.packing.ownership import is_claimed
from avere.models.qwen.options import QwenOptions
from avere.models.qwen3.family import FAMILY

ABILITIES = ModelAbilities(
    "a folder or hub repository, Qwen/Qwen3-Omni-30B-A3B-Instruct", ("video", "audio"), scores=True,
    trains=True, needs=("torch", "transformers", "peft"), extra="train",
)  # fmt: skip


def handles(source: str) -> bool:
    """True where a folder or hub repository holds a model of this family, or an adapter of one."""
    return is_claimed(source, FAMILY.name, FAMILY.model_types)


def load(source: str | Path, **options: object) -> LocalModel:
    """Load a model; ``options`` are the fields of :class:`QwenOptions`.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    return load_model(FAMILY, source, settings.check(options, QwenOptions, f"options for '{source}'"))


def example(folder: Path) -> LocalModel:
    """Make the smallest instance, for tests of what every model must do."""
    from avere.models.qwen3 import smallest

    smallest.build(folder)
    return load(folder)
