"""Forms in which questions and pairs are shared: one module a form, found by name.

A module has ``MEDIA``, the ways in which it can place media, the usual one first, and
``write(data, out, options) -> Written``.
"""

from avere.exchange.formats._folder import (
    DataFolder,
    FormatOptions,
    LeftOut,
    Way,
    Written,
    choose_way,
    open_folder,
)
from avere.exchange.formats._shelf import Shelf

__all__ = ["DataFolder", "FormatOptions", "LeftOut", "Shelf", "Way", "Written", "choose_way", "open_folder"]
