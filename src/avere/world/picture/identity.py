"""What stays the same in all clips of one person: features that are evidence of no emotion."""

from typing import Literal, NamedTuple

import numpy as np

from avere.world.picture.drawing import Colour, mix_colours

Hair = Literal["bald", "short", "parted", "spiky", "long", "bob", "curly", "bun"]
Nose = Literal["hook", "arc", "wedge", "button"]

HAIRS: tuple[Hair, ...] = ("bald", "short", "parted", "spiky", "long", "bob", "curly", "bun")
NOSES: tuple[Nose, ...] = ("hook", "arc", "wedge", "button")
SKINS: tuple[Colour, ...] = ((252, 224, 200), (240, 196, 160), (214, 164, 122), (176, 122, 84), (122, 80, 58))
HAIR_COLOURS: tuple[Colour, ...] = (
    (30, 24, 26),
    (74, 46, 30),
    (128, 78, 40),
    (206, 160, 84),
    (172, 68, 36),
    (150, 150, 154),
)
IRISES: tuple[Colour, ...] = ((70, 44, 28), (52, 92, 140), (60, 112, 70), (94, 94, 100))


class Identity(NamedTuple):
    """The lasting features of one drawn person; lengths in half heights of the head."""

    skin: Colour
    hair_colour: Colour
    hair: Hair
    brow: Colour
    iris: Colour
    lips: Colour
    nose: Nose
    width: float
    """Half width of the head."""
    gap: float
    """From the middle of the face to the middle of an eye."""
    eye: float
    """Size of the eyes, about 1."""
    thick: float
    """Thickness of the brows, about 1."""
    glasses: bool

    @property
    def line(self) -> Colour:
        """The colour of creases and outlines in this skin."""
        return mix_colours(self.skin, (46, 16, 16), 0.62)


def identity_of(seed: list[int]) -> Identity:
    """Return the person that a seed stands for; the same seed, the same person."""
    random = np.random.default_rng(seed)
    first = int(random.integers(len(SKINS) - 1))
    skin = mix_colours(SKINS[first], SKINS[first + 1], float(random.random()))
    hair_colour = HAIR_COLOURS[int(random.integers(len(HAIR_COLOURS)))]
    return Identity(
        skin=skin,
        hair_colour=hair_colour,
        hair=HAIRS[int(random.integers(len(HAIRS)))],
        brow=mix_colours(hair_colour, (14, 8, 8), 0.45 + 0.4 * float(random.random())),
        iris=IRISES[int(random.integers(len(IRISES)))],
        lips=mix_colours(mix_colours(skin, (176, 44, 52), 0.62), (90, 20, 30), 0.3 * float(random.random())),
        nose=NOSES[int(random.integers(len(NOSES)))],
        width=float(random.uniform(0.76, 0.88)),
        gap=float(random.uniform(0.33, 0.40)),
        eye=float(random.uniform(0.92, 1.1)),
        thick=float(random.uniform(0.85, 1.2)),
        glasses=bool(random.random() < 0.2),
    )
