"""The room: wall, poster and object, drawn once a clip, and where the person stands in it."""

from typing import NamedTuple

import numpy as np

from avere.world.picture.drawing import INK, Brush, Colour, Image, draw_box, draw_curve, mix_colours
from avere.world.picture.identity import Identity, identity_of
from avere.world.picture.objects import HANGING, OBJECTS, PAINTS
from avere.world.picture.portrait import draw_portrait
from avere.world.picture.pose import Sketch, still_pose
from avere.world.plan import ClipPlan

FRAME = 192.0
"""Side of the frame in which all lengths of this module are given."""
PAPERS: tuple[Colour, ...] = (
    (250, 240, 214),
    (226, 238, 246),
    (244, 226, 230),
    (228, 242, 222),
    (238, 238, 238),
)


class SceneLayout(NamedTuple):
    """Where things stand, in a frame of 192 x 192."""

    left: bool
    """Whether poster and object hang left of the person."""
    poster: tuple[float, float, float]
    """Left, top and side length."""
    thing: tuple[float, float]
    """Middle of the object."""
    head: tuple[float, float]
    """Middle of the person's head before it moves."""
    scale: float
    """Half of the head's height."""


def lay_out_scene(person: Identity, random: np.random.Generator) -> SceneLayout:
    """Place everything at random so that the head never covers the poster."""
    side, edge = float(random.uniform(61, 66)), float(random.uniform(2, 4))
    scale = float(random.uniform(52, 57))
    reach = person.width * scale + 15
    x = edge + side + reach + float(random.uniform(0, 4))
    y = float(random.uniform(72, 84))
    left = bool(random.random() < 0.5)
    top, spare = float(random.uniform(4, 14)), float(random.uniform(0, 26))
    upper = bool(random.random() < 0.5)
    thing_x = edge + side / 2 + float(random.uniform(-6, 4))
    poster_y, thing_y = (top, top + side + 30 + spare) if upper else (top + 56 + spare, top + 26 + spare / 2)
    poster_x = edge
    if not left:
        poster_x, x, thing_x = FRAME - edge - side, FRAME - x, FRAME - thing_x
    return SceneLayout(left, (poster_x, poster_y, side), (thing_x, thing_y), (x, y), scale)


def draw_background(plan: ClipPlan, place: SceneLayout, size: int, random: np.random.Generator) -> Image:
    """Return the room without the person [size, size, 3]."""
    zoom = size / FRAME
    image = _wall(size, random)
    x, y, side = place.poster
    paper = PAPERS[int(random.integers(len(PAPERS)))]
    frame = mix_colours(PAINTS[int(random.integers(len(PAINTS)))], INK, float(random.uniform(0.2, 0.8)))
    paint = PAINTS[int(random.integers(len(PAINTS)))]
    scenery = bool(random.random() < 0.5)
    if plan.poster is not None or scenery:
        _hang(Brush(image, x * zoom, y * zoom, zoom), _print(plan, round((side - 6) * zoom), paper), frame)
    here = Brush(image, place.thing[0] * zoom, place.thing[1] * zoom, 23 * zoom)
    if plan.object not in HANGING:
        here.area(draw_box(-1.3, 1.0, 1.3, 1.22), mix_colours((150, 104, 64), paint, 0.15))
        here.line([(-1.3, 1.22), (1.3, 1.22)], (70, 46, 30), 0.07)
    OBJECTS[plan.object](here, paint)
    return image


def _wall(size: int, random: np.random.Generator) -> Image:
    """Return a wall of one colour, striped, dotted or panelled."""
    colour = tuple(int(c) for c in random.integers(90, 226, size=3))
    base: Colour = mix_colours(
        (colour[0], colour[1], colour[2]), (168, 168, 168), float(random.uniform(0.3, 0.8))
    )
    other = mix_colours(
        base, INK if random.random() < 0.5 else (255, 255, 255), float(random.uniform(0.06, 0.18))
    )
    image = np.empty((size, size, 3), dtype=np.uint8)
    image[:] = base
    brush = Brush(image, 0, 0, size / FRAME)
    kind, step = int(random.integers(4)), int(random.integers(14, 34))
    for at in range(0, int(FRAME), step):
        if kind == 1:
            brush.area(draw_box(at, 0, at + step / 2, FRAME), other)
        elif kind == 2:
            brush.area(draw_box(0, at, FRAME, at + step / 2), other)
        elif kind == 3:
            for y in range(0, int(FRAME), step):
                brush.disc((at + step / 2, y + step / 2), (step / 6, step / 6), other)
    return image


def _hang(brush: Brush, picture: Image, frame: Colour) -> None:
    """Put a framed picture on the wall, its upper left corner at the brush."""
    side, rim = picture.shape[0], round(3 * brush.scale)
    left, top = round(brush.x) + rim, round(brush.y) + rim
    brush.image[top - rim : top + side + rim, left - rim : left + side + rim] = frame
    brush.image[top : top + side, left : left + side] = picture


def _print(plan: ClipPlan, side: int, paper: Colour) -> Image:
    """Return the picture on the poster: a face with the one displaced cue, or scenery."""
    random = np.random.default_rng([plan.seed, 2])
    image = np.empty((side, side, 3), dtype=np.uint8)
    image[:] = paper
    if plan.poster is None:
        _scenery(Brush(image, 0, 0, side), random)
    else:
        person = identity_of([plan.seed, 3])
        where = Brush(image, side / 2, side * 0.47, side / 1.9)
        turn = 1 if random.random() < 0.5 else -1
        draw_portrait(Sketch(where, person, still_pose(turn)), (plan.poster,))
    return np.round(image * 0.86 + np.asarray(paper) * 0.14).astype(np.uint8)


def _scenery(brush: Brush, random: np.random.Generator) -> None:
    """Draw hills under a sun, which say nothing."""
    sky, far, near = (180, 214, 236), (120, 160, 120), (84, 130, 84)
    brush.area(draw_box(0, 0, 1, 1), sky)
    x = float(random.uniform(0.2, 0.8))
    brush.disc((x, 0.25), (0.1, 0.1), (250, 226, 140))
    for y, colour in ((0.5, far), (0.68, near)):
        peak = float(random.uniform(0.2, 0.8))
        hill = draw_curve((-0.1, y + 0.1), (peak, y - 0.5), (1.1, y + 0.12))
        brush.area(np.concatenate([hill, [(1.1, 1.1), (-0.1, 1.1)]]), colour)
