"""The six things that stand in the room: plain facts, evidence of nothing."""

from collections.abc import Callable

import numpy as np

from avere.world.picture.drawing import INK, WHITE, Brush, Colour, draw_arc, draw_box, draw_curve, mix_colours

PAINTS: tuple[Colour, ...] = (
    (196, 62, 58),
    (226, 150, 52),
    (92, 150, 84),
    (70, 116, 190),
    (140, 90, 160),
    (120, 120, 126),
)
HANGING = frozenset({"clock", "balloon"})
"""Objects that need no shelf."""


def lamp(brush: Brush, paint: Colour) -> None:
    """Draw a table lamp that is lit."""
    brush.area(draw_box(-0.45, 0.88, 0.45, 1.0), INK)
    brush.line([(0, 0.9), (0, 0.0)], INK, 0.14)
    shade = [(-0.36, -0.95), (0.36, -0.95), (0.72, 0.05), (-0.72, 0.05)]
    brush.area(shade, mix_colours((255, 226, 120), paint, 0.25))
    brush.line([*shade, shade[0]], mix_colours(paint, INK, 0.6), 0.08)
    brush.disc((0, 0.12), (0.2, 0.16), (255, 248, 190))


def plant(brush: Brush, paint: Colour) -> None:
    """Draw a plant with green leaves in a pot."""
    green = (52, 128, 58)
    for x, y in ((-0.75, -0.45), (0.75, -0.45), (-0.38, -0.95), (0.4, -0.95), (0.0, -0.6)):
        leaf = np.concatenate(
            [
                draw_curve((0, 0.35), (x - 0.35, y + 0.35), (x, y)),
                draw_curve((x, y), (x + 0.35, y + 0.5), (0, 0.35)),
            ]
        )
        brush.area(leaf, green)
        brush.line(leaf, mix_colours(green, INK, 0.5), 0.05)
    pot = [(-0.5, 0.3), (0.5, 0.3), (0.34, 1.0), (-0.34, 1.0)]
    brush.area(pot, mix_colours((186, 96, 60), paint, 0.3))
    brush.line([*pot, pot[0]], INK, 0.06)


def clock(brush: Brush, paint: Colour) -> None:
    """Draw a round clock on the wall."""
    brush.disc((0, 0), (0.98, 0.98), mix_colours(paint, INK, 0.3))
    brush.disc((0, 0), (0.8, 0.8), WHITE)
    for angle in range(0, 360, 30):
        x, y = draw_arc((0.68, 0.68), angle, angle, 1)[0]
        brush.disc((x, y), (0.06, 0.06), INK)
    brush.line([(0, 0), (0.0, -0.56)], INK, 0.09)
    brush.line([(0, 0), (0.36, 0.2)], INK, 0.12)


def books(brush: Brush, paint: Colour) -> None:
    """Draw a pile of four books."""
    first = PAINTS.index(paint)
    for row, (left, right) in enumerate(((-0.9, 0.85), (-0.75, 0.95), (-0.95, 0.7), (-0.6, 0.75))):
        bottom = 1.0 - 0.44 * row
        cover = PAINTS[(first + row) % len(PAINTS)]
        brush.area(draw_box(left, bottom - 0.44, right, bottom), INK)
        brush.area(draw_box(left + 0.05, bottom - 0.39, right - 0.05, bottom - 0.05), cover)
        brush.area(draw_box(right - 0.22, bottom - 0.33, right - 0.05, bottom - 0.11), (244, 238, 220))
        brush.line([(left + 0.25, bottom - 0.39), (left + 0.25, bottom - 0.05)], WHITE, 0.07)


def mug(brush: Brush, paint: Colour) -> None:
    """Draw a mug with a handle, steaming."""
    brush.disc((0.62, 0.35), (0.36, 0.38), mix_colours(paint, INK, 0.3), 0.17)
    body = [(-0.62, -0.3), (0.52, -0.3), (0.45, 1.0), (-0.55, 1.0)]
    brush.area(body, paint)
    brush.line([*body, body[0]], INK, 0.06)
    brush.disc((-0.05, -0.3), (0.57, 0.15), INK)
    brush.disc((-0.05, -0.28), (0.48, 0.1), (94, 54, 30))
    for x in (-0.35, -0.05, 0.25):
        brush.line(draw_curve((x, -0.45), (x + 0.28, -0.68), (x, -0.95)), (232, 232, 236), 0.08)


def balloon(brush: Brush, paint: Colour) -> None:
    """Draw a toy balloon on a string."""
    brush.line(draw_curve((0, 0.4), (0.32, 0.7), (-0.08, 1.2)), INK, 0.05)
    brush.area([(0, 0.25), (-0.16, 0.5), (0.16, 0.5)], mix_colours(paint, INK, 0.3))
    brush.disc((0, -0.3), (0.64, 0.76), mix_colours(paint, INK, 0.35))
    brush.disc((0, -0.3), (0.59, 0.71), mix_colours(paint, WHITE, 0.1))
    brush.disc((-0.22, -0.58), (0.14, 0.2), WHITE)


OBJECTS: dict[str, Callable[[Brush, Colour], None]] = {
    draw.__name__: draw for draw in (lamp, plant, clock, books, mug, balloon)
}
