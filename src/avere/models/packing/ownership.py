"""Whose a folder is: the family that saved it, that of its weights, or that of its adapter's base.

``avere.json`` beside saved weights and adapters names the family. Folders of other tools and of earlier
versions hold no such name; then ``config.json`` decides, and for an adapter alone that of its base.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from avere import files
from avere.errors import AvereError

AGAIN = "copy or download the model again"
STORED = "avere.json"
"""In a model or adapter folder: its family, and the inputs it was made for."""
ADAPTER = "adapter_config.json"
CONFIG = "config.json"
FAMILY = "family"


def locate_folder(source: str | Path, wanted: Sequence[str]) -> Path:
    """Find the folder of a local model or of a hub download of the ``wanted`` files.

    ``OWNER/NAME@REVISION`` takes one commit, branch or tag of a repository. The folder of a download is named
    by its commit.

    Raises:
        AvereError: neither a folder nor a repository that can be reached.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name, _, revision = str(source).partition("@")
    try:
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=list(wanted)))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise AvereError(
            f"cannot find the model '{source}': no such folder, and the hub gave no such repository "
            f"({type(error).__name__}); give a folder with config.json, or a repository name and a connection"
        ) from error


def read_json(file: Path) -> dict[str, Any]:
    """Read a settings file of a model folder; empty where there is none.

    Raises:
        AvereError: it is not JSON, or no object.
    """
    content = files.read_json(file, AGAIN) if file.is_file() else {}
    if not isinstance(content, dict):
        raise AvereError(f"'{file}' holds no JSON object; {AGAIN}")
    return content


def stored_inputs(folder: Path) -> dict[str, Any]:
    """Read the inputs that a folder's model was made for; empty where nothing tells."""
    return {name: value for name, value in read_json(folder / STORED).items() if name != FAMILY}


def family_in(folder: Path) -> str | None:
    """Read the name of the family that saved a folder; None where nothing tells."""
    named = read_json(folder / STORED).get(FAMILY)
    return None if named is None else str(named)


def is_claimed(source: str | Path, family: str, model_types: Sequence[str]) -> bool:
    """True where a folder or hub repository is of this family.

    Raises:
        AvereError: there is no such folder or repository, or a file of it is torn.
    """
    folder = locate_folder(source, (CONFIG, ADAPTER, STORED))
    named = family_in(folder)
    if named is not None:
        return named == family
    if (folder / CONFIG).is_file() or not (folder / ADAPTER).is_file():
        return read_json(folder / CONFIG).get("model_type") in model_types
    base = _base_config(folder)
    return base is not None and base.get("model_type") in model_types


def base_of(folder: Path) -> str:
    """Name the base of an adapter folder.

    Raises:
        AvereError: the adapter names none.
    """
    base = read_json(folder / ADAPTER).get("base_model_name_or_path")
    if not isinstance(base, str) or not base:
        raise AvereError(
            f"the adapter '{folder}' names no base model; load its base with the option adapter='{folder}'"
        )
    return base


def why_unclaimed(source: str | Path) -> str | None:
    """Say why no family claims a folder that some tool saved; None where it is no model or adapter at all."""
    folder = locate_folder(source, (CONFIG, ADAPTER, STORED))
    named = family_in(folder)
    if named is not None:
        return (
            f"'{source}' was saved by the family '{named}' ({STORED}), which no module here handles; "
            "use the version of avere that saved it"
        )
    if (folder / CONFIG).is_file():
        model_type = read_json(folder / CONFIG).get("model_type")
        return f"'{source}' holds a model of type {model_type!r}, which no family here handles"
    if not (folder / ADAPTER).is_file():
        return None
    base, config = base_of(folder), _base_config(folder)
    found = "cannot be found" if config is None else f"is of type {config.get('model_type')!r}"
    return (
        f"'{source}' is an adapter of '{base}', which {found}, and no family here handles it; "
        f"load a base that is handled, with adapter='{source}'"
    )


def _base_config(folder: Path) -> dict[str, Any] | None:
    """Read the configuration of an adapter's base; None where the base cannot be found."""
    base = read_json(folder / ADAPTER).get("base_model_name_or_path")
    try:
        found = locate_folder(str(base), (CONFIG,)) if base else None
    except AvereError:
        return None
    return None if found is None or not (found / CONFIG).is_file() else read_json(found / CONFIG)
