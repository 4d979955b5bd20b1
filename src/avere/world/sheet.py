"""A contact sheet of faces, with which people check that the emotions can be seen."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avere import files
from avere.errors import AvereError
from avere.world.picture import face
from avere.world.plan import ClipPlan

TILE, MARGIN, CAPTION = 176, 8, 22
COLUMNS = 7


def sheet(plans: Sequence[ClipPlan], *, labels: bool) -> NDArray[np.uint8]:
    """Return a numbered sheet [height, width, 3] of the persons' faces; labels name the emotion shown.

    Raises:
        AvereError: there is no face to show.
    """
    if not plans:
        raise AvereError("a sheet of 0 faces was asked for; give at least 1")
    columns, step = min(COLUMNS, len(plans)), TILE + MARGIN
    rows = -(-len(plans) // columns)
    page = np.full((MARGIN + rows * (step + CAPTION), MARGIN + columns * step, 3), 255, dtype=np.uint8)
    for number, plan in enumerate(plans):
        top = MARGIN + number // columns * (step + CAPTION)
        left = MARGIN + number % columns * step
        tile = cv2.resize(face.snapshot(plan), (TILE, TILE), interpolation=cv2.INTER_CUBIC)
        page[top : top + TILE, left : left + TILE] = tile
        text = f"{number + 1} {plan.face}" if labels else str(number + 1)
        at = (left + 2, top + TILE + CAPTION - 6)
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def save(page: NDArray[np.uint8], path: Path) -> None:
    """Write a sheet as a PNG of 128 colours, which camera noise would else make large."""
    with files.create_whole(path) as unfinished:
        Image.fromarray(page).quantize(128).save(unfinished, format="PNG", optimize=True)


def save_answers(plans: Sequence[ClipPlan], path: Path) -> None:
    """Write what each numbered face shows: emotion and cues."""
    with files.create_whole(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["number", "emotion", "cues", "clip"])
        for number, plan in enumerate(plans, start=1):
            table.writerow([number, plan.face, " ".join(plan.face_cues), plan.id])
