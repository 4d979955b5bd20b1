"""Forms in which questions and pairs are shared: one module a form, found by name.

A module has ``MEDIA``, the ways in which it can place media, the usual one first, and
``write(material, out, options) -> Written``.
"""

from avere.construct.formats._material import LeftOut, Material, Options, Way, Written, chosen, gather
from avere.construct.formats._shelf import Shelf

__all__ = ["LeftOut", "Material", "Options", "Shelf", "Way", "Written", "chosen", "gather"]
