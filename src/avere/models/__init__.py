"""Models behind one interface: each public module of this folder is one adapter, found by name."""

from pathlib import Path
from typing import Any

from avere import catalogue
from avere.errors import AvereError
from avere.interfaces import Model, ModelModule

PACKAGE = "avere.models"


def load(source: str | Path, **options: Any) -> Model:
    """Load a model.

    Args:
        source: a module of this folder with an argument, ``scripted:always-yes``; a module alone, ``tiny``;
            a model behind an API, ``openai:MODEL@URL`` or ``gemini:MODEL``; else a folder or a hub
            repository, which goes to the first module that handles its kind.
        options: what the chosen module offers; explicit values win over those of the model's folder.

    Raises:
        AvereError: no module handles the source, the one that is named breaks its contract, or an option is
            wrong.
    """
    text = str(source)
    module = text.partition(":")[0]
    if module in catalogue.names(PACKAGE) and not Path(text).is_dir():
        return catalogue.find(PACKAGE, module, ModelModule).load(text, **options)
    return _handler(text).load(text, **options)


def _handler(source: str) -> ModelModule:
    """Find the first module that handles a source.

    A module that cannot be imported, breaks its contract or cannot judge the source is passed over, so that
    one broken file costs no other model. Only where nobody handles the source is its fault told: then it
    may be the module that was wanted.
    """
    faults: list[Exception] = []
    for name in catalogue.names(PACKAGE):
        try:
            module = catalogue.find(PACKAGE, name, ModelModule)
            if module.handles(source):
                return module
        except Exception as error:  # whatever a module does when it is imported or asked
            faults.append(error)
    reason = _reason(source, failed=bool(faults))
    # Each family that looks for the folder says the same of one that is not there.
    causes = tuple(dict.fromkeys(" ".join(str(fault).split()) for fault in faults))
    if len(causes) == 1 and reason is None:
        raise faults[0]
    if faults:
        told = "; ".join(causes)
        begin = reason or f"no module of {PACKAGE} handles '{source}'"
        raise AvereError(f"{begin}; a module that may have handled it failed: {told}") from faults[0]
    if reason is not None:
        raise AvereError(reason)
    raise AvereError(
        f"no module of {PACKAGE} handles '{source}'; known: {', '.join(catalogue.names(PACKAGE))}; "
        "give scripted:RULE, tiny, openai:MODEL@URL, gemini:MODEL, a folder of Qwen2.5-Omni, AVERE-7B or an "
        "adapter, or a hub repository"
    )


def _reason(source: str, *, failed: bool) -> str | None:
    """Say why no family claims a source; where a module failed, its fault says what is no folder or name."""
    from avere.models.packing.ownership import why_unclaimed

    try:
        return why_unclaimed(source)
    except AvereError:
        if failed:
            return None
        raise
