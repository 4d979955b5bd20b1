"""One drawn face with exactly the cues it is given, and none of the others."""

from collections.abc import Collection

from avere.world.picture.eyes import BROWS, EYES, draw_brows, draw_glasses, draw_ordinary_eyes
from avere.world.picture.head import draw_head, hair_before
from avere.world.picture.mouths import MOUTHS, draw_speaking_mouth
from avere.world.picture.pose import Sketch
from avere.world.picture.skin import OVER, UNDER, draw_nose, draw_wrinkle


def draw_portrait(sketch: Sketch, cues: Collection[str]) -> None:
    """Draw head and face; a slot without a cue (mouth, eyes, brows...) shows its ordinary form."""
    draw_head(sketch, dropped="jaw" in cues)
    hair_before(sketch)
    for name, under in UNDER.items():
        if name in cues:
            under(sketch)
    (draw_wrinkle if "wrinkle" in cues else draw_nose)(sketch)
    MOUTHS.get(_in(MOUTHS, cues), draw_speaking_mouth)(sketch)
    EYES.get(_in(EYES, cues), draw_ordinary_eyes)(sketch)
    draw_glasses(sketch)
    draw_brows(sketch, _in(BROWS, cues) or None)
    for name, over in OVER.items():
        if name in cues:
            over(sketch)


def _in(slot: Collection[str | None], cues: Collection[str]) -> str:
    """Return the cue that a slot shows, or nothing."""
    return next((name for name in cues if name in slot), "")
