"""Models behind one interface: each public module of this folder is one adapter, found by name."""

from pathlib import Path
from typing import Any

from avere import catalogue
from avere.errors import AvereError

PACKAGE = "avere.models"


def load(source: str | Path, **options: object) -> Any:
    """Load a model.

    Args:
        source: a module of this folder with an argument, ``scripted:always-yes``; a module alone, ``tiny``;
            a model behind an API, ``openai:MODEL@URL`` or ``gemini:MODEL``; else a folder or a hub
            repository, which goes to the first module that handles its kind.
        options: what the chosen module offers; explicit values win over those of the model's folder.

    Raises:
        AvereError: no module handles the source, or an option is wrong.
    """
    text = str(source)
    module = text.partition(":")[0]
    names = catalogue.names(PACKAGE)
    if module in names and not Path(text).is_dir():
        return catalogue.find(PACKAGE, module).load(text, **options)
    for name in names:
        found = catalogue.find(PACKAGE, name)
        if found.handles(text):
            return found.load(text, **options)
    raise AvereError(
        f"no module of {PACKAGE} handles '{source}'; known: {', '.join(names)}; "
        "give scripted:RULE, tiny, openai:MODEL@URL, gemini:MODEL, a Qwen2.5-Omni or adapter folder, "
        "or a hub repository"
    )
