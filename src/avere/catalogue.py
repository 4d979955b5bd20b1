"""Finding modules by name: a folder of modules is the registry."""

import pkgutil
from importlib import import_module
from types import ModuleType

from avere.errors import unknown_name


def names(package: str) -> tuple[str, ...]:
    """Return the public module names of a package, sorted; packages inside it do not count.

    >>> "sft" in names("avere.preference.losses")
    True
    """
    paths = import_module(package).__path__
    return tuple(
        sorted(m.name for m in pkgutil.iter_modules(paths) if not (m.ispkg or m.name.startswith("_")))
    )


def find(package: str, name: str) -> ModuleType:
    """Import and return the module ``name`` of a package.

    Raises:
        AvereError: no such module; the text suggests the nearest name.
    """
    known = names(package)
    if name not in known:
        raise unknown_name(f"module of {package}", name, known)
    return import_module(f"{package}.{name}")
