"""One drawn face with exactly the cues it is given, and none of the others."""

from collections.abc import Collection

from avere.world.picture.eyes import BROWS, EYES, brows, glasses, ordinary
from avere.world.picture.head import hair_before, head
from avere.world.picture.mouths import MOUTHS, speaking
from avere.world.picture.pose import Sketch
from avere.world.picture.skin import OVER, UNDER, nose, wrinkle


def portrait(sketch: Sketch, cues: Collection[str]) -> None:
    """Draw head and face; a slot without a cue (mouth, eyes, brows...) shows its ordinary form."""
    head(sketch, dropped="jaw" in cues)
    hair_before(sketch)
    for name, under in UNDER.items():
        if name in cues:
            under(sketch)
    (wrinkle if "wrinkle" in cues else nose)(sketch)
    MOUTHS.get(_in(MOUTHS, cues), speaking)(sketch)
    EYES.get(_in(EYES, cues), ordinary)(sketch)
    glasses(sketch)
    brows(sketch, _in(BROWS, cues) or None)
    for name, over in OVER.items():
        if name in cues:
            over(sketch)


def _in(slot: Collection[str | None], cues: Collection[str]) -> str:
    """Return the cue that a slot shows, or nothing."""
    return next((name for name in cues if name in slot), "")
