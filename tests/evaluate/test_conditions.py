"""Conditions: what is swapped comes from another clip, the other medium is untouched."""

from pathlib import Path

import pytest

from avere.errors import AvereError
from avere.evaluate.conditions import (
    apply,
    donor,
    inapplicable,
    name,
    rotate_options,
    rotation_of,
    rotations_under,
)
from avere.interfaces import Prompt
from avere.records import Clip, Corruption, Medium, Provenance, Question

CLIPS = [Clip(id=f"c{i}", video=Path(f"{i}.mp4"), audio=Path(f"{i}.wav"), source="t") for i in range(5)]
FOUR = Question(
    id="q",
    clip="c0",
    task="t",
    text="?",
    choices=("w", "x", "y", "z"),
    answer=2,
    target="video",
    made_by=Provenance(version="0"),
)
OPEN = FOUR.model_copy(update={"choices": (), "answer": None})
ASK = Prompt(text="?", video=Medium(path=Path("0.mp4")), audio=Medium(path=Path("0.wav")))


def test_swaps_touch_one_medium():
    heard = apply(ASK, "swap-audio", CLIPS[3])
    assert (heard.audio, heard.video) == (Medium(path=Path("3.wav")), ASK.video)
    seen = apply(ASK, "swap-video", CLIPS[3])
    assert (seen.audio, seen.video) == (ASK.audio, Medium(path=Path("3.mp4")))


def test_real_media_stay():
    assert apply(ASK, "av", CLIPS[3]) == ASK


def test_a_donor_is_another_clip_and_always_the_same():
    for clip in CLIPS:
        found = donor(clip, CLIPS, seed=1)
        assert found != clip
        assert found == donor(clip, CLIPS, seed=1)
    assert {found.id for seed in range(40) if (found := donor(CLIPS[0], CLIPS, seed))} == {
        "c1",
        "c2",
        "c3",
        "c4",
    }


def test_one_clip_cannot_be_swapped():
    with pytest.raises(AvereError, match="at least two"):
        apply(ASK, "swap-audio", donor(CLIPS[0], CLIPS[:1], seed=0))


def test_shuffling_and_blurring_touch_the_video_alone():
    shuffled = apply(ASK, "shuffle-frames", seed=7)
    assert shuffled.video == Medium(path=Path("0.mp4"), corruption=Corruption(kind="shuffle", seed=7))
    blurred = apply(ASK, "blur-captions")
    assert blurred.video == Medium(path=Path("0.mp4"), corruption=Corruption(kind="blur-captions"))
    assert shuffled.audio == blurred.audio == ASK.audio
    deaf = ASK.model_copy(update={"video": None})
    assert apply(deaf, "shuffle-frames") == deaf


def test_what_changes_nothing_is_not_applicable():
    drawn = [clip.model_copy(update={"source": "emoworld"}) for clip in CLIPS]
    silent = [clip.model_copy(update={"video": None}) for clip in CLIPS]
    clean = [clip.model_copy(update={"attributes": {"captions": "none"}}) for clip in CLIPS]
    assert inapplicable("blur-captions", drawn, [FOUR]) == "not applicable: no clip bears captions"
    assert inapplicable("blur-captions", clean, [FOUR]) == "not applicable: no clip bears captions"
    assert inapplicable("blur-captions", [*drawn, CLIPS[0]], [FOUR]) is None
    assert inapplicable("shuffle-frames", silent, [FOUR]) == "not applicable: no clip has video"
    assert inapplicable("rotate", CLIPS, [OPEN]) == "not applicable: no question has options"
    assert inapplicable("rotate", CLIPS, [OPEN, FOUR]) is None
    assert inapplicable("av", silent, [OPEN]) is None


def test_options_are_turned_until_each_stood_everywhere():
    assert list(rotations_under("rotate", FOUR)) == [1, 2, 3]
    assert list(rotations_under("rotate", OPEN)) == []
    assert list(rotations_under("text", FOUR)) == list(rotations_under("text", OPEN)) == [0]
    found = [rotate_options(FOUR, turn) for turn in range(4)]
    assert found[0] == FOUR
    assert (found[1].choices, found[1].answer) == (("x", "y", "z", "w"), 1)
    assert all(one.choices[one.answer or 0] == "y" for one in found)
    assert all({one.choices[place] for one in found} == set(FOUR.choices) for place in range(4))
    assert rotate_options(OPEN, 1) == OPEN


def test_each_turn_is_a_condition_of_its_own():
    assert [name("rotate", turn) for turn in (1, 2)] == ["rotate-1", "rotate-2"]
    assert name("swap-audio", 0) == "swap-audio"
    assert [rotation_of(one) for one in ("rotate-3", "swap-audio", "av")] == [3, 0, 0]
