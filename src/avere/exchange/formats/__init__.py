"""Forms in which questions and pairs are shared: one module a form, found by name.

A module has ``MEDIA``, the ways in which it can place media, the usual one first, and
``write(data, out, options) -> Written``.
"""

from avere.exchange.formats._folder import DataFolder, LeftOut, Options, Way, Written, chosen, gather
from avere.exchange.formats._shelf import Shelf

__all__ = ["DataFolder", "LeftOut", "Options", "Shelf", "Way", "Written", "chosen", "gather"]
