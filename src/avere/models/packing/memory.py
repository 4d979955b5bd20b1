"""The latest few of what is expensive to find, in memory."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Remembers the values that were asked for last; None is nothing to remember.

    >>> memory = Memory[str](size=2)
    >>> [memory.get(name, lambda name=name: name.upper()) for name in "abca"]
    ['A', 'B', 'C', 'A']
    >>> memory.get("c", lambda: "again"), memory.get("b", lambda: "again")
    ('C', 'again')
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str, find: Callable[[], T]) -> T:
        """Return the value of a name, from memory or found now."""
        value = self._values.pop(name) if name in self._values else find()
        if value is not None:
            self._values[name] = value
        while len(self._values) > self.size:
            self._values.popitem(last=False)
        return value
