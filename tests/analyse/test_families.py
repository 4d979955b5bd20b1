"""Measures of each family, by hand and against independent code, in every resampling of clips."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere.analyse import families
from avere.analyse.classification import classify
from avere.analyse.intervals import draw_weights
from avere.analyse.measures import estimate_with_interval
from avere.analyse.table import build_table
from avere.analyse.wheels import wheel_scores
from avere.answers.wheels import Wheels, ring_of
from avere.benchmark import ov_merd
from avere.records import Provenance, Question, Score

MADE = Provenance(version="0")
LABELS = ("anger", "fear", "joy")
WHEELS = Wheels(
    forms={"happier": ("happy",), "sadly": ("sad",)},
    synonyms={"glad": ("happy",)},
    wheels=(
        {"happy": {"joyful": ("ecstatic",)}, "sad": {"lonely": ()}},
        {"good": {"happy": ()}, "bad": {"sad": (), "cross": ()}},
    ),
)
SPOKES = [
    ov_merd.Spoke(f"{prefix}wheel {number} level {level}", ring_of(wheel, level, rule))
    for prefix, rule in ov_merd.RULES.items()
    for number, wheel in enumerate(WHEELS.wheels, start=1)
    for level in (1, 2)
]


def asked(place, clip, answer, choices=LABELS, **more):
    fields: Any = {"task": "emotion", "text": "?", "target": "audiovisual", "made_by": MADE} | more
    return Question(id=f"q{place:03}", clip=clip, choices=choices, answer=answer, **fields)


def scored(question, chosen):
    """Return the score of a choice; None is an answer that could not be read."""
    if chosen is None:
        return Score(key=question.id, value=None, reason="unparsed")
    return Score(key=question.id, value=float(chosen == question.answer), parts={"chosen": float(chosen)})


def open_question(place, task):
    return Question(id=f"q{place}", clip=f"c{place}", task=task, text="?", target="audiovisual", made_by=MADE)


def values_of(table):
    """Return the value of every measure."""
    point = draw_weights(len(table.clips), draws=1)
    return {
        name: estimate_with_interval(one, table, point).value
        for name, one in families.of(table).measures.items()
    }


def recognised(pairs, benchmark="dfew", votes=None, **more):
    """Return the table of right and chosen labels, one clip each."""
    questions = [asked(n, f"c{n:03}", right, **more) for n, (right, _) in enumerate(pairs)]
    scores = [scored(one, chosen) for one, (_, chosen) in zip(questions, pairs, strict=True)]
    return build_table(questions, scores, benchmark, votes)


labelled = st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2)), min_size=1, max_size=12)


@given(labelled)
def test_every_resampling_is_scored_as_the_one_definition_has_it(pairs):
    table = recognised(pairs)
    drawn = draw_weights(len(pairs), draws=3, seed=7)
    measures = families.of(table).measures
    for row, counts in enumerate(drawn):
        again = [pair for pair, count in zip(pairs, counts, strict=True) for _ in range(int(count))]
        truth = [LABELS[right] for right, _ in again]
        expected = classify(truth, [None if one is None else LABELS[one] for _, one in again], LABELS)
        for name in ("uar", "war", "f1_macro", "f1_weighted"):
            value, wanted = measures[name].of(table, drawn).values[row], getattr(expected, name)
            assert np.isnan(value) if wanted is None else value == pytest.approx(wanted), name
        for label, each in expected.by_label.items():
            for name in ("recall", "precision", "f1"):
                value, wanted = measures[f"{name}/{label}"].of(table, drawn).values[row], getattr(each, name)
                assert np.isnan(value) if wanted is None else value == pytest.approx(wanted), name


def test_folds_are_scored_apart_and_averaged():
    """Fold 1: both labels right, UAR 100. Fold 2: one label right, the other unread, UAR 50."""
    first = [asked(n, f"c{n}", n, ("a", "b"), kind="fold 1") for n in (0, 1)]
    second = [asked(n, f"c{n}", n - 2, ("a", "b"), kind="fold 2") for n in (2, 3)]
    scores = [scored(one, said) for one, said in zip([*first, *second], (0, 1, 0, None), strict=True)]
    table = build_table([*first, *second], scores, "dfew")
    family, values = families.of(table), values_of(table)
    assert (values["uar/fold_1"], values["uar/fold_2"], values["uar_folds"], values["uar"]) == (
        100,
        50,
        75,
        75,
    )
    assert values["unscored"] == 25
    assert "uar_folds" in family.headline


def test_votes_of_all_annotators():
    """The model says joy as 3 of 4 do, anger as 1 of 4 does, nothing readable, and anger without votes."""
    votes = [{"joy": 3.0, "fear": 1.0}, {"anger": 1.0, "fear": 3.0}, {"joy": 2.0, "fear": 2.0}, {}]
    table = recognised([(2, 2), (1, 0), (2, None), (0, 0)], "mafw", votes)
    values = values_of(table)
    assert values["vote_share"] == pytest.approx(100 * (0.75 + 0.25 + 0) / 3, abs=1e-4)
    assert values["vote_ceiling"] == pytest.approx(100 * (0.75 + 0.75 + 0.5) / 3, abs=1e-4)
    assert values["vote_top"] == pytest.approx(100 / 3, abs=1e-4)
    assert values["people"] == pytest.approx(100 * (0.75 + 0.75 + 0.5) / 3, abs=1e-4)


def test_people_by_how_they_met_a_clip():
    votes = [{"audio:joy": 1.0, "audio:fear": 3.0, "video:joy": 1.0, "audiovisual:joy": 4.0}]
    table = recognised([(2, 2)], "crema_d", votes)
    values = values_of(table)
    assert [values[f"people/{met}"] for met in ("audio", "video", "audiovisual")] == [25, 100, 100]
    assert values["vote_share"] == 100


def yes_no(rows, benchmark):
    """Return the table of rows: task, kind, right answer, said answer ("" unread), one clip each."""
    questions, scores = [], []
    for place, (task, kind, right, said) in enumerate(rows):
        answer = ("Yes", "No").index(right)
        questions.append(asked(place, f"c{place:02}", answer, ("Yes", "No"), task=task, kind=kind))
        scores.append(scored(questions[-1], ("Yes", "No").index(said) if said else None))
    return build_table(questions, scores, benchmark)


def test_yes_or_no_by_hand():
    """Yes, no and unread where yes is right; no and yes where no is: 1 of 2 yeses right, 1 of 3 found."""
    said = (("Yes", "Yes"), ("Yes", "No"), ("Yes", ""), ("No", "No"), ("No", "Yes"))
    rows = [("av_matching", None, *pair) for pair in said] + [("audio_only", None, "Yes", "Yes")]
    table = yes_no(rows, "avhbench")
    family, values = families.of(table), values_of(table)
    found = [
        values[f"{name}/av_matching"] for name in ("accuracy", "precision", "recall", "no_recall", "yes_rate")
    ]
    assert found == pytest.approx([40, 50, 100 / 3, 50, 40], abs=1e-4)
    assert values["f1/av_matching"] == pytest.approx(100 * 2 * 1 / (3 + 2))
    assert values["mean_accuracy"] == 40  # the copy for one medium is a control
    assert values["unscored"] == pytest.approx(100 / 6, abs=1e-4)
    assert not any(name.endswith("audio_only") for name in family.headline)


def test_probes_by_hand():
    rows = [
        ("dominance", "object-level", "Yes", "Yes"),
        ("dominance", "object-level", "No", "Yes"),
        ("dominance", "event-level", "Yes", "Yes"),
        ("spurious", "event-level", "No", "No"),
        ("spurious", "event-level", "Yes", ""),
    ]
    table = yes_no(rows, "cmm")
    values = values_of(table)
    assert values["perception_accuracy"] == pytest.approx(200 / 3, abs=1e-4)
    assert values["hallucination_resistance"] == 50
    assert values["hallucination_resistance/dominance/object-level"] == 0
    assert values["perception_accuracy/spurious"] == 0
    assert values["hallucination_resistance/spurious/object-level"] is None
    assert values["mean_accuracy"] == pytest.approx((200 / 3 + 50) / 2, abs=1e-4)


words = st.sets(st.sampled_from(["happier", "glad", "ecstatic", "sad", "lonely", "cross", "purple"]))


@given(st.lists(st.tuples(words, words), min_size=1, max_size=8))
def test_every_resampling_has_the_wheel_scores_of_its_clips(pairs):
    questions = [open_question(place, "open_vocabulary") for place in range(len(pairs))]
    scores = []
    for question, (right, said) in zip(questions, pairs, strict=True):
        found = ov_merd.compared(tuple(right), tuple(said), WHEELS, SPOKES)
        scores.append(Score(key=question.id, value=found.value, parts=found.parts))
    table = build_table(questions, scores, "ov_merd")
    drawn = draw_weights(len(pairs), draws=3, seed=5)
    measures = families.of(table).measures
    for row, counts in enumerate(drawn):
        again = [pair for pair, count in zip(pairs, counts, strict=True) for _ in range(int(count))]
        for prefix, rule in ov_merd.RULES.items():
            expected = wheel_scores([one for one, _ in again], [other for _, other in again], WHEELS, rule)
            for name, wanted in (
                ("ew_f1/level_1", expected.level1),
                ("ew_f1/level_2", expected.level2),
                ("ew_f1", expected.mean),
            ):
                value = measures[prefix.replace(" ", "/") + name].of(table, drawn).values[row]
                assert np.isnan(value) if wanted is None else value == pytest.approx(wanted), name


def test_what_was_not_judged_counts_nothing():
    questions = [open_question(place, "description") for place in range(2)]
    four = {"clue_overlap": 6.0, "label_overlap": 8.0, "spurious": 10.0, "hallucination": 4.0}
    nothing = dict.fromkeys((*four, "judged"), 0.0)
    scores = [
        Score(key="q0", value=7.0, parts=four | {"judged": 1.0}),
        Score(key="q1", value=None, parts=nothing),
    ]
    table = build_table(questions, scores, "emer")
    values = values_of(table)
    assert [values[name] for name in four] == [3, 4, 5, 2]
    assert (values["judged_mean"], values["unscored"]) == (3.5, 50)


def judged(*marks):
    """Return the table of descriptions with four scores each; None: without a judgement."""
    names = ("clue_overlap", "label_overlap", "spurious", "hallucination")
    nothing = dict.fromkeys((*names, "judged"), 0.0)
    scores = [
        Score(key="", value=None, parts=nothing)
        if four is None
        else Score(key="", value=0.0, parts=dict(zip(names, four, strict=True)) | {"judged": 1.0})
        for four in marks
    ]
    return build_table([open_question(place, "description") for place in range(len(marks))], scores, "emer")


def test_the_published_form_leaves_out_what_was_not_judged():
    """Scale 1 to 10: a 0 counts 1. 2 of 3 were judged: (6 + 1)/2, (8 + 1)/2, (10 + 1)/2, (4 + 3)/2.

    From 0 to 10 over all three: (6 + 0)/3, (8 + 1)/3, (10 + 0)/3, (4 + 3)/3.
    """
    values = values_of(judged((6, 8, 10, 4), None, (0, 1, 0, 3)))
    names = ("clue_overlap", "label_overlap", "spurious", "hallucination", "judged_mean")
    published = [values[f"{name}/as_published"] for name in names]
    assert published == [3.5, 4.5, 5.5, 3.5, (3.5 + 4.5 + 5.5 + 3.5) / 4]
    ours = [values[name] for name in names]
    assert ours == pytest.approx([2, 3, 10 / 3, 7 / 3, (2 + 3 + 10 / 3 + 7 / 3) / 4], abs=1e-4)
    assert values["unscored"] == pytest.approx(100 / 3, abs=1e-4)


def test_the_published_form_rests_on_judged_descriptions_and_may_have_none():
    table = judged(None, None)
    values = values_of(table)
    assert (values["judged_mean"], values["judged_mean/as_published"]) == (0, None)
    found = families.of(judged((1, 1, 1, 1), None, (5, 5, 5, 5))).measures
    table = judged((1, 1, 1, 1), None, (5, 5, 5, 5))
    ones = draw_weights(3, draws=1)
    assert (
        found["judged_mean/as_published"].of(table, ones).n,
        found["judged_mean"].of(table, ones).n,
    ) == (2, 3)
