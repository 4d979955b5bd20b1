"""Words alone must not tell the answer: linear models of text stay at chance on questions of other clips."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from avere.construct.language import lettered
from avere.construct.questions import questions
from avere.construct.recipe import Questions
from avere.records import Question
from avere.world import plan

TRAIN, TEST = 4000, 2000
MARGIN = 0.04


class Split(NamedTuple):
    """Questions to learn from, and questions on clips of another world."""

    train: list[Question]
    test: list[Question]


@pytest.fixture(scope="module")
def asked() -> Split:
    return Split(ask(TRAIN, seed=11), ask(TEST, seed=12))


def ask(count: int, seed: int) -> list[Question]:
    plans = [plan.draw_plan(index, split="balanced", seed=seed, identities=60) for index in range(count)]
    cues = [cue for one in plans for cue in plan.cues_of(one)]
    wanted = Questions(basic=1, stress=2, plain=0, descriptions=False)
    return questions([plan.clip_of(one) for one in plans], cues, wanted, seed=5)


def parts(asked: Split, task: str, kinds: Sequence[str | None] = ()) -> Split:
    """Return the questions of a task, of closed ones as many yes as no where kinds are named."""
    train, test = ([q for q in side if q.task == task and (not kinds or q.kind in kinds)] for side in asked)
    return Split(balanced(train)[:TRAIN], balanced(test)[:TEST])


def balanced(questions: list[Question]) -> list[Question]:
    """Return as many questions of each answer, in turn, so that no kind makes the better guess."""
    answers = sorted({q.answer for q in questions if q.answer is not None})
    rows = zip(*([q for q in questions if q.answer == answer] for answer in answers), strict=False)
    return [question for row in rows for question in row]


def check(right: np.ndarray, chance: float) -> None:
    upper = binomtest(int(right.sum()), len(right)).proportion_ci(0.95, method="wilson").high
    assert upper <= chance + MARGIN, (
        f"text alone is right {right.mean():.3f} (upper bound {upper:.3f}) of {len(right)}"
    )


def document(question: Question) -> str:
    """Return all words, with letters and lengths as words of their own."""
    lengths = " ".join(f"length{len(choice)}at{place}" for place, choice in enumerate(question.choices))
    words = f"words{len(question.text.split())} letters{len(question.text) // 3}"
    return f"{question.text} {lettered(question.choices)} {lengths} {words}"


def predict(train: Sequence[Question], test: Sequence[Question]) -> np.ndarray:
    bags = CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", binary=True)
    seen = bags.fit_transform([document(q) for q in train])
    model = LogisticRegression(C=0.3, max_iter=300).fit(seen, [q.answer for q in train])
    predicted: np.ndarray = model.predict(bags.transform([document(q) for q in test]))
    return predicted


def option_documents(question: Question) -> list[str]:
    """Return one text an option: its words, letter and length, and what it stands beside."""
    made = []
    for place, option in enumerate(question.choices):
        own = option.replace(" ", "_")
        beside = [other.replace(" ", "_") for other in question.choices if other != option]
        pairs = " ".join(f"{own}+{other}" for other in beside)
        words = " ".join(f"word:{word}" for word in option.split())
        made.append(f"own:{own} {words} letter{place} length{len(option)} {pairs} {' '.join(beside)}")
    return made


def predict_option(train: Sequence[Question], test: Sequence[Question]) -> np.ndarray:
    bags = CountVectorizer(token_pattern=r"\S+", binary=True)
    seen = bags.fit_transform([text for q in train for text in option_documents(q)])
    right = [place == q.answer for q in train for place in range(4)]
    model = LogisticRegression(C=0.3, max_iter=300).fit(seen, right)
    texts = [text for q in test for text in option_documents(q)]
    scores: np.ndarray = model.decision_function(bags.transform(texts))
    best: np.ndarray = scores.reshape(-1, 4).argmax(axis=1)
    return best


@pytest.mark.parametrize("modality", ["audio", "video"])
@pytest.mark.parametrize("kinds", [("displaced",), ("hallucinated",), ("displaced", "hallucinated")])
def test_words_do_not_tell_yes_from_no(asked, modality, kinds):
    train, test = parts(asked, f"reasoning_stress_{modality}", ("supporting", *kinds))
    assert len(train) >= 0.99 * TRAIN
    assert len(test) >= 0.99 * TEST
    check(predict(train, test) == [q.answer for q in test], chance=0.5)


def test_words_do_not_tell_whether_face_and_voice_agree(asked):
    train, test = parts(asked, "modality_agreement")
    check(predict(train, test) == [q.answer for q in test], chance=0.5)


@pytest.mark.parametrize("modality", ["audio", "video"])
@pytest.mark.parametrize("model", [predict, predict_option])
def test_words_do_not_tell_the_right_option(asked, modality, model):
    train, test = parts(asked, f"reasoning_basic_{modality}")
    assert (len(train), len(test)) == (TRAIN, TEST)
    check(model(train, test) == [q.answer for q in test], chance=0.25)


def test_a_planted_shortcut_is_found(asked):
    """The probe has teeth: where noes are put in other words than yeses, it sees that."""
    train, test = parts(asked, "reasoning_stress_video")

    def planted(question: Question) -> Question:
        return question.model_copy(
            update={"text": question.text.replace("Does", "Do")} if question.answer else {}
        )

    right = predict(list(map(planted, train)), list(map(planted, test))) == [q.answer for q in test]
    with pytest.raises(AssertionError, match="text alone is right"):
        check(right, chance=0.5)
