"""Cheeks, forehead and nose: bare by default, and with the cues that appear on them."""

from collections.abc import Callable
from math import sin

from avere.world.picture.drawing import INK, WHITE, Brush, Colour, draw_arc, draw_curve, mix_colours
from avere.world.picture.pose import Sketch

TEAR: Colour = (84, 164, 240)
SWEAT: Colour = (150, 214, 246)
RIM: Colour = (24, 70, 150)


def drop(brush: Brush, size: float, colour: Colour) -> None:
    """Draw a drop whose round end hangs at the brush."""
    for grown, paint in ((0.03, RIM), (0.0, colour)):
        r = size + grown
        shape = [(0.0, -2.1 * r), *draw_arc((r, r), -20, 200).tolist()]
        brush.area(shape, paint)
    brush.disc((-0.35 * size, 0.1 * size), (0.28 * size, 0.3 * size), WHITE)


def rosy(sketch: Sketch) -> None:
    """Draw pink discs on both cheeks."""
    brush, person, pose = sketch
    warm = mix_colours(person.skin, (255, 60, 110), 0.4 + 0.25 * pose.strength)
    for side in (-1, 1):
        here = brush.moved(side * (person.width - 0.25), 0.38)
        here.disc((0, 0), (0.19, 0.15), mix_colours(person.skin, warm, 0.5))
        here.disc((0, 0), (0.15, 0.115), warm)


def tears(sketch: Sketch) -> None:
    """Draw drops that roll down from both eyes along wet tracks."""
    brush, person, pose = sketch
    wet = mix_colours(person.skin, TEAR, 0.6)
    for side in (-1, 1):
        x = side * (person.gap + 0.05)
        brush.line([(x, 0.24), (x, 0.78)], wet, 0.08)
        for lag in (0.0, 0.5):
            way = (pose.time * 0.8 + lag + 0.25 * (side > 0) + 0.1) % 1.0
            drop(brush.moved(x, 0.36 + 0.46 * way), 0.085, TEAR)


def sweat(sketch: Sketch) -> None:
    """Draw drops that stand on forehead and temples and slide a little."""
    brush, person, pose = sketch
    w = person.width
    places = ((-w + 0.14, -0.3), (w - 0.14, -0.22), (-0.26, -0.52), (0.3, -0.56), (0.03, -0.48))
    for number, (x, y) in enumerate(places):
        slide = (0.3 * pose.time + 0.37 * number) % 1.0
        drop(brush.moved(x, y + 0.09 * slide), 0.075 if number < 2 else 0.06, SWEAT)


def vein(sketch: Sketch) -> None:
    """Draw a branching vein that bulges and throbs on one side of the forehead."""
    brush, _, pose = sketch
    throb = 0.05 + 0.012 * sin(11 * pose.time)
    here, s = brush.moved(pose.side * 0.3, -0.57), pose.side
    branches = (
        [
            (0.26 * s, -0.14),
            (0.12 * s, -0.12),
            (0.1 * s, 0.0),
            (-0.06 * s, 0.02),
            (-0.08 * s, 0.14),
            (-0.22 * s, 0.16),
        ],
        [(0.1 * s, 0.0), (0.24 * s, 0.05), (0.27 * s, 0.16)],
        [(-0.06 * s, 0.02), (-0.14 * s, -0.06), (-0.1 * s, -0.18)],
        [(-0.08 * s, 0.14), (0.02 * s, 0.22)],
    )
    for width, paint in ((0.11, (92, 24, 96)), (throb, (240, 60, 84))):
        for branch in branches:
            here.line(branch, paint, width)


def draw_nose(sketch: Sketch) -> None:
    """Draw this person's nose at rest."""
    brush, person, _ = sketch
    here = brush.moved(0, 0.26)
    if person.nose == "hook":
        here.line([(0.02, -0.16), (-0.09, 0.05), (0.05, 0.06)], person.line, 0.045)
    elif person.nose == "arc":
        here.line(draw_arc((0.1, 0.07), 0, 180), person.line, 0.045)
    elif person.nose == "wedge":
        here.line([(-0.09, 0.05), (0.0, 0.09), (0.09, 0.05)], person.line, 0.045)
    else:
        here.disc((0, 0.02), (0.1, 0.08), mix_colours(person.skin, person.line, 0.25))


def draw_wrinkle(sketch: Sketch) -> None:
    """Draw a nose bunched up, with creases across its bridge and beside its wings."""
    brush, person, pose = sketch
    here, s, crease = brush.moved(0, 0.22), pose.strength, mix_colours(person.line, INK, 0.3)
    bunched = mix_colours(mix_colours(person.skin, (255, 255, 255), 0.18), (240, 100, 90), 0.22)
    for grown, paint in ((0.035, crease), (0.0, bunched)):
        for side in (-1, 1):
            here.disc((side * 0.13, 0.06), (0.1 + grown, 0.085 + grown), paint)
        here.disc((0, 0.03), (0.13 + grown, 0.13 + grown), paint)
    for side in (-1, 1):
        here.disc((side * 0.08, 0.1), (0.045, 0.03), crease)
        for reach in (0.0, 0.1):
            fold = draw_curve(
                (side * (0.17 + reach), -0.15 + reach),
                (side * (0.3 + reach), -0.1),
                (side * (0.32 + reach), 0.05 + reach),
            )
            here.line(fold, crease, 0.04)
    for row in range(3):
        y, half = -0.36 + 0.1 * row, 0.12 + 0.01 * row
        ripple = [
            (-half, y - 0.04 * s),
            (-half / 2, y + 0.03),
            (0.0, y - 0.02),
            (half / 2, y + 0.03),
            (half, y - 0.04 * s),
        ]
        here.line(ripple, crease, 0.045)


UNDER: dict[str, Callable[[Sketch], None]] = {"rosy": rosy, "vein": vein}
"""Cues on the skin that eyes and mouth are drawn over."""
OVER: dict[str, Callable[[Sketch], None]] = {"tears": tears, "sweat": sweat}
"""Cues in front of everything else on a face."""
