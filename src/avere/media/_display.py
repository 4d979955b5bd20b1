"""How a stored picture is stretched, turned and mirrored for display, as televisions and phones ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame


class Display(NamedTuple):
    """What is done to a stored picture: first mirrored, then turned.

    >>> picture = np.array([[1, 2], [3, 4]])
    >>> Display(mirrored=False, turns=1).apply(picture).tolist()
    [[3, 1], [4, 2]]
    >>> Display(mirrored=True, turns=0).apply(picture).tolist()
    [[2, 1], [4, 3]]
    """

    mirrored: bool
    """Left and right change places."""
    turns: int
    """Quarter turns clockwise: 0 to 3."""

    def stretched(self, width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
        """Choose the width and height to which a stored picture is scaled before it is turned.

        One direction of the display, its width, is stretched by the shape of the points, as FFmpeg's
        ``scale=iw*sar:ih`` does it.

        Args:
            width: of the stored picture.
            height: of the stored picture.
            aspect: width over height of one of its points; None or 0 where the file does not say.

        >>> Display(mirrored=False, turns=0).stretched(720, 576, Fraction(64, 45))
        (1024, 576)
        >>> Display(mirrored=False, turns=1).stretched(720, 576, Fraction(64, 45))
        (720, 405)
        """
        if not aspect or aspect < 0:
            return width, height
        if self.turns % 2:
            return width, int(height * (aspect.denominator / aspect.numerator)) or height
        return int(width * (aspect.numerator / aspect.denominator)) or width, height

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Mirror and turn a picture [height, width, ...]."""
        seen = picture[:, ::-1] if self.mirrored else picture
        return np.ascontiguousarray(np.rot90(seen, -self.turns))


def read_display(frame: VideoFrame) -> Display:
    """Read how a frame is to be shown: the nearest of the eight ways, as stored where it does not say.

    A stored point (x, y) is shown at (a x + c y, b x + d y), for the matrix [a b; c d] of ISO 14496-12; y
    counts downwards. A negative determinant mirrors; a picture that is mirrored first, then turned clockwise
    by the angle t, has a = -cos t and b = -sin t, one that is only turned a = cos t and b = sin t.
    """
    from av.sidedata.sidedata import SideDataContainer

    # A frame's own container and the frame hold each other, which would keep large pictures in memory.
    container = cast("Callable[[VideoFrame], Mapping[str, bytes]]", SideDataContainer)
    data = container(frame).get("DISPLAYMATRIX")
    matrix = np.zeros(0) if data is None else np.frombuffer(bytes(data), dtype="<i4").astype(np.float64)
    if len(matrix) < 9 or not matrix[:2].any():
        return Display(mirrored=False, turns=0)
    a, b, _, c, d = matrix[:5]
    mirrored = a * d - b * c < 0
    angle = np.arctan2(-b, -a) if mirrored else np.arctan2(b, a)
    return Display(bool(mirrored), round(float(angle) / (np.pi / 2)) % 4)
