"""Sampling into a folder: resumed to the same bytes, counted, refused where nothing can come of it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.preference.online.making import CLIPS, CUES, FACE_PROMPT, VOICE_PROMPT, furnish

from avere.errors import AvereError
from avere.interfaces import Drawing, Prompt, SampledReply
from avere.preference.online.prompts import choose_prompts, read_prompts
from avere.preference.online.sample import SamplingRecipe, read_samples, sample_policy, tell_faults
from avere.records import runs

RECIPE = SamplingRecipe(count=3, max_tokens=5, prompts_at_once=1)


class Policy:
    """A policy whose answers are told by the name of the prompt, the seed and the number."""

    name = fingerprint = "drawn"

    def __init__(self, dies_at: int | None = None, **reply: Any) -> None:
        self.asked: list[str] = []
        self.dies_at = dies_at
        self.reply = reply

    def sample(
        self, prompts: Sequence[Prompt], names: Sequence[str], drawing: Drawing
    ) -> list[tuple[SampledReply, ...]]:
        if self.dies_at is not None and len(self.asked) >= self.dies_at:
            raise KeyboardInterrupt
        self.asked += names
        assert all(prompt.video is not None for prompt in prompts)
        return [tuple(self._say(name, drawing.seed, n) for n in range(drawing.count)) for name in names]

    def _say(self, *told: object) -> SampledReply:
        text = hashlib.sha256(repr(told).encode()).hexdigest()[:6]
        given: dict[str, Any] = {"text": text, "log_prob": -1.5, "tokens": 3, "ended": True}
        return SampledReply(**(given | self.reply))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return furnish(tmp_path / "data", [FACE_PROMPT, VOICE_PROMPT], CLIPS, CUES)


def test_a_run_that_was_killed_ends_with_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    whole = sample_policy(Policy(), folder, RECIPE, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        sample_policy(Policy(dies_at=1), folder, RECIPE, tmp_path / "killed")
    torn = tmp_path / "killed" / "samples.jsonl"
    torn.write_bytes(torn.read_bytes()[:-7])  # a write that was cut off
    later = Policy()
    again = sample_policy(later, folder, RECIPE, tmp_path / "killed")
    assert again.read_bytes() == whole.read_bytes()
    assert later.asked == [FACE_PROMPT.id, VOICE_PROMPT.id]
    told = runs.read_info(tmp_path / "killed")
    assert told is not None
    assert told.ended is not None
    third = Policy()
    sample_policy(third, folder, RECIPE, tmp_path / "killed")
    assert third.asked == []
    samples = read_samples(tmp_path / "whole")
    assert list(samples) == [f"{pair.id}#{n}" for pair in (FACE_PROMPT, VOICE_PROMPT) for n in range(3)]
    assert samples[f"{FACE_PROMPT.id}#1"].log_prob == -1.5


def test_a_folder_holds_one_run(folder: Path, tmp_path: Path) -> None:
    sample_policy(Policy(), folder, RECIPE, tmp_path / "out")
    before = (tmp_path / "out" / "samples.jsonl").read_bytes()
    with pytest.raises(AvereError, match=r"recipe temperature is 1\.0 there and 0\.5 here"):
        sample_policy(Policy(), folder, RECIPE.model_copy(update={"temperature": 0.5}), tmp_path / "out")
    (folder / "media.mp4").write_bytes(b"other")
    with pytest.raises(AvereError, match="other media"):
        sample_policy(Policy(), folder, RECIPE, tmp_path / "out")
    assert (tmp_path / "out" / "samples.jsonl").read_bytes() == before


def test_prompts_are_drawn_with_the_seed_and_those_of_a_clip_stand_together(folder: Path) -> None:
    data = read_prompts(folder)
    many = data._replace(
        pairs=tuple(pair.model_copy(update={"id": f"{pair.id}-{n}"}) for n in range(9) for pair in data.pairs)
    )
    drawn = choose_prompts(many, 8, seed=1)
    assert len(drawn.pairs) == 8
    assert drawn == choose_prompts(many, 8, seed=1)
    assert drawn != choose_prompts(many, 8, seed=2)
    clips = [pair.clip for pair in choose_prompts(many, None, 0).pairs]
    assert clips == sorted(clips)
    assert len(clips) == 18


def test_a_prompt_about_a_medium_that_is_not_there_is_told_or_left_out(tmp_path: Path) -> None:
    silent = {name: clip.model_copy(update={"audio": None}) for name, clip in CLIPS.items()}
    folder = furnish(tmp_path / "data", [FACE_PROMPT, VOICE_PROMPT], silent, CUES)
    told = r"1 of 2 prompts ask about a medium that is not there, first 'c1/audio'.*has no audio.*skip"
    with pytest.raises(AvereError, match=told):
        sample_policy(Policy(), folder, RECIPE, tmp_path / "out")
    assert not (tmp_path / "out" / "samples.jsonl").exists()
    skipping = RECIPE.model_copy(update={"on_bad_prompt": "skip"})
    sample_policy(Policy(), folder, skipping, tmp_path / "out")
    assert {one.prompt for one in read_samples(tmp_path / "out").values()} == {FACE_PROMPT.id}
    furnish(tmp_path / "none", [VOICE_PROMPT], silent, CUES)
    with pytest.raises(AvereError, match="1 of 1 prompts"):
        sample_policy(Policy(), tmp_path / "none", skipping, tmp_path / "other")


def test_what_goes_wrong_with_answers_is_counted(folder: Path, tmp_path: Path) -> None:
    for reply, counted in (
        ({"text": " "}, {"empty": 6}),
        ({"ended": False}, {"cut off": 6}),
        ({"text": "", "status": "media error", "reason": "cannot read"}, {"media error": 6}),
    ):
        out = tmp_path / next(iter(counted))
        sample_policy(Policy(**reply), folder, RECIPE, out)
        assert tell_faults(read_samples(out).values()) == counted


def test_a_model_that_cannot_draw_is_refused(folder: Path, tmp_path: Path) -> None:
    import avere

    with pytest.raises(AvereError, match=r"does not draw answers with their probabilities.*such as tiny"):
        sample_policy(avere.load("scripted:always-yes"), folder, RECIPE, tmp_path / "out")


def test_a_folder_without_prompts_is_refused(tmp_path: Path) -> None:
    furnish(tmp_path / "data", [], CLIPS, CUES)
    with pytest.raises(AvereError, match="holds no prompts"):
        sample_policy(Policy(), tmp_path / "data", RECIPE, tmp_path / "out")
    furnish(tmp_path / "other", [FACE_PROMPT], {}, CUES)
    with pytest.raises(AvereError, match="1 of 1 prompts name a clip that is not in"):
        sample_policy(Policy(), tmp_path / "other", RECIPE, tmp_path / "out")
