"""Measures against hand-worked numbers, and the laws that no shift of behaviour may break."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avere import settings
from avere.analyse import HEADLINE, MEASURES, estimate_measures
from avere.analyse._auroc import compute_auroc
from avere.analyse.intervals import draw_weights
from avere.analyse.table import COUNTS, build_table
from avere.records import Provenance, Question, Score

GOLDEN_FILE = Path(__file__).parents[1] / "golden" / "measures.yaml"
GOLDEN: Any = settings.parse(GOLDEN_FILE.read_text(encoding="utf-8"), "measures.yaml")
MADE = Provenance(version="0")
YES_NO = ("Yes", "No")


def closed(name, clip, task, kind, *answered):
    answer, chosen, margin = answered
    choices = ("w", "x", "y", "z") if "basic" in task else YES_NO
    question = Question(
        id=name,
        clip=clip,
        task=task,
        kind=kind,
        text="?",
        choices=choices,
        answer=answer,
        target="audiovisual",
        made_by=MADE,
    )
    parts = {} if margin is None else {"yes_minus_no": float(margin)}
    if chosen is None:
        return question, Score(key=name, value=None, parts=parts, reason="unreadable")
    return question, Score(key=name, value=float(chosen == answer), parts={"chosen": float(chosen), **parts})


def described(name, clip, *numbers):
    names = (
        "supporting",
        "displaced",
        "spurious",
        "hallucinated",
        "wrong_modality",
        "recalled",
        "recallable",
        "unparsed",
    )
    counts = dict(zip(names, map(float, numbers), strict=True))
    counts["named"] = float(sum(numbers[:5]))
    question = Question(id=name, clip=clip, task="description_video", text="?", target="video", made_by=MADE)
    return question, Score(key=name, value=0.5, parts=counts)


def golden_table():
    rows = [closed(*row) for row in GOLDEN["questions"]] + [described(*row) for row in GOLDEN["descriptions"]]
    return build_table([question for question, _ in rows], [score for _, score in rows])


@pytest.mark.parametrize("name", GOLDEN["expected"])
def test_hand_worked(name):
    table = golden_table()
    found = estimate_measures(name, table, draw_weights(len(table.clips), draws=50))
    expected = GOLDEN["expected"][name]
    assert found.value == (None if expected is None else pytest.approx(expected, abs=1e-4))


def test_words_that_lie_by_hand():
    """Of 3 lying lines 2 are followed, one also where it is not told; 1 line fits and is answered right."""
    rows = []
    for index, (lure, alone, told) in enumerate([(1, 0, 1), (1, 1, 1), (1, 0, 0), (None, 0, 0)]):
        for kind, said in (("no_words", alone), ("words_lie" if lure else "words_fit", told)):
            name = f"{index}{kind}"
            question = Question(
                id=name, clip=f"c{index}", task="emotion_audio", kind=kind, text="?", choices=("sad", "calm"),
                answer=0, lure=lure, target="audio", made_by=MADE,
            )  # fmt: skip
            rows.append((question, Score(key=name, value=float(said == 0), parts={"chosen": float(said)})))
    table = build_table([question for question, _ in rows], [score for _, score in rows])
    drawn = draw_weights(len(table.clips), draws=20)
    found = {
        name: estimate_measures(name, table, drawn).value
        for name in (
            "emotion_accuracy/no_words",
            "emotion_accuracy/words_fit",
            "emotion_accuracy/words_lie",
            "emotion_lured/no_words",
            "emotion_lured/words_lie",
        )
    }
    assert [*found.values()] == [75.0, 100.0, *(pytest.approx(100 * n / 3, abs=1e-4) for n in (1, 1, 2))]


def test_what_is_denied_at_equal_yes_rates_by_hand():
    """Three of four supporting cues have at least 2; two of the three absent ones lie below."""
    margins = [("supporting", 4), ("supporting", 3), ("supporting", 2), ("supporting", -1)]
    margins += [("hallucinated", 2), ("hallucinated", 1), ("hallucinated", -5), ("displaced", 0)]
    rows = [
        closed(f"q{n}", f"c{n}", "reasoning_stress_audio", kind, int(kind != "supporting"), 0, float(margin))
        for n, (kind, margin) in enumerate(margins)
    ]
    table = build_table([question for question, _ in rows], [score for _, score in rows])
    drawn = draw_weights(len(table.clips), draws=20)
    found = estimate_measures("denied_at_75", table, drawn)
    assert found.value == pytest.approx(100 * 2 / 3, abs=1e-4)
    for change in (lambda margin: margin + 7, lambda margin: 3 * margin):
        moved = estimate_measures("denied_at_75", table._replace(margin=change(table.margin)), drawn)
        assert moved == found
    assert (
        estimate_measures("denied_at_75", table._replace(margin=table.margin * np.nan), drawn).value is None
    )


def test_what_is_beside_the_point_weighs_displaced_and_plain_alike():
    answered = [("displaced", 1), ("displaced", 0), ("displaced", 0), ("displaced", 0), ("plain", 1)]
    rows = [
        closed(f"q{n}", f"c{n}", "reasoning_stress_video", kind, 1, said, 0.0)
        for n, (kind, said) in enumerate(answered)
    ]
    table = build_table([question for question, _ in rows], [score for _, score in rows])
    drawn = draw_weights(len(table.clips), draws=20)
    assert estimate_measures("stress_accuracy/beside", table, drawn).value == (25 + 100) / 2


def test_stereotyped_and_rare_cues_apart():
    table = golden_table()
    half = np.where(np.arange(len(table.questions)) % 2 == 0, "stereotyped", "rare")
    table = table._replace(typicality=half.astype(np.str_))
    drawn = draw_weights(len(table.clips), draws=20)
    for kind in ("supporting", "displaced", "hallucinated"):
        rows = np.isin(table.task, ("reasoning_stress_audio", "reasoning_stress_video")) & (
            table.kind == kind
        )
        for how in ("stereotyped", "rare"):
            part = rows & (half == how)
            found = estimate_measures(f"stress_yes_rate/{kind}/{how}", table, drawn).value
            expected = 100 * table.says_yes[part].mean() if part.any() else None
            assert found == (None if expected is None else pytest.approx(expected, abs=1e-4))


def balanced(answer_of, margin_of, clips=24):
    """A balanced benchmark answered by fixed habits."""
    rows = []
    kinds = ("supporting", "supporting", "displaced", "hallucinated")
    for index in range(clips):
        clip = f"c{index}"
        for modality in ("audio", "video"):
            for number, kind in enumerate(kinds):
                task = f"reasoning_stress_{modality}"
                answer = int(kind != "supporting")
                rows.append(
                    closed(
                        f"{clip}{modality}{number}",
                        clip,
                        task,
                        kind,
                        answer,
                        answer_of(task),
                        margin_of(task),
                    )
                )
            task = f"reasoning_basic_{modality}"
            rows.append(closed(f"{clip}{task}", clip, task, None, index % 4, answer_of(task), None))
        task = "modality_agreement"
        rows.append(closed(f"{clip}{task}", clip, task, None, index % 2, answer_of(task), 1.0))
    return build_table([question for question, _ in rows], [score for _, score in rows])


@pytest.mark.parametrize("habit", [0, 1], ids=["always yes, always A", "always no, always B"])
def test_habits_earn_chance_on_every_headline(habit):
    table = balanced(lambda _: habit, lambda _: 3.0)
    drawn = draw_weights(len(table.clips), draws=20)
    found = {name: estimate_measures(name, table, drawn).value for name in HEADLINE}
    assert found == {
        "stress_score": 50.0,
        "stress_auroc": 50.0,
        "basic_accuracy": 25.0,
        "agreement_balanced_accuracy": 50.0,
    }
    assert estimate_measures("accuracy/reasoning_stress_audio", table, drawn).value == 50.0
    assert estimate_measures("harmonic_mean/reasoning_stress_audio", table, drawn).value == 0.0


def test_no_shift_of_the_threshold_moves_the_auroc():
    table = golden_table()
    drawn = draw_weights(len(table.clips), draws=100)
    shifted = table._replace(margin=3 * table.margin + 7)
    assert estimate_measures("stress_auroc", table, drawn) == estimate_measures(
        "stress_auroc", shifted, drawn
    )


def test_the_measure_of_a_resample_is_that_of_the_table_with_clips_repeated():
    rows = [closed(*row) for row in GOLDEN["questions"]] + [described(*row) for row in GOLDEN["descriptions"]]
    table = golden_table()
    drawn = draw_weights(len(table.clips), draws=30, seed=3)
    for draw in (5, 17, 29):
        repeated = []
        for question, score in rows:
            times = int(drawn[draw][table.clips.index(question.clip)])
            repeated += [
                (
                    question.model_copy(update={"id": f"{question.id}-{i}", "clip": f"{question.clip}-{i}"}),
                    score,
                )
                for i in range(times)
            ]
        copy = build_table([question for question, _ in repeated], [score for _, score in repeated])
        ones = draw_weights(len(copy.clips), draws=1)
        for name, measure in MEASURES.items():
            np.testing.assert_allclose(
                measure.of(table, drawn).values[draw], measure.of(copy, ones).values[0], err_msg=name
            )


def test_auroc_is_that_of_counting_pairs():
    random = np.random.default_rng([1])
    values, clip = random.integers(0, 5, 60).astype(float), random.integers(0, 9, 60)
    positive = random.random(60) < 0.4
    found = compute_auroc(values, clip, (positive, ~positive), np.ones((1, 9)))
    pairs = [(a > b) + 0.5 * (a == b) for a in values[positive] for b in values[~positive]]
    np.testing.assert_allclose(found, np.mean(pairs))


def test_without_log_probabilities_there_is_no_auroc():
    table = balanced(lambda _: 0, lambda _: None, clips=4)
    found = estimate_measures("stress_auroc", table, draw_weights(4, draws=10))
    assert (found.value, found.low, found.high) == (None, None, None)


def test_what_was_never_asked_is_wrong_and_counts():
    question, _ = closed("q", "c", "reasoning_basic_audio", None, 0, 0, None)
    table = build_table([question], [None])
    found = estimate_measures("basic_accuracy", table, draw_weights(1, draws=5))
    assert (found.value, found.n) == (0.0, 1)
    assert estimate_measures("unscored", table, draw_weights(1, draws=5)).value == 100.0


def test_descriptions_are_split_by_the_wording_of_their_question():
    """Seen: 1 of 2 named cues is supporting; not seen: 1 of 3; 1 of 3 supporting cues recalled, 1 of 1."""
    rows = [described("a", "c1", 1, 0, 1, 0, 0, 1, 3, 0), described("b", "c2", 1, 0, 0, 2, 0, 1, 1, 0)]
    asked = [
        question.model_copy(update={"wording": wording})
        for (question, _), wording in zip(rows, ("seen", "unseen"), strict=True)
    ]
    found = build_table(asked, [score for _, score in rows])
    expected = {
        "supporting/seen": 50,
        "supporting/unseen": 100 / 3,
        "recall/seen": 100 / 3,
        "recall/unseen": 100,
    }
    for name, value in {**expected, "supporting": 40, "unparsed/seen": 0}.items():
        one = estimate_measures(f"description/{name}", found, draw_weights(2, draws=5))
        assert one.value == pytest.approx(value, abs=1e-3), name


def test_the_order_of_clips_changes_nothing():
    table, random = golden_table(), np.random.default_rng([2])
    weights = draw_weights(len(table.clips), draws=20)
    moved = random.permutation(len(table.clips))
    other = table._replace(clip=np.argsort(moved)[table.clip], clips=tuple(table.clips[i] for i in moved))
    for name, measure in MEASURES.items():
        one, two = measure.of(table, weights), measure.of(other, weights[:, moved])
        np.testing.assert_allclose(one.values, two.values, err_msg=name)
        assert (one.n, int(one.clips.sum()), one.thinnest) == (two.n, int(two.clips.sum()), two.thinnest)


def test_to_drop_a_clip_is_to_mask_it():
    rows = [closed(*row) for row in GOLDEN["questions"]] + [described(*row) for row in GOLDEN["descriptions"]]
    table, kept = golden_table(), [(question, score) for question, score in rows if question.clip != "c2"]
    fewer = build_table([question for question, _ in kept], [score for _, score in kept])
    mask = np.array([[float(clip != "c2") for clip in table.clips]])
    for name, measure in MEASURES.items():
        masked, dropped = measure.of(table, mask).values, measure.of(fewer, np.ones((1, 3))).values
        np.testing.assert_allclose(masked, dropped, err_msg=name)


def test_every_point_lies_in_its_interval():
    random = np.random.default_rng([3])
    table = balanced(lambda _: int(random.integers(2)), lambda _: float(random.normal()), clips=40)
    found = {name: estimate_measures(name, table, draw_weights(40, draws=200)) for name in MEASURES}
    known: dict[str, Any] = {name: one for name, one in found.items() if one.low is not None}
    assert len(known) > 30
    assert all(one.low <= one.value <= one.high for one in known.values())
    assert all(one.reason for name, one in found.items() if name not in known)


def test_counts_of_closed_rows_are_zero():
    table = balanced(lambda _: 0, lambda _: None, clips=2)
    assert all(not table.counts[name].any() for name in COUNTS)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    hits = 0
    for trial in range(60):
        random = np.random.default_rng([trial, 4])
        rows = [
            closed(
                f"{clip}-{i}", f"c{clip}", "reasoning_basic_audio", None, 0, int(random.random() > rate), None
            )
            for clip, rate in enumerate(random.uniform(0.3, 0.9, 80))
            for i in range(3)
        ]
        table = build_table([question for question, _ in rows], [score for _, score in rows])
        found: Any = estimate_measures("basic_accuracy", table, draw_weights(80, draws=300, seed=trial))
        hits += found.low <= 60.0 <= found.high
    assert hits >= 50
