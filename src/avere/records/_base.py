"""What all records share: frozen, strict, exact in JSON, paths relative to their file."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer

MediaPath = Annotated[Path, PlainSerializer(lambda path: path.as_posix(), return_type=str)]
"""A path that is written with forward slashes on every system."""


class Record(BaseModel):
    """A noun of the project: frozen, strict, unknown fields refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    def moved(self, change: Callable[[Path], Path]) -> Self:
        """Return a copy in which ``change`` was applied to every path, nested records included."""
        updates: dict[str, object] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Path):
                updates[name] = change(value)
            elif isinstance(value, Record):
                updates[name] = value.moved(change)
        return self.model_copy(update=updates)
