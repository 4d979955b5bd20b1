"""Krippendorff's alpha: how far judges agree beyond chance, by the library of that name."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from avere.errors import AvereError, install_extra

Coder = Mapping[str, float]
"""What one coder says of each unit that it could judge."""


def alpha(coders: Sequence[Coder], level: Literal["nominal", "interval"]) -> float | None:
    """Return Krippendorff's alpha over the units that at least two coders judged.

    1 is full agreement, 0 what chance gives; None where it does not exist, which is where fewer than two
    coders judged the same unit, or all of them said one and the same everywhere.

    Raises:
        AvereError: the library is not installed.
    """
    require()
    import krippendorff

    units = sorted({unit for coder in coders for unit in coder})
    shared = [unit for unit in units if sum(unit in coder for coder in coders) > 1]
    data = np.array([[coder.get(unit, np.nan) for unit in shared] for coder in coders])
    if len(np.unique(data[~np.isnan(data)])) < 2:
        return None
    return round(float(krippendorff.alpha(reliability_data=data, level_of_measurement=level)), 4)


def require() -> None:
    """Make sure that agreement can be computed.

    Raises:
        AvereError: the library is not installed.
    """
    from importlib.util import find_spec

    if find_spec("krippendorff") is None:
        raise AvereError(f"agreement needs the package 'krippendorff'; {install_extra('judge')}")
