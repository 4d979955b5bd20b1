"""What a seed decides of a clip, before anything is rendered."""

from collections import Counter

import pytest

from avere.world.cues import BY_NAME, EMOTIONS, LINES, STEREOTYPES, typical_cues
from avere.world.plan import ALIKE, BIAS, clip_of, draw_plan

COUNT = 3000


@pytest.fixture(scope="module", params=["biased", "balanced"])
def split(request):
    return request.param


@pytest.fixture(scope="module")
def plans(split):
    return [draw_plan(index, split=split, seed=5, identities=20) for index in range(COUNT)]


def test_the_line_suggests_the_label_in_the_biased_split_and_anything_in_the_balanced(split, plans):
    for plan in plans:
        assert plan.line in LINES[plan.said]
        assert (clip_of(plan).transcript, clip_of(plan).attributes["said"]) == (plan.line, plan.said)
    fits = sum(plan.said == plan.emotion for plan in plans) / COUNT
    chance = 1 / len(EMOTIONS)
    assert fits == pytest.approx(BIAS + (1 - BIAS) * chance if split == "biased" else chance, abs=0.03)
    shown = sum(plan.said == plan.face for plan in plans if plan.face != plan.emotion)
    assert split == "biased" or shown / sum(plan.face != plan.emotion for plan in plans) < 0.2


def test_displaced_cues_are_mostly_of_the_shown_emotion_and_never_shown_by_the_person(plans):
    for shown, cues, elsewhere in (("face", "face_cues", "poster"), ("voice", "voice_cues", "distant")):
        there = [plan for plan in plans if getattr(plan, elsewhere)]
        assert all(getattr(plan, elsewhere) not in getattr(plan, cues) for plan in there)
        same = sum(BY_NAME[getattr(plan, elsewhere)].emotion == getattr(plan, shown) for plan in there)
        assert same / len(there) == pytest.approx(ALIKE, abs=0.03)


def test_stereotypes_are_shown_no_more_often_than_other_cues(plans):
    seen = Counter(name for plan in plans for name in (*plan.face_cues, *plan.voice_cues))
    stereotyped = sum(count for name, count in seen.items() if name in STEREOTYPES)
    assert stereotyped / seen.total() == pytest.approx(1 / 3, abs=0.02)


def test_each_emotion_and_modality_has_one_stereotype_among_three_cues():
    for emotion in EMOTIONS:
        for modality in ("audio", "video"):
            names = {kind.name for kind in typical_cues(emotion, modality)}
            assert len(names) == 3
            assert len(names & STEREOTYPES) == 1


def test_no_line_names_a_cue_or_an_emotion():
    words = {wording for kind in BY_NAME.values() for wording in kind.wordings}
    for line in (line for each in LINES.values() for line in each):
        assert not any(wording in line.lower() for wording in words)
        assert not any(emotion in line.lower() for emotion in EMOTIONS)
