"""Finding modules by name: a folder of modules is the registry, and a protocol says what each must offer."""

import inspect
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Generic, Protocol, TypeVar, cast

from avere.errors import AvereError, unknown_name

C = TypeVar("C")


def names(package: str) -> tuple[str, ...]:
    """List the public modules of a package by name, sorted; packages inside it do not count.

    >>> "sft" in names("avere.preference.losses")
    True
    """
    paths = import_module(package).__path__
    return tuple(
        sorted(m.name for m in pkgutil.iter_modules(paths) if not (m.ispkg or m.name.startswith("_")))
    )


def find(package: str, name: str, contract: type[C]) -> C:
    """Import the module ``name`` of a package as what a protocol says.

    Raises:
        AvereError: no such module (the text suggests the nearest name), or one that breaks the contract (it
            names the file and all that it lacks).
    """
    known = names(package)
    if name not in known:
        raise unknown_name(f"module of {package}", name, known)
    module = import_module(f"{package}.{name}")
    if lacks := lacking(module, contract):
        raise AvereError(
            f"'{module.__file__}' is no {contract.__name__}, for it lacks {', '.join(lacks)}; write them as "
            f"{contract.__module__}.{contract.__name__} says, or begin the file's name with an underscore"
        )
    return cast(C, module)


def able(package: str, contract: type) -> tuple[str, ...]:
    """List the modules of a package that keep a contract which others there need not keep."""
    return tuple(name for name in names(package) if not lacking(import_module(f"{package}.{name}"), contract))


def lacking(module: ModuleType, contract: type) -> list[str]:
    """List the names of a protocol that a module lacks, or that it uses for what cannot be called."""
    kinds = [kind for kind in contract.__mro__ if kind not in (Protocol, Generic, object)]
    wanted = {name for kind in kinds for name in (*vars(kind), *inspect.get_annotations(kind))}
    return sorted(
        name
        for name in wanted
        if not name.startswith("_")
        and (not hasattr(module, name) or (hasattr(contract, name) and not callable(getattr(module, name))))
    )
