"""Conditions: what is swapped comes from another clip, the other medium is untouched."""

from pathlib import Path

import pytest

from avere.errors import AvereError
from avere.evaluate.conditions import apply, donor
from avere.interfaces import Ask
from avere.records import Clip, Medium

CLIPS = [Clip(id=f"c{i}", video=Path(f"{i}.mp4"), audio=Path(f"{i}.wav"), source="t") for i in range(5)]
ASK = Ask(text="?", video=Medium(path=Path("0.mp4")), audio=Medium(path=Path("0.wav")))


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
