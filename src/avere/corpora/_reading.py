"""Reading a corpus by its name, with options checked."""

from collections.abc import Iterator, Mapping
from inspect import Parameter, signature
from pathlib import Path

from pydantic import ValidationError, validate_call

from avere import catalogue
from avere.errors import AvereError
from avere.interfaces import CorpusModule
from avere.records import Clip

PACKAGE = "avere.corpora"


def read(name: str, root: Path, options: Mapping[str, object] | None = None) -> Iterator[Clip]:
    """Read the clips of a corpus; without options all of them, options only narrow.

    Raises:
        AvereError: no such corpus, an option it does not have, or its files are not there.
    """
    module = catalogue.find(PACKAGE, name, CorpusModule)
    try:
        found: Iterator[Clip] = validate_call(module.clips)(root, **(options or {}))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        known = ", ".join(choices(module)) or "none"
        raise AvereError(f"options of corpus '{name}': {faults}. It has: {known}") from error
    return found


def choices(module: CorpusModule) -> tuple[str, ...]:
    """List the options of a corpus."""
    parameters = signature(module.clips).parameters.values()
    return tuple(one.name for one in parameters if one.kind is Parameter.KEYWORD_ONLY)
