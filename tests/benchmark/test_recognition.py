"""Recognition benchmarks: which clips and labels a recipe's words choose, and how labels are read."""

import pytest
from tests.benchmark import layouts

from avere import settings
from avere.benchmark import crema_d, dfew, emorealm, mafw, mer2023, ravdess
from avere.errors import AvereError, SettingsError


def asked(module, folder, **data):
    config = settings.check(data, module.Config, "data")
    return {question.clip: question for question in module.questions(folder, config)}


def answers(questions):
    return {clip: question.choices[question.answer] for clip, question in questions.items()}


def test_dfew_by_fold(tmp_path, donors):
    layouts.dfew(tmp_path, donors)
    assert answers(asked(dfew, tmp_path, fold=1)) == {"part_1/1": "happiness", "part_11/16001": "fear"}
    every = asked(dfew, tmp_path, fold="all")
    assert {clip: question.kind for clip, question in every.items()} == {
        "part_1/1": "fold 1",
        "part_11/16001": "fold 1",
        "part_1/2": "fold 2",
    }
    assert len(every["part_1/1"].choices) == 7


@pytest.mark.parametrize(
    ("module", "data", "fault"),
    [
        (dfew, {}, "fold: Field required"),
        (dfew, {"fold": 6}, "fold"),
        (ravdess, {}, "calm: Field required"),
        (mer2023, {}, "classes: Field required"),
        (mafw, {}, "labels: Field required"),
        (emorealm, {"fold": 1}, "fold: no such key"),
    ],
)
def test_what_papers_do_differently_has_no_default(module, data, fault):
    with pytest.raises(SettingsError, match=fault):
        settings.check(data, module.Config, "data")


def test_ravdess_with_and_without_calm_and_songs(tmp_path, donors):
    layouts.ravdess(tmp_path, donors)
    spoken = asked(ravdess, tmp_path, calm=True)
    assert answers(spoken) == {"01-01-05-02-01-01-01": "anger"}
    assert len(next(iter(spoken.values())).choices) == 8
    assert len(asked(ravdess, tmp_path, calm=True, songs=True)) == 2
    without = asked(ravdess, tmp_path, calm=False, songs=True)
    assert list(without) == list(spoken)
    assert "calm" not in next(iter(without.values())).choices


def test_mer2023_with_and_without_worry(tmp_path, donors):
    layouts.mer2023(tmp_path, donors)
    six, five = (asked(mer2023, tmp_path, classes=classes) for classes in (6, 5))
    assert sorted(answers(six).values()) == ["anger", "happiness", "worry"]
    assert sorted(answers(five).values()) == ["anger", "happiness"]
    assert {len(question.choices) for question in five.values()} == {5}


def test_mafw_single_and_compound(tmp_path, donors):
    layouts.mafw(tmp_path, donors)
    assert answers(asked(mafw, tmp_path, labels="single")) == {
        "00001": "anger",
        "00002": "disappointment",
        "00004": "disappointment",
    }
    assert answers(asked(mafw, tmp_path, labels="single", fold=1)).keys() == {"00001", "00004"}
    compound = asked(mafw, tmp_path, labels="compound")
    assert answers(compound) == {"00001": "anger and disgust", "00003": "fear and surprise"}
    with pytest.raises(AvereError, match="single labels alone"):
        asked(mafw, tmp_path, labels="compound", fold=1)


@pytest.mark.parametrize(
    ("reply", "how", "choice"),
    [
        ("anger and disgust", "strict", 0),
        ("Disgust, anger.", "strict", 0),
        ("surprise and fear", "strict", 1),
        ("anger", "strict", None),
        ("angry and disgusted", "strict", None),
        ("angry and disgusted", "lenient", 0),
        ("anger, disgust and fear", "lenient", None),
        ("", "lenient", None),
    ],
)
def test_the_words_of_a_compound_in_any_order(tmp_path, donors, reply, how, choice):
    layouts.mafw(tmp_path, donors)
    question = asked(mafw, tmp_path, labels="compound")["00001"]
    found = mafw.parse(question, reply, how)
    assert found.choice == choice
    assert (found.reason is None) == (choice is not None)


def test_labels_are_never_guessed(tmp_path, donors):
    layouts.crema_d(tmp_path, donors)
    question = asked(crema_d, tmp_path)["1001_IEO_ANG_HI"]
    anger = question.choices.index("anger")
    assert crema_d.parse(question, "Anger.").choice == anger
    assert crema_d.parse(question, "She looks angry, not sad.").choice is None
    assert crema_d.parse(question, "She looks angry, not sad.", "lenient").choice == anger
    assert crema_d.parse(question, "The weather is fine.", "lenient").choice is None
    # The script published with AVERE knows no "angry" and takes what it does not know for happiness.
    published = crema_d.published(question, "angry")
    assert (published.right, question.choices[published.choice]) == (False, "happiness")
