"""Eyes and brows: the ones that say nothing, and one for each cue that they can show."""

from collections.abc import Callable
from math import sin

import numpy as np

from avere.world.picture.drawing import INK, WHITE, Brush, Point, draw_arc, draw_curve, mix_colours
from avere.world.picture.pose import Sketch

HEIGHT = 0.06
"""Where the eyes stand below the middle of the head."""
BROW = -0.3
WIDE, HIGH = 0.2, 0.145
"""Half width and half height of an ordinary eye."""


def each_eye(sketch: Sketch) -> list[tuple[int, Brush]]:
    """Return the two sides and a brush at each eye."""
    brush, person, _ = sketch
    return [(side, brush.moved(side * person.gap, HEIGHT)) for side in (-1, 1)]


def eyeball(sketch: Sketch, here: Brush, radii: Point, pupil: float, look: Point) -> None:
    """Draw white, iris and pupil of an eye; ``look`` shifts the iris in units of the drawing."""
    here.disc((0, 0), (radii[0] + 0.03, radii[1] + 0.03), INK)
    here.disc((0, 0), radii, WHITE)
    here.disc(look, (pupil, pupil), sketch.person.iris)
    here.disc(look, (pupil * 0.6, pupil * 0.6), INK)
    here.disc((look[0] - pupil * 0.3, look[1] - pupil * 0.35), (pupil * 0.28, pupil * 0.28), WHITE)


def ordinary_eye(sketch: Sketch, here: Brush) -> None:
    """Draw one eye that looks about; it never blinks, because a shut eye is a cue."""
    _, person, pose = sketch
    size = person.eye
    look = (pose.gaze[0] * WIDE, pose.gaze[1] * HIGH)
    eyeball(sketch, here, (WIDE * size, HIGH * size), 0.12 * size, look)
    here.line(draw_arc((WIDE * size + 0.04, HIGH * size + 0.02), 195, 345), INK, 0.06)


def draw_ordinary_eyes(sketch: Sketch) -> None:
    """Draw two ordinary eyes."""
    for _, here in each_eye(sketch):
        ordinary_eye(sketch, here)


def crinkle(sketch: Sketch) -> None:
    """Draw eyes narrowed to upward arcs, with crow's feet."""
    person = sketch.person
    for side, here in each_eye(sketch):
        wide = 0.23 * person.eye
        squeeze = 0.025 * sin(9 * sketch.pose.time)
        here.moved(0, 0.09 + squeeze).line(draw_arc((wide, 0.19), 180, 360), INK, 0.085)
        here.moved(0, 0.14).line(draw_arc((wide * 0.8, 0.06), 20, 160), person.line, 0.04)
        for turn in (-0.13, 0.02, 0.16):
            start = (side * (wide + 0.05), 0.05 + 0.5 * turn)
            here.line([start, (start[0] + side * 0.12, 0.05 + 1.2 * turn)], person.line, 0.04)


def darting(sketch: Sketch) -> None:
    """Draw large whites in which small pupils jump from side to side."""
    pose = sketch.pose
    side = pose.side if int(pose.time / 0.26) % 2 == 0 else -pose.side
    for _, here in each_eye(sketch):
        eyeball(sketch, here, (0.235, 0.2), 0.07, (side * 0.15, 0.0))


def wide(sketch: Sketch) -> None:
    """Draw very large round eyes, white all around the iris."""
    size = 0.25 + 0.05 * sketch.pose.strength
    for _, here in each_eye(sketch):
        eyeball(sketch, here, (size, size), 0.09, (0, 0))


def wince(sketch: Sketch) -> None:
    """Draw one eye squeezed shut and the other as it is."""
    person, side_shut = sketch.person, sketch.pose.side
    for side, here in each_eye(sketch):
        if side != side_shut:
            ordinary_eye(sketch, here)
            continue
        tip = (-side * 0.17, 0.02)
        here.line([(side * 0.19, -0.14), tip, (side * 0.19, 0.15)], INK, 0.085)
        for y in (-0.04, 0.06):
            here.line([(side * 0.24, y), (side * 0.36, y * 2.4)], person.line, 0.04)
        here.line(draw_curve((-0.14, 0.22), (0, 0.27), (0.16, 0.22)), person.line, 0.04)


def lids(sketch: Sketch) -> None:
    """Draw eyes whose upper lids hang half way down."""
    person = sketch.person
    lid = mix_colours(person.skin, person.line, 0.25)
    for _, here in each_eye(sketch):
        radii = (WIDE * person.eye, HIGH * person.eye)
        eyeball(sketch, here, radii, 0.115, (sketch.pose.gaze[0] * WIDE, 0.06))
        cover = draw_arc((radii[0] + 0.03, radii[1] + 0.03), 176, 364)
        here.area(cover, lid)
        here.line([(-radii[0] - 0.04, 0.012), (radii[0] + 0.04, 0.012)], INK, 0.06)


EYES: dict[str, Callable[[Sketch], None]] = {
    draw.__name__: draw for draw in (crinkle, darting, wide, wince, lids)
}


def draw_brows(sketch: Sketch, cue: str | None) -> None:
    """Draw both brows in the shape of a cue, or gently curved where there is none."""
    brush, person, pose = sketch
    heights = np.asarray(BROWS[None]) + pose.strength * (np.asarray(BROWS[cue]) - BROWS[None])
    reach = 0.27 if cue in ("flat", "knot") else 0.22
    width = (0.085 if cue is None else 0.115) * person.thick
    for side in (-1, 1):
        here = brush.moved(side * person.gap, BROW)
        inner, middle, outer = heights.tolist()
        bow = draw_curve((-side * reach, inner), (side * 0.02, middle), (side * reach, outer))
        here.line(bow, person.brow, width)
    if cue == "knot":
        for side in (-1, 1):
            brush.line([(side * 0.05, BROW - 0.1), (side * 0.035, BROW + 0.1)], person.line, 0.04)


BROWS: dict[str | None, tuple[float, float, float]] = {
    None: (0.04, -0.16, 0.06),
    "slant": (-0.26, -0.1, 0.14),
    "knot": (0.2, 0.04, -0.22),
    "arch": (-0.13, -0.5, -0.1),
    "flat": (0.0, 0.0, 0.0),
}
"""Heights of a brow's inner end, middle (of the curve's control point) and outer end."""


def draw_glasses(sketch: Sketch) -> None:
    """Draw thin round glasses on those who wear them."""
    brush, person, _ = sketch
    if not person.glasses:
        return
    for side in (-1, 1):
        brush.disc((side * person.gap, HEIGHT + 0.02), (0.31, 0.29), (60, 60, 70), 0.02)
    brush.line([(-0.06, HEIGHT), (0.06, HEIGHT)], (60, 60, 70), 0.02)
