"""How the drawn person holds the face at one moment, and what a drawing function gets of it."""

from math import pi, sin
from typing import NamedTuple

import numpy as np

from avere.world.picture.drawing import Brush, Point
from avere.world.picture.identity import Identity


class Pose(NamedTuple):
    """One moment of a face; everything in it is a nuisance but ``strength``."""

    time: float
    """Seconds since the start."""
    strength: float
    """How fully the cues have set in, in 0..1."""
    speech: float
    """How far a speaking mouth is open, in 0..1."""
    gaze: Point
    """Where the eyes look when nothing makes them, in eye widths."""
    side: int
    """-1 or 1: the side of the face on which one-sided cues appear."""


class Sketch(NamedTuple):
    """What a drawing function needs: where, whom, and at which moment."""

    brush: Brush
    person: Identity
    pose: Pose


class Habits(NamedTuple):
    """The nuisances of a clip that a person's face is moved by."""

    beat: float
    """Openings of the speaking mouth in a second."""
    offset: float
    """Phase of everything periodic, in radians."""
    side: int


ONSET_SECONDS = 0.3


def draw_habits(random: np.random.Generator) -> Habits:
    """Return habits drawn at random, in ignorance of any emotion."""
    return Habits(
        beat=float(random.uniform(2.0, 3.4)),
        offset=float(random.uniform(0, 2 * pi)),
        side=1 if random.random() < 0.5 else -1,
    )


def pose_at(time: float, habit: Habits) -> Pose:
    """Return the pose at a time; cues are half there at once and whole after a third of a second."""
    swing = sin(2 * pi * habit.beat * time + habit.offset)
    return Pose(
        time=time,
        strength=min(1.0, 0.5 + 0.5 * time / ONSET_SECONDS),
        speech=0.3 + 0.7 * swing * swing,
        gaze=(0.22 * sin(1.7 * time + habit.offset), 0.12 * sin(1.1 * time + 2 * habit.offset)),
        side=habit.side,
    )


def still_pose(side: int) -> Pose:
    """Return the pose of a print, in which every cue is at its clearest."""
    return Pose(time=0.0, strength=1.0, speech=0.45, gaze=(0.0, 0.0), side=side)
