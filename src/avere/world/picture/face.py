"""The picture of a clip: an animated face in a room, drawn from the plan alone."""

from math import pi, radians, sin
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avere.world.picture.drawing import Brush, Image
from avere.world.picture.head import draw_shoulders, hair_behind
from avere.world.picture.identity import Identity, identity_of
from avere.world.picture.portrait import draw_portrait
from avere.world.picture.pose import Habits, Sketch, draw_habits, pose_at
from avere.world.picture.scene import FRAME, SceneLayout, draw_background, lay_out_scene
from avere.world.plan import ClipPlan

GRAIN = 64
"""How many pixels the tile of noise is larger than a frame, so that each frame cuts another piece."""

MARKED_A_SECOND = 4
"""Moments at which it is looked where a cue is drawn."""
VISIBLE = 24
"""Of 255: a smaller change of a point is not seen."""


class Camera(NamedTuple):
    """How the person moves before the camera, and what the camera makes of the light."""

    sway: tuple[float, float]
    """Largest way to the sides and up or down, in pixels of 192."""
    turn: float
    """Tilt of the head on average, in radians."""
    nod: float
    """Change of the tilt, in radians."""
    tempo: float
    """Of sway and nod, in radians a second."""
    tone: NDArray[np.uint8]
    """What becomes of each value of each channel [1, 256, 3]."""
    flicker: float
    """How far the exposure strays from frame to frame."""
    grain: NDArray[np.int16]
    """A tile of noise, larger than a frame [size + GRAIN, size + GRAIN, 3]."""


class FaceStudio(NamedTuple):
    """Everything that stays the same in all frames of a clip."""

    plan: ClipPlan
    person: Identity
    place: SceneLayout
    room: Image
    camera: Camera
    habit: Habits
    random: np.random.Generator


def render(plan: ClipPlan, fps: int = 12, size: int = 192) -> NDArray[np.uint8]:
    """Return the frames [round(seconds * fps), size, size, 3] of a clip, red first."""
    studio = _studio(plan, size)
    frames = np.empty((round(plan.seconds * fps), size, size, 3), dtype=np.uint8)
    for number, frame in enumerate(frames):
        _shoot(studio, number / fps, frame)
    return frames


def snapshot(plan: ClipPlan, size: int = 192) -> Image:
    """Return the person's head [side, side, 3] at a moment when the cues are there."""
    studio = _studio(plan, size)
    frame = np.empty((size, size, 3), dtype=np.uint8)
    _shoot(studio, 0.6, frame)
    zoom, half = size / FRAME, 1.22 * studio.place.scale
    x, y = studio.place.head
    left = min(max(x - half, 0.0), FRAME - 2 * half)
    top = min(max(y - half, 0.0), FRAME - 2 * half)
    side = round(2 * half * zoom)
    return frame[round(top * zoom) :, round(left * zoom) :][:side, :side]


def mark_cue(plan: ClipPlan, name: str, size: int = 192) -> NDArray[np.bool_]:
    """Mark the points [size, size] where a cue of the face changes the picture at any moment of the clip.

    The clip is drawn twice, with the cue and without it: chance is decided by the plan's seed alone, so that
    nothing else differs.
    """
    without = plan.model_copy(update={"face_cues": tuple(cue for cue in plan.face_cues if cue != name)})
    marked = np.zeros((size, size), dtype=np.bool_)
    for one, other in zip(
        render(plan, MARKED_A_SECOND, size), render(without, MARKED_A_SECOND, size), strict=True
    ):
        marked |= np.abs(one.astype(np.int16) - other).max(axis=-1) > VISIBLE
    return marked


def _studio(plan: ClipPlan, size: int) -> FaceStudio:
    """Draw the camera, light and person of a clip: all chance is decided here, bar the grain."""
    random = np.random.default_rng([plan.seed, 1])
    person = identity_of([plan.identity, 0])
    place = lay_out_scene(person, random)
    room = draw_background(plan, place, size, random)
    return FaceStudio(plan, person, place, room, _camera(size, random), draw_habits(random), random)


def _shoot(studio: FaceStudio, time: float, frame: Image) -> None:
    """Draw one frame [size, size, 3] in place."""
    size = len(frame)
    frame[:] = studio.room
    head = _head(frame, studio.place, time, studio.camera)
    _person(studio, Sketch(head, studio.person, pose_at(time, studio.habit)))
    y, x = studio.random.integers(0, GRAIN, size=2)
    grain = studio.camera.grain[y : y + size, x : x + size]
    exposure = 1 + studio.camera.flicker * float(studio.random.uniform(-1, 1))
    lit = cv2.convertScaleAbs(cv2.LUT(frame, studio.camera.tone), alpha=exposure)
    cv2.add(lit, grain, dst=frame, dtype=cv2.CV_8U)


def _person(studio: FaceStudio, sketch: Sketch) -> None:
    """Draw shoulders, which follow the head half way, and the head with the plan's cues."""
    brush = sketch.brush
    zoom = len(brush.image) / FRAME
    x, y = studio.place.head
    body = brush._replace(x=(brush.x + x * zoom) / 2, y=(brush.y + y * zoom) / 2, roll=brush.roll / 4)
    hair_behind(sketch)
    draw_shoulders(sketch._replace(brush=body), studio.plan.shirt)
    draw_portrait(sketch, studio.plan.face_cues)


def _head(frame: Image, place: SceneLayout, time: float, camera: Camera) -> Brush:
    """Return a brush at the head at a time."""
    zoom = len(frame) / FRAME
    x = place.head[0] + camera.sway[0] * sin(camera.tempo * time)
    y = place.head[1] + camera.sway[1] * sin(1.6 * camera.tempo * time + 1)
    roll = camera.turn + camera.nod * sin(0.8 * camera.tempo * time + 2)
    return Brush(frame, x * zoom, y * zoom, place.scale * zoom, roll)


def _camera(size: int, random: np.random.Generator) -> Camera:
    """Draw light, tint, noise and movement at random, in ignorance of any emotion."""
    gain = random.uniform(0.7, 1.15) * random.uniform(0.86, 1.14, size=3)
    values = np.linspace(0.0, 1.0, 256)[:, None] ** random.uniform(0.8, 1.3) * gain * 255
    noise = float(np.exp(random.uniform(-0.5, 1.7))) * random.standard_normal(
        (size + GRAIN, size + GRAIN, 3), dtype=np.float32
    )
    return Camera(
        sway=(float(random.uniform(0.5, 4)), float(random.uniform(0.5, 5))),
        turn=radians(float(random.uniform(-5, 5))),
        nod=radians(float(random.uniform(0, 2.5))),
        tempo=2 * pi * float(random.uniform(0.2, 0.7)),
        flicker=float(random.uniform(0.01, 0.08)),
        tone=np.clip(values, 0, 255).astype(np.uint8)[None],
        grain=np.round(noise).astype(np.int16),
    )
