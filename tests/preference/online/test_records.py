"""Pairs, groups and best answers from samples written by hand: which are chosen, why, and what is counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.preference.online.making import (
    ASKED_PROMPT,
    CLIPS,
    CUES,
    FACE_PROMPT,
    VOICE_PROMPT,
    make_prompt,
    write_samples,
)

from avere import settings
from avere.errors import AvereError
from avere.preference.data import Records, check_records
from avere.preference.losses import avem_dpo, grpo
from avere.preference.online.faults import list_faults
from avere.preference.online.records import LearningRecipe, RecordSummary, make_records
from avere.preference.online.truth import PolicyAnswer, know_prompts
from avere.preference.recipe import RunOptions
from avere.records import MinedPair, PreferencePair, Score, jsonl

SUM: dict[str, Any] = {
    "cue_precision": {"weight": 1},
    "cue_recall": {"weight": 1},
    "yes_no": {"weight": 1},
}
GOOD = "The face looks happy because of the broad smile."
BOTH = "The face looks happy because of the broad smile and the pink cheeks."
SHIRT = "The face looks happy because of the red shirt."
POSTER = "The face looks surprised because of the widened eyes."
ABSENT = "The face looks happy because of the bared teeth."
HALF = "The face looks happy because of the broad smile and the red shirt."
MIXED = "The face looks happy because of the red shirt and the bared teeth."


def learn(form: str, **sections: Any) -> LearningRecipe:
    return settings.check({"rewards": {"sum": SUM}, "form": form, **sections}, LearningRecipe, "test")


def make(folder: Path, said: Any, recipe: LearningRecipe, *more: PreferencePair) -> tuple[Any, RecordSummary]:
    pairs = [pair for pair in (FACE_PROMPT, VOICE_PROMPT, ASKED_PROMPT, *more) if pair.id in said]
    write_samples(folder / "samples", said, pairs)
    summary = make_records(folder / "samples", recipe, folder / "out")
    return list(jsonl.read(folder / "out" / "pairs.jsonl", PreferencePair)), summary


def test_the_best_answer_stands_against_the_policy_s_own_two_faults(tmp_path: Path) -> None:
    said = {FACE_PROMPT.id: [SHIRT, GOOD, ABSENT, MIXED, BOTH, POSTER]}
    (pair,), summary = make(tmp_path, said, learn("pairs"))
    # Both supporting cues are named: 1. The shirt, the poster's eyes and the absent teeth earn 0 each.
    assert (pair.chosen, pair.spurious, pair.hallucinated) == (BOTH, SHIRT, ABSENT)
    # The only other clip shows sadness and no smile, so that its face makes the answer false.
    assert pair.corruption.video is not None
    assert pair.corruption.video.clip == "c1"
    (source,) = jsonl.read(tmp_path / "out" / "mined.jsonl", MinedPair)
    assert (source.chosen, source.reward) == ("c0/video#4", 1.0)
    assert {(one.kind, one.sample, one.reason) for one in source.rejects} == {
        ("spurious", "c0/video#0", "'shirt-red' is evidence of nothing"),
        ("hallucinated", "c0/video#2", "'teeth' is not there"),
    }
    assert summary.records == 1
    config = avem_dpo.Config()
    clips = {name: clip.model_copy(update={"video": None, "audio": None}) for name, clip in CLIPS.items()}
    with pytest.raises(AvereError) as refused:
        check_records(Records([pair], clips, []), avem_dpo.views(config), RunOptions())
    assert "answer" not in str(refused.value)  # only the media, which these clips lack


def test_a_wrong_yes_is_the_fault_of_what_was_suggested(tmp_path: Path) -> None:
    yes = "Yes, the face looks happy because of the broad smile."
    no = "No, the face looks happy because of the broad smile."
    spurious = "No, the face looks happy because of the red shirt."
    (pair,), _ = make(tmp_path, {ASKED_PROMPT.id: [yes, no, spurious]}, learn("pairs"))
    assert (pair.chosen, pair.hallucinated, pair.spurious) == (no, yes, spurious)
    # The replacement shows the cue that the answer denies; no clip has it on its person.
    assert pair.corruption.video is None


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([GOOD, GOOD, GOOD], "all answers are the same"),
        ([SHIRT, ABSENT, "The face looks happy."], "all answers earn the same"),
        ([GOOD, "The face looks…"], "fewer than two answers that ended have a reward"),
        ([GOOD, ""], "fewer than two answers that ended have a reward"),
        ([MIXED, HALF], "the best answer has a fault itself"),
        ([BOTH, GOOD], "no answer has a known fault and earns less by the margin"),
        ([GOOD, f"{SHIRT} It is very red. Oh."], "no faulty answer has the length and form of the best"),
        ([GOOD, SHIRT], "the policy made no hallucinated answer"),
    ],
)  # fmt: skip
def test_what_gives_no_pair_is_counted_and_nothing_is_refused(
    tmp_path: Path, texts: list[str], reason: str
) -> None:
    said = {FACE_PROMPT.id: texts}
    with pytest.raises(AvereError, match=f"no record can be made of {len(texts)} samples .*1: {reason}"):
        make(tmp_path, said, learn("pairs"))
    pairs, summary = make(tmp_path, said, learn("pairs", on_nothing="skip"))
    assert pairs == []
    assert summary.skipped == {reason: 1}


def test_what_the_policy_did_not_get_wrong_may_be_left_or_taken_from_the_prompt(tmp_path: Path) -> None:
    said = {FACE_PROMPT.id: [GOOD, SHIRT]}
    (left,), _ = make(tmp_path / "a", said, learn("pairs", pairs={"missing": "leave"}))
    assert (left.spurious, left.hallucinated) == (SHIRT, None)
    (filled,), _ = make(tmp_path / "b", said, learn("pairs", pairs={"missing": "offline"}))
    assert (filled.spurious, filled.hallucinated) == (SHIRT, FACE_PROMPT.hallucinated)


def test_a_group_has_its_mean_and_deviation_and_leaves_cut_answers_out(tmp_path: Path) -> None:
    said = {FACE_PROMPT.id: [BOTH, SHIRT, GOOD, "The broad smile…"], VOICE_PROMPT.id: ["Laughter."] * 4}
    pairs, summary = make(tmp_path, said, learn("groups"))
    assert [pair.id for pair in pairs] == ["c0/video#0", "c0/video#1", "c0/video#2"]
    # Precision and recall: (1 + 1) / 2, 0, (1 + 1/2) / 2, (1 + 1/2) / 2; mean 0.625.
    deviation = ((0.375**2 + 0.625**2 + 2 * 0.125**2) / 3) ** 0.5
    first = pairs[0].group
    assert first is not None
    assert (first.reward, first.mean, first.log_prob) == (1.0, 0.625, -2.0)
    assert first.std == pytest.approx(deviation)
    assert summary.skipped == {"all answers are the same": 1, "answers cut off at max_tokens": 1}
    clips = {name: clip.model_copy(update={"video": Path(__file__)}) for name, clip in CLIPS.items()}
    clips = {name: clip.model_copy(update={"audio": Path(__file__)}) for name, clip in clips.items()}
    check_records(Records(pairs, clips, []), grpo.views(grpo.Config()), RunOptions())


def test_the_best_are_imitated_where_they_earn_enough(tmp_path: Path) -> None:
    said = {FACE_PROMPT.id: [GOOD, BOTH, BOTH, SHIRT], VOICE_PROMPT.id: ["Rain noise.", "Nothing."] * 2}
    pairs, summary = make(tmp_path / "a", said, learn("best"))
    assert [(pair.id, pair.chosen, pair.spurious) for pair in pairs] == [("c0/video#1", BOTH, None)]
    assert summary.skipped == {"no right answer without a known fault earned enough": 1}
    pairs, _ = make(tmp_path / "b", said, learn("best", best={"keep": 2}))
    assert [pair.chosen for pair in pairs] == [BOTH, GOOD]


def test_an_answer_with_the_wrong_verdict_is_never_the_good_one(tmp_path: Path) -> None:
    """Right cues can outweigh it: denied is what the face shows, by naming just that."""
    asked = ASKED_PROMPT.model_copy(
        update={"id": "c0/yes", "prompt": "Does the face look happy because of the broad smile?",
                "chosen": "Yes, the face looks happy because of the broad smile."}
    )  # fmt: skip
    denied = "No, the face looks happy because of the broad smile."
    texts = {asked.id: [denied, "No, the face looks happy because of the red shirt."]}
    _, pairs = make(tmp_path / "pairs", texts, learn("pairs", on_nothing="skip"), asked)
    assert pairs.skipped == {"the best answer has not the right verdict": 1}
    _, best = make(tmp_path / "best", texts, learn("best", on_nothing="skip", best={"least": 0.1}), asked)
    assert best.skipped == {"no right answer without a known fault earned enough": 1}
    texts[asked.id].append(asked.chosen)
    ((made,), _) = make(tmp_path / "right", texts, learn("best"), asked)
    assert made.chosen == asked.chosen


@pytest.mark.parametrize(("most", "kept"), [(None, 6), (6, 6), (5, 3), (3, 3), (2, 0)])
def test_so_many_records_are_kept_and_groups_stay_whole(tmp_path: Path, most: int | None, kept: int) -> None:
    said = {FACE_PROMPT.id: [BOTH, SHIRT, GOOD], ASKED_PROMPT.id: ["Yes.", "No.", "Yes."]}
    pairs, summary = make(tmp_path, said, learn("groups", records=most, on_nothing="skip"))
    assert (len(pairs), summary.records) == (kept, kept)
    assert len({pair.prompt for pair in pairs}) == kept / 3
    assert summary.skipped == ({} if kept == 6 else {f"records beyond {most}": 6 - kept})
    drawn = [
        make(tmp_path / str(seed), said, learn("groups", records=3, seed=seed))[0][0].prompt
        for seed in range(6)
    ]
    assert len(set(drawn)) == 2


def test_of_pairs_that_are_kept_the_origin_is_told(tmp_path: Path) -> None:
    said = {
        FACE_PROMPT.id: [GOOD, SHIRT, ABSENT],
        ASKED_PROMPT.id: ["Yes, it does.", "No, it is not.", "No."],
    }
    rules = {"missing": "leave", "length": 9}
    both, _ = make(tmp_path / "all", said, learn("pairs", pairs=rules))
    (pair,), _ = make(tmp_path / "one", said, learn("pairs", pairs=rules, records=1))
    assert len(both) == 2
    assert [one.pair for one in jsonl.read(tmp_path / "one" / "out" / "mined.jsonl", MinedPair)] == [pair.id]


def test_rewards_and_habits_are_written_down(tmp_path: Path) -> None:
    said = {
        FACE_PROMPT.id: [GOOD, SHIRT, "", FACE_PROMPT.prompt],
        ASKED_PROMPT.id: ["No.", "No, no.", "Yes.", "Is it?"],
    }
    _, summary = make(tmp_path, said, learn("groups"))
    assert summary.habits["empty"] == 1 / 8
    assert summary.habits["copies"] == 1 / 8
    assert summary.habits["denials"] == 2 / 4
    assert summary.habits["evasions"] == 1 / 4
    scores = list(jsonl.read(tmp_path / "out" / "rewards.jsonl", Score))
    assert [score.value for score in scores[:2]] == [0.75, 0.0]
    assert scores[1].read_as == "spurious: 'shirt-red' is evidence of nothing"
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told["rewards"]["reward/yes_no"] == 2 / 4


def test_single_answers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AvereError, match=r"one answer to each prompt.*draw two or more"):
        make(tmp_path, {FACE_PROMPT.id: [GOOD]}, learn("groups"))


def test_unfinished_samples_are_refused(tmp_path: Path) -> None:
    write_samples(tmp_path / "samples", {FACE_PROMPT.id: [GOOD, SHIRT]}, [FACE_PROMPT, VOICE_PROMPT])
    with pytest.raises(AvereError, match="lacks answers to some prompts"):
        make_records(tmp_path / "samples", learn("groups"), tmp_path / "out")


def test_rewards_that_fail_are_counted_where_the_recipe_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from avere.preference.online.rewards import cue_recall

    def failing(answer: PolicyAnswer, truth: object, config: object) -> float:
        return float("nan") if answer.text == SHIRT else 0.5

    monkeypatch.setattr(cue_recall, "reward", failing)
    said = {FACE_PROMPT.id: [GOOD, SHIRT, ABSENT]}
    with pytest.raises(AvereError, match="reward 'cue_recall' gave nan"):
        make(tmp_path, said, learn("groups"))
    pairs, summary = make(tmp_path, said, learn("groups", rewards={"sum": SUM, "on_fault": "skip"}))
    assert len(pairs) == 2
    assert list(summary.unrewarded.values()) == [1]


def test_faults_are_named_by_what_is_wrong() -> None:
    both = make_prompt("c0", "audiovisual", "What shows it?", "The broad smile and the broken sobs.")
    truths = know_prompts([FACE_PROMPT, both], CLIPS, CUES)

    def faults(text: str, prompt: PreferencePair = FACE_PROMPT) -> list[tuple[str, str]]:
        return [(one.kind, one.reason) for one in list_faults(PolicyAnswer(text), truths[prompt.id])]

    assert faults("The broad smile, no bared teeth.") == []
    assert faults("The widened eyes.") == [("spurious", "'wide' is somebody else's")]
    assert faults("The broken sobs.") == [("spurious", "'sob' is no video")]
    assert faults("The broken sobs.", both) == []
    assert faults("The long sigh.", both) == [("hallucinated", "'sigh' is not there")]
