"""Mouths: the speaking one that says nothing, and one for each cue that a mouth can show."""

from collections.abc import Callable
from math import sin

import numpy as np

from avere.world.picture.drawing import INK, WHITE, draw_arc, draw_box, draw_curve
from avere.world.picture.pose import Sketch

HEIGHT = 0.58
"""Where the mouth stands below the middle of the head."""
HOLLOW = (74, 18, 26)
TONGUE = (232, 92, 112)
TONGUE_EDGE = (140, 30, 56)


def draw_speaking_mouth(sketch: Sketch) -> None:
    """Draw the mouth of somebody who talks: a lens that opens and closes, never quite."""
    brush, person, pose = sketch
    here = brush.moved(0, HEIGHT)
    wide, high = 0.25 - 0.02 * pose.speech, 0.03 + 0.075 * pose.speech
    for grown, paint in ((0.055, person.lips), (0.0, HOLLOW)):
        half = wide + grown
        upper = draw_curve((-half, 0), (0, -2 * (high + grown)), (half, 0))
        here.area(np.concatenate([upper, draw_curve((half, 0), (0, 2 * (high + grown)), (-half, 0))]), paint)


def smile(sketch: Sketch) -> None:
    """Draw a broad open smile, corners up, the upper teeth showing."""
    brush, person, pose = sketch
    here, lift = brush.moved(0, HEIGHT - 0.06), pose.strength
    wide, drop = 0.36 + 0.1 * lift, 0.26 + 0.12 * lift + 0.03 * pose.speech
    upper = draw_curve((-wide, -0.13 * lift), (0, 0.13), (wide, -0.13 * lift))
    lower = draw_curve((wide, -0.13 * lift), (0, 2 * drop), (-wide, -0.13 * lift))
    here.area(np.concatenate([upper, lower]), HOLLOW)
    teeth = draw_curve((wide * 0.9, -0.09 * lift), (0, 0.32), (-wide * 0.9, -0.09 * lift))
    here.area(np.concatenate([upper, teeth]), WHITE)
    here.line(np.concatenate([upper, lower]), person.lips, 0.05)
    for side in (-1, 1):
        here.line(
            draw_curve((side * (wide + 0.05), -0.2), (side * (wide + 0.1), -0.13), (side * wide, -0.05)),
            person.line,
            0.04,
        )


def frown(sketch: Sketch) -> None:
    """Draw a closed mouth whose corners hang far down."""
    brush, person, pose = sketch
    here, drop = brush.moved(0, HEIGHT + 0.02), pose.strength
    wide = 0.3
    low = 0.04 + 0.15 * drop
    here.line(draw_curve((-wide, low), (0, -0.3 * drop), (wide, low), 14), INK, 0.085)
    here.line(draw_curve((-wide, low), (0, -0.3 * drop), (wide, low), 14), person.lips, 0.04)
    here.line(draw_curve((-0.12, 0.2), (0, 0.13), (0.12, 0.2)), person.line, 0.04)
    for side in (-1, 1):
        here.line([(side * wide, low), (side * (wide + 0.06), low + 0.09)], person.line, 0.045)


def teeth(sketch: Sketch) -> None:
    """Draw clenched teeth bared in a rectangle, as in rage."""
    brush, person, pose = sketch
    here = brush.moved(0, HEIGHT + 0.01)
    wide, high = 0.3 + 0.08 * pose.strength, 0.09 + 0.07 * pose.strength
    shake = 0.012 * sin(40 * pose.time)
    outer = [(-wide * 0.86, -high), (wide * 0.86, -high), (wide + 0.03, high), (-wide - 0.03, high)]
    here.line([*outer, outer[0]], INK, 0.12)
    here.area(outer, WHITE)
    here.line([(-wide, shake), (wide, shake)], INK, 0.035)
    for x in np.linspace(-0.75, 0.75, 6):
        here.line([(x * wide, -high), (x * wide, high)], INK, 0.022)
    here.line([*outer, outer[0]], person.lips, 0.05)


def stretch(sketch: Sketch) -> None:
    """Draw lips pulled wide and flat that quiver, a strip of teeth between them."""
    brush, _, pose = sketch
    here = brush.moved(0, HEIGHT + 0.03)
    wide = 0.36 + 0.12 * pose.strength
    x = np.linspace(-1.0, 1.0, 25)
    tremble = 0.045 * np.sin(14 * x + 0.6 * sin(8 * pose.time))
    upper = np.stack([x * wide, -0.075 * (1 - x**4) + tremble], axis=-1)
    lower = np.stack([x * wide, 0.075 * (1 - x**4) + tremble], axis=-1)
    ring = np.concatenate([upper, lower[::-1]])
    here.line(ring, INK, 0.1)
    here.area(ring, HOLLOW)
    inner = np.concatenate([upper[4:-4], lower[4:-4][::-1]]) * (1, 0.7)
    here.area(inner, WHITE)
    here.line(ring, sketch.person.lips, 0.04)


def jaw(sketch: Sketch) -> None:
    """Draw a mouth that hangs open in a tall round O."""
    brush, person, pose = sketch
    here = brush.moved(0, HEIGHT + 0.06)
    wide, high = 0.2 + 0.02 * pose.strength, 0.12 + 0.18 * pose.strength + 0.012 * sin(6 * pose.time)
    here.disc((0, 0), (wide + 0.06, high + 0.06), person.lips)
    here.disc((0, 0), (wide, high), (44, 8, 16))
    here.moved(0, high * 0.82).area(draw_arc((wide * 0.8, high * 0.45), 180, 360), TONGUE)


def tongue(sketch: Sketch) -> None:
    """Draw a grimace out of which the tongue hangs to the chin."""
    brush, person, pose = sketch
    here = brush.moved(0, HEIGHT - 0.04)
    out = 0.2 + 0.2 * pose.strength + 0.015 * sin(9 * pose.time)
    upper = draw_curve((-0.32, 0.08), (0, -0.2), (0.32, 0.08))
    here.area(np.concatenate([upper, draw_curve((0.32, 0.08), (0, 0.16), (-0.32, 0.08))]), HOLLOW)
    here.line(upper, person.lips, 0.06)
    here.line(draw_curve((0.32, 0.08), (0, 0.16), (-0.32, 0.08)), person.lips, 0.05)
    tip = here.moved(0, out - 0.1)
    shape = np.concatenate(
        [[(-0.15, 0.1 - out), (-0.17, -0.02)], draw_arc((0.17, 0.14), 180, 0), [(0.15, 0.1 - out)]]
    )
    tip.line(np.concatenate([shape, shape[:1]]), TONGUE_EDGE, 0.05)
    tip.area(shape, TONGUE)
    here.line([(0, 0.05), (0, out - 0.1)], TONGUE_EDGE, 0.03)


def level(sketch: Sketch) -> None:
    """Draw closed lips in one straight line."""
    brush, person, _ = sketch
    here = brush.moved(0, HEIGHT)
    here.area(draw_box(-0.25, -0.05, 0.25, 0.05), person.lips)
    here.line([(-0.28, 0), (0.28, 0)], INK, 0.05)


MOUTHS: dict[str, Callable[[Sketch], None]] = {
    draw.__name__: draw for draw in (smile, frown, teeth, stretch, jaw, tongue, level)
}
