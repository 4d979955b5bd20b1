"""Whether the words of a benchmark give its answers away: letters, lengths, lexical cues; asks no model."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avere.analyse._bootstrap import bootstrap_interval, bootstrap_ratio
from avere.analyse.intervals import FEWEST_CLIPS, Interval, draw_weights, round_number
from avere.analyse.table import build_table
from avere.answers.strict import name_letter
from avere.errors import AvereError
from avere.records import Question, Record

Right = NDArray[np.float64]
FOLDS = 5
MARGIN = 4.0
"""Points above chance that a probe may not exceed, for a task to count as clean."""
TITLES = {
    "letter": "commonest letter",
    "longest": "longest option",
    "question words": "all words",
    "option words": "words of options",
}


Verdict = Literal["shortcut", "open", "clean", "not run"]


class TextProbe(Record):
    """How often a rule that sees no media is right about one task; shares in percent."""

    task: str
    probe: str
    questions: int
    right: float | None
    low: float | None
    """95 % interval over clips, as that of every measure; None where there is none."""
    high: float | None
    chance: float | None
    """What the rule would earn if words told nothing."""
    verdict: Verdict
    """Shortcut: surely above chance. Clean: surely no more than 4 points above. Open: neither is sure."""
    reason: str | None = None
    """Why it was not run, or has no interval."""


def audit_text_shortcuts(questions: Sequence[Question]) -> list[TextProbe]:
    """Return all probes of all tasks of closed questions; plain ones stay out: words are meant to tell there.

    The linear models learn on the clips of four folds and answer those of the fifth, so that no clip is on
    both sides. Their chance is the share of the commonest letter, which has a probe of its own.

    Raises:
        AvereError: no closed question with a right answer.
    """
    tasks: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.choices and question.answer is not None and question.kind != "plain":
            tasks[question.task].append(question)
    if not tasks:
        raise AvereError("no question has options and a right answer; there is nothing to audit")
    return [probe for task in sorted(tasks) for probe in _probe_task(tasks[task])]


def _probe_task(asked: Sequence[Question]) -> list[TextProbe]:
    """Run all probes on the questions of one task."""
    guess = float(np.mean([1 / len(question.choices) for question in asked]))
    commonest = Counter(question.answer for question in asked).most_common(1)[0]
    letters = np.array([float(question.answer == commonest[0]) for question in asked])
    found = [
        _probe(asked, "letter", letters, guess),
        _probe(asked, "longest", np.array([_longest(question) for question in asked]), guess),
    ]
    learners: dict[str, Callable[[list[Question], list[Question]], Right]] = {
        "question words": _by_question,
        "option words": _by_option,
    }
    for name, learner in learners.items():
        right, reason = _out_of_fold(asked, learner)
        found.append(_probe(asked, name, right, max(guess, commonest[1] / len(asked)), reason))
    return found


def _probe(
    asked: Sequence[Question], name: str, right: Right, chance: float, reason: str | None = None
) -> TextProbe:
    """Judge one probe by its interval over clips: the questions of a clip share cues and words."""
    whole = TextProbe(
        task=asked[0].task, probe=name, questions=len(asked), right=None, low=None, high=None,
        chance=round_number(100 * chance), verdict="not run", reason=reason,
    )  # fmt: skip
    if reason is not None:
        return whole
    table = build_table(asked, [None] * len(asked))
    drawn = bootstrap_ratio(table, draw_weights(len(table.clips)), 100 * right, np.ones(len(asked)))
    found = bootstrap_interval(drawn)
    return whole.model_copy(
        update={
            **{"right": found.value, "low": found.low, "high": found.high, "reason": found.reason},
            "verdict": _judge(found, int(drawn.clips.sum()), 100 * chance),
        }
    )


def _judge(found: Interval, clips: int, chance: float) -> Verdict:
    """Name what a rule's share tells; one that is the same in every draw of enough clips is sure."""
    alike = found.value if clips >= FEWEST_CLIPS else None
    low, high = (alike if bound is None else bound for bound in (found.low, found.high))
    if low is not None and low > chance:
        return "shortcut"
    return "clean" if high is not None and high <= chance + MARGIN else "open"


def _longest(question: Question) -> float:
    """Score the longest option; several of that length share it."""
    lengths = [len(choice) for choice in question.choices]
    best = [place for place, length in enumerate(lengths) if length == max(lengths)]
    return (question.answer in best) / len(best)


def _out_of_fold(
    asked: Sequence[Question], learner: Callable[[list[Question], list[Question]], Right]
) -> tuple[Right, str | None]:
    """Mark the questions that a learner answers rightly without their clips, or say why it cannot."""
    from sklearn.model_selection import GroupKFold

    right = np.zeros(len(asked))
    clips = [question.clip for question in asked]
    if len(set(clips)) < 2 * FOLDS:
        return right, f"needs {2 * FOLDS} clips to learn from"
    for train, test in GroupKFold(FOLDS).split(clips, groups=clips):
        known = [asked[place] for place in train]
        if len({question.answer for question in known}) < 2:
            return right, "all questions have the same right answer"
        right[test] = learner(known, [asked[place] for place in test])
    return right, None


def _by_question(train: list[Question], test: list[Question]) -> Right:
    """Answer by the words of question and options, singly and in pairs, and by their lengths."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    bags = CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", binary=True)
    seen = bags.fit_transform(map(_text, train))
    model = LogisticRegression(C=0.3, max_iter=300).fit(seen, [question.answer for question in train])
    said = model.predict(bags.transform(map(_text, test)))
    return np.array([float(one == question.answer) for one, question in zip(said, test, strict=True)])


def _by_option(train: list[Question], test: list[Question]) -> Right:
    """Answer by the option whose words, length and neighbours look most like those of right options."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    bags = CountVectorizer(token_pattern=r"\S+", binary=True)
    seen = bags.fit_transform([text for question in train for text in _options(question)])
    right = [place == question.answer for question in train for place in range(len(question.choices))]
    model = LogisticRegression(C=0.3, max_iter=300).fit(seen, right)
    scores = model.decision_function(bags.transform([text for one in test for text in _options(one)]))
    ends = np.cumsum([len(question.choices) for question in test])[:-1]
    best = [int(np.argmax(own)) for own in np.split(scores, ends)]
    return np.array([float(one == question.answer) for one, question in zip(best, test, strict=True)])


def _text(question: Question) -> str:
    """Return all words of a question, with letters and lengths as words of their own."""
    options = " ".join(f"{name_letter(place)} {choice}" for place, choice in enumerate(question.choices))
    lengths = " ".join(f"length{len(choice)}at{place}" for place, choice in enumerate(question.choices))
    return f"{question.text} {options} {lengths} words{len(question.text.split())}"


def _options(question: Question) -> list[str]:
    """Return one text an option: its words, its place, its length and rank, and what it stands beside."""
    lengths = [len(choice) for choice in question.choices]
    made = []
    for place, choice in enumerate(question.choices):
        words = [f"word:{word}" for word in choice.casefold().split()]
        rank = sum(length > lengths[place] for length in lengths)
        beside = [other.replace(" ", "_") for other in question.choices if other != choice]
        own = [f"own:{choice.replace(' ', '_')}", f"place{place}", f"length{lengths[place]}", f"rank{rank}"]
        made.append(" ".join([*own, *words, *beside]))
    return made
