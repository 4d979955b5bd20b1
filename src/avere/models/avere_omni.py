"""AVERE-7B and models of its build: they answer, score and train; `avere convert` makes their folders."""

from pathlib import Path

from avere import settings
from avere.interfaces import ModelAbilities
from avere.models.avere_7b.family import FAMILY
from avere.models.avere_7b.options import AvereOptions
from avere.models.packing.loading import load_model
from avere.models.packing.model import LocalModel
from avere.models.packing.ownership import is_claimed

OFFICIAL = ("avere", "videollava")
"""What official checkpoints call themselves, and nobody else."""

ABILITIES = ModelAbilities(
    "a folder that `avere convert avere-7b` made", ("video", "audio"), scores=True, trains=True,
    needs=("torch", "transformers", "peft"), extra="train",
)  # fmt: skip


def handles(source: str) -> bool:
    """True where a folder or hub repository holds a model of this family, or an adapter of one.

    Official checkpoints are claimed as well, for `load` to say how they are converted.
    """
    return is_claimed(source, FAMILY.name, (*FAMILY.model_types, *OFFICIAL))


def load(source: str | Path, **options: object) -> LocalModel:
    """Load a model; ``options`` are the fields of :class:`AvereOptions`.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    return load_model(FAMILY, source, settings.check(options, AvereOptions, f"options for '{source}'"))
