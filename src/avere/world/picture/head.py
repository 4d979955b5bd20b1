"""Head, hair and shoulders: what carries the face."""

import numpy as np
from numpy.typing import NDArray

from avere.world.picture.drawing import INK, Colour, draw_arc, draw_curve, mix_colours
from avere.world.picture.pose import Sketch

SHIRT_COLOURS: dict[str, Colour] = {
    "red": (206, 40, 44),
    "orange": (244, 132, 30),
    "yellow": (246, 214, 52),
    "green": (50, 150, 70),
    "blue": (44, 92, 210),
    "purple": (136, 62, 172),
    "white": (244, 244, 244),
    "black": (34, 34, 40),
}
BACK = {"long": (0.12, 1.2), "bob": (0.14, 0.72)}
"""How far hair reaches to the sides and down behind the head."""


def draw_shoulders(sketch: Sketch, shirt: str) -> None:
    """Draw neck and shirt; the shirt is all of one colour."""
    brush, person, _ = sketch
    colour = SHIRT_COLOURS[shirt]
    brush.area(
        [(-0.3, 0.6), (0.3, 0.6), (0.34, 1.4), (-0.34, 1.4)], mix_colours(person.skin, person.line, 0.25)
    )
    left = draw_curve((-0.32, 1.08), (-0.95, 1.16), (-1.1, 1.7))
    right = draw_curve((1.1, 1.7), (0.95, 1.16), (0.32, 1.08))
    collar = draw_curve((0.32, 1.08), (0, 1.42), (-0.32, 1.08))
    body = np.concatenate([left, [(-1.12, 3.4), (1.12, 3.4)], right, collar])
    brush.area(body, colour)
    brush.line(np.concatenate([body, body[:1]]), mix_colours(colour, INK, 0.55), 0.04)


def draw_head(sketch: Sketch, *, dropped: bool) -> None:
    """Draw ears and the bare head; a dropped jaw makes it longer."""
    brush, person, pose = sketch
    shade = mix_colours(person.skin, person.line, 0.3)
    for side in (-1, 1):
        brush.disc((side * person.width, 0.08), (0.12, 0.18), person.line)
        brush.disc((side * person.width, 0.08), (0.09, 0.15), shade)
    shape = outline(person.width, 0.14 * pose.strength if dropped else 0.0)
    brush.area(shape, person.skin)
    brush.line(np.concatenate([shape, shape[:1]]), person.line, 0.04)


def outline(width: float, longer: float = 0.0) -> NDArray[np.float64]:
    """Return points of the head's edge, clockwise from the right ear; ``longer`` lowers the chin."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    x, y = np.cos(t), np.sin(t)
    below = np.maximum(y, 0.0)
    x = np.sign(x) * np.abs(x) ** 0.88 * width * (1 - 0.16 * below**2)
    return np.stack([x, y * (1 + longer * below)], axis=-1)


def hair_behind(sketch: Sketch) -> None:
    """Draw the hair that hangs behind the head."""
    brush, person, _ = sketch
    w, dark = person.width, mix_colours(person.hair_colour, INK, 0.25)
    if person.hair in BACK:
        out, down = BACK[person.hair]
        top = draw_arc((w + out, 1.1), 180, 360, 24)
        brush.area(
            np.concatenate([top, [(w + out, down - 0.1), (w, down), (-w, down), (-w - out, down - 0.1)]]),
            dark,
        )
    elif person.hair == "curly":
        for angle in np.linspace(165, 375, 12):
            x, y = draw_arc((w + 0.0, 0.96), float(angle), float(angle), 1)[0]
            brush.disc((x, y), (0.2, 0.2), dark)
    elif person.hair == "bun":
        brush.disc((0, -1.08), (0.3, 0.24), dark)


def hair_before(sketch: Sketch) -> None:
    """Draw the hair on top of the head; the forehead stays bare."""
    brush, person, _ = sketch
    if person.hair == "bald":
        return
    w = person.width
    grown = 1.04 if person.hair == "short" else 1.08
    top = draw_arc((w * grown + 0.01, grown), 188, 352, 25)
    if person.hair == "spiky":
        top = top * np.where(np.arange(25) % 2, 1.14, 1.0)[:, None]
    line = _hairline(w, -0.3 if person.hair == "parted" else 0.0)
    shape = np.concatenate([top, line])
    brush.area(shape, person.hair_colour)
    brush.line(np.concatenate([shape, shape[:1]]), mix_colours(person.hair_colour, INK, 0.45), 0.03)


def _hairline(w: float, parting: float) -> NDArray[np.float64]:
    """Return the lower edge of the hair from right to left."""
    right = draw_curve((w * 0.98, -0.2), (w * 0.86, -0.72), (parting, -0.84))
    left = draw_curve((parting, -0.84), (-w * 0.86, -0.72), (-w * 0.98, -0.2))
    return np.concatenate([right, left[1:]])
