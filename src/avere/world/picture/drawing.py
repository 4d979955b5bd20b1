"""Anti-aliased shapes in the coordinates of the thing that is drawn, so that it can move, turn and grow."""

from collections.abc import Sequence
from functools import lru_cache
from math import cos, pi, sin
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Pixels [height, width, 3], red first."""
Colour = tuple[int, int, int]
Point = tuple[float, float]
Points = Sequence[Point] | NDArray[np.float64]

SHIFT = 4
"""Binary digits of a pixel's fraction that reach the rasteriser."""
UNIT = 1 << SHIFT
INK: Colour = (28, 20, 24)
WHITE: Colour = (250, 250, 248)


class Brush(NamedTuple):
    """An image and where, how large and how tilted a drawing stands on it."""

    image: Image
    x: float
    y: float
    scale: float
    """Pixels in one unit of the drawing."""
    roll: float = 0.0
    """Radians, clockwise."""

    def pixels(self, points: Points) -> NDArray[np.int32]:
        """Return points [n, 2] of the drawing as fixed-point pixels [n, 2]."""
        c, s = cos(self.roll) * self.scale * UNIT, sin(self.roll) * self.scale * UNIT
        fixed = np.asarray(points, dtype=np.float64) @ ((c, s), (-s, c)) + (self.x * UNIT, self.y * UNIT)
        return np.rint(fixed).astype(np.int32)

    def place(self, x: float, y: float) -> Point:
        """Map a point of the drawing into the image, in pixels."""
        c, s = cos(self.roll) * self.scale, sin(self.roll) * self.scale
        return self.x + c * x - s * y, self.y + s * x + c * y

    def area(self, points: Points, colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.image, [self.pixels(points)], colour, cv2.LINE_AA, SHIFT)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """Draw an open line with round ends; ``width`` in units of the drawing."""
        way, thick, is_closed = [self.pixels(points)], self._thick(width), False
        cv2.polylines(self.image, way, is_closed, colour, thick, cv2.LINE_AA, SHIFT)

    def disc(self, centre: Point, radii: Point, colour: Colour, width: float | None = None) -> None:
        """Fill an ellipse, or draw its outline where a width is given."""
        x, y = self.place(*centre)
        fixed = self.scale * UNIT
        axes = (round(radii[0] * fixed), round(radii[1] * fixed))
        thick = -1 if width is None else self._thick(width)
        at = (round(x * UNIT), round(y * UNIT))
        turn = self.roll * 180 / pi
        cv2.ellipse(self.image, at, axes, turn, 0, 360, colour, thick, cv2.LINE_AA, SHIFT)

    def moved(self, x: float, y: float) -> "Brush":
        """Return a brush whose origin lies at a point of this drawing."""
        across, down = self.place(x, y)
        return self._replace(x=across, y=down)

    def _thick(self, width: float) -> int:
        """Return a line width in whole pixels, at least one."""
        return max(1, round(width * self.scale))


def draw_curve(start: Point, control: Point, end: Point, count: int = 10) -> NDArray[np.float64]:
    """Return points [count, 2] of a quadratic Bezier curve."""
    return _bezier(count) @ (start, control, end)


@lru_cache(maxsize=512)
def draw_arc(radii: Point, start: float, stop: float, count: int = 14) -> NDArray[np.float64]:
    """Return points [count, 2] of an ellipse around the origin between two angles in degrees, clockwise."""
    t = np.radians(np.linspace(start, stop, count))
    points = np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)], axis=-1)
    points.setflags(write=False)
    return points


@lru_cache(maxsize=512)
def _bezier(count: int) -> NDArray[np.float64]:
    """Return the weights [count, 3] of the three points of a quadratic curve."""
    t = np.linspace(0.0, 1.0, count)
    return np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=-1)


def draw_box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return the corners of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def mix_colours(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour with ``share`` of the second.

    >>> mix_colours((0, 0, 0), (200, 100, 50), 0.5)
    (100, 50, 25)
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
