"""Questions that can be answered without media: marked where several text-only runs are right too often."""

from collections.abc import Sequence

from scipy.special import bdtrc

from avere.analyse.runs import Run
from avere.errors import AvereError
from avere.records import Record

LEVEL = 0.05
CONDITION = "text"


class Blind(Record):
    """One closed question, put to several models without media."""

    question: str
    clip: str
    task: str
    runs: int
    right: int
    p: float
    """Chance that guessing is right as often or more often, exact binomial, not corrected."""
    blind: bool


def compare_blind(runs: Sequence[Run], level: float = LEVEL) -> list[Blind]:
    """Return every closed question of text-only runs, marked where guessing would hardly be right as often.

    The runs should be of different models, or seeds: the same model asked twice says the same thing twice.

    Raises:
        AvereError: the runs were asked different questions, lack the condition, or are too few to mark any.
    """
    _check(runs, level)
    found = []
    for name, question in runs[0].questions.items():
        if question.choices:
            scores = [run.score(CONDITION, name) for run in runs]
            right = sum(score is not None and score.value == 1.0 for score in scores)
            p = float(bdtrc(right - 1, len(runs), 1 / len(question.choices)))
            marked = p <= level
            found.append(
                Blind(
                    question=name,
                    clip=question.clip,
                    task=question.task,
                    runs=len(runs),
                    right=right,
                    p=round(p, 6),
                    blind=marked,
                )
            )
    return found


def by_chance(runs: int, options: int, level: float = LEVEL) -> float:
    """Return the chance that guessing alone marks a question.

    >>> by_chance(3, 4)  # only three of three are rare enough: (1/4)^3
    0.015625
    """
    least = next((right for right in range(runs + 1) if bdtrc(right - 1, runs, 1 / options) <= level), None)
    return 0.0 if least is None else round(float(bdtrc(least - 1, runs, 1 / options)), 9)


def _check(runs: Sequence[Run], level: float) -> None:
    """Refuse runs from which nothing can be told."""
    if not runs:
        raise AvereError("no run was given; give runs that were asked with --controls text")
    for run in runs:
        if CONDITION not in run.predictions:
            raise AvereError(f"'{run.folder}' was not asked without media; evaluate it with --controls text")
        if set(run.questions) != set(runs[0].questions):
            raise AvereError(
                f"'{run.folder}' was asked other questions than '{runs[0].folder}'; use one --data"
            )
    most = max((len(one.choices) for one in runs[0].questions.values()), default=0)
    if most < 2:
        raise AvereError("no question has options; there is nothing to guess")
    if not by_chance(len(runs), most, level):
        needed = next(count for count in range(1, 1000) if by_chance(count, most, level))
        raise AvereError(
            f"{len(runs)} text-only runs cannot mark a question of {most} options at the {level:.0%} level; "
            f"give at least {needed}, of different models or seeds"
        )
