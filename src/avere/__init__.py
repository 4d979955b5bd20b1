"""avere: faithful emotion reasoning in audio-visual language models."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avere.interfaces import Model

__version__ = "0.1.0"


def load(source: str | Path, **options: Any) -> "Model":
    """Load a model: ``avere.load("tiny").ask("clip.mp4", "What do you see?")``.

    Every model answers; whether it also scores or trains, ``isinstance(model, Scorer)`` tells, with the
    protocols of `avere.interfaces`.

    Args:
        source: ``tiny``, ``scripted:RULE``, a model or adapter folder, or a hub repository.
        options: fields of the model's options, such as ``adapter="runs/avem"`` or ``device="cuda"``.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    from avere import models

    return models.load(source, **options)
