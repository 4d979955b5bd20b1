"""avere: faithful emotion reasoning in audio-visual language models."""

from pathlib import Path
from typing import Any

__version__ = "0.1.0"


def load(source: str | Path, **options: object) -> Any:
    """Load a model: ``avere.load("tiny").ask("clip.mp4", "What do you see?")``.

    Args:
        source: ``tiny``, ``scripted:RULE``, a model or adapter folder, or a hub repository.
        options: fields of the model's options, such as ``adapter="runs/avem"`` or ``device="cuda"``.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    from avere import models

    return models.load(source, **options)
