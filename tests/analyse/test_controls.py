"""Controls by hand: the gain of both media, shortcuts, the order of options."""

import pytest

from avere.analyse import read_run, read_summary, summarise_run
from avere.analyse.controls import measure_controls
from avere.analyse.intervals import draw_weights

from .conftest import prediction, question, write


def test_gain_and_shortcut_by_hand(tmp_path):
    """Of 4 questions av knows 3, sound 1, picture 2, neither 1: gain 75 - 50, shortcut 25, chance 25."""
    asked = [question(f"q{i}", f"c{i}") for i in range(4)]
    known = {"av": 3, "a": 1, "v": 2, "text": 1}
    predictions = [
        prediction(one, 0 if place < count else 1, condition)
        for condition, count in known.items()
        for place, one in enumerate(asked)
    ]
    found = measure_controls(read_run(write(tmp_path / "run", asked, predictions)), draw_weights(4, draws=50))
    assert list(found) == [
        "chance/reasoning_basic_audio",
        "modality_gain/reasoning_basic_audio",
        "shortcut_rate/reasoning_basic_audio",
    ]
    assert [one.value for one in found.values()] == [25.0, 25.0, 25.0]
    assert [one.reason for one in found.values()] == ["only 4 clips"] * 3


def test_the_shortcut_index_by_hand(tmp_path):
    """Two questions about the voice, their lp(yes) - lp(no) with own media, other sound, other picture, both.

    First 4, 0, 3, 1: sound |(4 + 3) - (0 + 1)| / 2 = 3, picture |(4 + 0) - (3 + 1)| / 2 = 0. Second 2, 0, 0,
    -2: sound 2, picture 2. So 2 of 7 rest on the picture.
    """
    asked = [question(f"q{i}", f"c{i}", "reasoning_stress_audio", "supporting") for i in range(2)]
    margins = {"av": (4, 2), "swap-audio": (0, 0), "swap-video": (3, 0), "swap-both": (1, -2)}
    predictions = [
        prediction(one, 0, condition, logs=(margin - 5.0, -5.0))
        for condition, each in margins.items()
        for one, margin in zip(asked, each, strict=True)
    ]
    found = measure_controls(read_run(write(tmp_path / "run", asked, predictions)), draw_weights(2, draws=20))
    assert found["shortcut_index/reasoning_stress_audio"].value == pytest.approx(100 * 2 / 7, abs=1e-4)


def turned(one, options_said, conditions=("av", "rotate-1", "rotate-2", "rotate-3")):
    """Return answers that choose these options of the question as it stands, one a turn."""
    count = len(one.choices)
    return [
        prediction(one, None if option is None else (option - turn) % count, condition)
        for turn, (option, condition) in enumerate(zip(options_said, conditions, strict=False))
    ]


def test_orders_by_hand(tmp_path):
    """Of 4 questions: one always w (right), one always the letter A, one wavers once, one once unreadable."""
    asked = [question(f"q{i}", f"c{i}") for i in range(4)]
    said = [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 0, 1], [0, None, 0, 0]]
    predictions = [each for one, options in zip(asked, said, strict=True) for each in turned(one, options)]
    folder = write(tmp_path / "run", asked, predictions)
    found = {
        name: one.value for name, one in measure_controls(read_run(folder), draw_weights(4, draws=20)).items()
    }
    task = "reasoning_basic_audio"
    assert found[f"position_consistency/{task}"] == 25.0
    # right: 4 of 4, 1 of 4, 3 of 4, 3 of 4
    assert found[f"rotated_accuracy/{task}"] == pytest.approx(100 * 11 / 16)
    assert found[f"rotated_unreadable/{task}"] == 25.0
    # letters of option o at turn t: (o - t) mod 4. w always: A D C B; A always: A A A A;
    # wavering: A D C (1 - 3 =) C; unreadable once: A C B. Of 15: A 7, B 2, C 4, D 2
    letters = [found[f"letter_prior/4 options/{letter}"] for letter in "ABCD"]
    assert letters == [pytest.approx(100 * count / 15, abs=1e-4) for count in (7, 2, 4, 2)]
    summarise_run(folder, draws=20)
    assert list(read_summary(folder).conditions) == ["av"]
    assert read_summary(folder).controls[f"rotated_accuracy/{task}"].value == pytest.approx(68.75)


def test_yes_no_questions_have_two_orders(tmp_path):
    asked = [question("q", "c", "modality_agreement", answer=1)]
    run = read_run(write(tmp_path / "run", asked, turned(asked[0], [1, 1])))
    found = {name: one.value for name, one in measure_controls(run, draw_weights(1, draws=5)).items()}
    assert found["position_consistency/modality_agreement"] == 100.0
    assert found["rotated_accuracy/modality_agreement"] == 100.0
    assert (found["letter_prior/2 options/A"], found["letter_prior/2 options/B"]) == (50.0, 50.0)


def test_without_controls_there_is_nothing(folder):
    run = read_run(folder("run", [question("q", "c")], [0]))
    assert measure_controls(run, draw_weights(1, draws=5)) == {}
