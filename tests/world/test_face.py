"""The picture shows exactly what the plan says, and no single number of it gives that away."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

from avere.world.cues import EMOTIONS, FACE, OBJECTS, SHIRTS
from avere.world.picture import face
from avere.world.picture.identity import HAIRS, identity_of
from avere.world.plan import ClipPlan, draw_plan

NAMES = [kind.name for kind in FACE]


def planned(index: int, **changes) -> ClipPlan:
    return draw_plan(index, split="balanced", seed=11, identities=60).model_copy(update=changes)


def differs(first, second, by=12):
    return np.abs(first.astype(int) - second).max(axis=-1) > by


@pytest.mark.parametrize(("fps", "size"), [(12, 192), (15, 224)])
def test_shape_is_seconds_times_rate(fps, size):
    plan = planned(0, seconds=2.03)
    frames = face.render(plan, fps, size)
    assert frames.shape == (round(2.03 * fps), size, size, 3)
    assert frames.dtype == np.uint8


def test_same_plan_same_pixels_and_another_seed_others():
    plan = planned(1)
    first = face.render(plan, fps=3)
    assert np.array_equal(first, face.render(plan, fps=3))
    assert not np.array_equal(first, face.render(planned(1, seed=plan.seed + 1), fps=3))


@pytest.mark.parametrize("name", NAMES)
def test_a_cue_is_seen_in_every_frame_and_leaves_the_poster_alone(name):
    plan = planned(2, face_cues=(), poster="smile", seconds=2.0)
    without, shown = face.render(plan, 6), face.render(planned(2, **_changed(plan, face_cues=(name,))), 6)
    changed = differs(without, shown)
    assert changed.sum(axis=(1, 2)).min() > 90, "smaller than a patch of about 10 x 10 pixels"
    assert not (changed & _poster(plan)).any()


def _changed(plan: ClipPlan, **changes):
    return plan.model_dump() | changes


def _poster(plan: ClipPlan):
    """Where two prints differ in the first frame."""
    one = face.render(planned(0, **_changed(plan, poster="smile", seconds=0.2)), 6)
    other = face.render(planned(0, **_changed(plan, poster=None, seconds=0.2)), 6)
    return differs(one, other)[0]


def test_no_two_cues_look_alike_even_in_small_pictures():
    looks = {}
    for name in NAMES:
        frames = face.render(planned(3, face_cues=(name,), poster=None, seconds=2.0), 2)
        looks[name] = cv2.resize(frames[2], (112, 112), interpolation=cv2.INTER_AREA)
    for first, second in combinations(NAMES, 2):
        assert differs(looks[first], looks[second]).sum() > 50, (first, second)


@pytest.mark.parametrize("index", range(8))
def test_a_poster_shows_one_cue_that_the_head_never_covers(index):
    plan = planned(index, poster="smile", seconds=2.4)
    one, other = (face.render(planned(0, **_changed(plan, poster=name)), 6) for name in ("smile", "tears"))
    changed = differs(one, other)
    everywhere = changed.any(axis=0)
    assert changed.sum(axis=(1, 2)).min() > 0.9 * everywhere.sum() > 90
    rows, columns = np.nonzero(everywhere)
    assert max(np.ptp(rows), np.ptp(columns)) < 66


def test_a_clip_without_poster_may_show_scenery_or_nothing():
    plans = [planned(index, poster=None, seconds=0.2) for index in range(12)]
    framed = [differs(*(face.render(p, 5)[0] for p in (plan, _with_poster(plan)))).sum() for plan in plans]
    # A frame that hangs there anyway leaves fewer pixels to change.
    assert max(framed) > 3300 > min(framed)


def _with_poster(plan: ClipPlan) -> ClipPlan:
    return planned(0, **_changed(plan, poster="level"))


@pytest.mark.parametrize(("field", "values"), [("shirt", SHIRTS), ("object", OBJECTS)])
def test_each_value_of_a_plain_fact_looks_its_own_way(field, values):
    plan = planned(4, seconds=0.2)
    pictures = [face.render(planned(0, **_changed(plan, **{field: value})), 5)[0] for value in values]
    for first, second in combinations(pictures, 2):
        assert differs(first, second).sum() > 150


def test_people_differ_and_stay_themselves():
    people = [identity_of([number, 0]) for number in range(60)]
    assert {person.hair for person in people} == set(HAIRS)
    assert len(set(people)) == 60
    assert people[7] == identity_of([7, 0])


def test_a_snapshot_is_the_head_alone():
    crop = face.snapshot(planned(5))
    assert crop.shape[0] == crop.shape[1]
    assert 110 < crop.shape[0] < 150


def test_no_single_number_predicts_emotion_or_cue():
    """A tree of depth 3 on one number, other plans held out: at most chance + 10 points."""
    numbers, cues, emotions = [], [], []
    for index in range(14 * len(FACE)):
        kind = FACE[index % len(FACE)]
        frames = face.render(planned(index, face_cues=(kind.name,)), fps=5, size=96)
        values = frames.astype(np.float32)
        stored = np.mean([len(cv2.imencode(".jpg", frame)[1]) for frame in frames[::4]])
        numbers.append([*values.mean(axis=(0, 1, 2)), values.mean(), np.diff(values, axis=0).var(), stored])
        cues.append(NAMES.index(kind.name))
        emotions.append(EMOTIONS.index(str(kind.emotion)))
    table = np.asarray(numbers)
    for truth, chance in ((emotions, 1 / 7), (cues, 1 / 21)):
        for column in table.T:
            tree = DecisionTreeClassifier(max_depth=3, random_state=0)
            assert cross_val_score(tree, column[:, None], truth, cv=7).mean() <= chance + 0.1
