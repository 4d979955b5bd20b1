"""What a comparison found, in three sentences: what is surely better, what surely worse, what is undecided.

Sure is a difference whose paired 95 % interval leaves out zero.

>>> few = {"p": None, "clips": 50, "seeds": 1}
>>> up = Comparison(measure="stress_score", difference=4.0, low=1.0, high=7.0, **few)
>>> none = Comparison(measure="stress_auroc", difference=0.5, low=-1.0, high=2.0, **few)
>>> for sentence in word_changes("base", "dpo", [up, none], {}).sentences:
...     print(sentence)
Surely better in dpo than in base: stress_score (+4.0 [+1.0, +7.0]).
Surely worse: nothing.
Undecided: stress_auroc.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from avere.analyse import families
from avere.analyse.compare import Comparison, compare_runs, format_difference
from avere.analyse.directions import direction_of
from avere.analyse.measures import KINDS
from avere.analyse.table import Table
from avere.errors import AvereError

TOLD = (
    *(f"stress_accuracy/{kind}" for kind in KINDS),
    *(f"description/{name}" for name in ("supporting", "hallucinated", "displaced", "recall", "unparsed")),
)
"""Compared beside the headlines, where they are measures."""
WORDS = {
    "supporting": "cue is there and shows it",
    "displaced": "cue is there but is not the person's",
    "hallucinated": "cue is not there",
    "plain": "fact that shows nothing",
    "spurious": "fact that shows nothing",
}
"""What the terms for kinds of cues mean."""


class RunFinding(NamedTuple):
    """What became of the measures from one run to another; sure ones with differences, the surest first."""

    first: str
    second: str
    better: tuple[str, ...]
    worse: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, str, str]:
        """Word the finding for page and terminal."""
        better, worse, undecided = (
            ", ".join(found) or "nothing" for found in (self.better, self.worse, self.undecided)
        )
        head = f"Surely better in {self.second} than in {self.first}: {better}."
        return head, f"Surely worse: {worse}.", f"Undecided: {undecided}."


def word_changes(
    first: str, second: str, compared: Sequence[Comparison], titles: Mapping[str, str]
) -> RunFinding:
    """Sort differences into better, worse and undecided; habits of answering are left out."""
    found: dict[int, list[tuple[float, str]]] = {1: [], -1: [], 0: []}
    for one in compared:
        way = direction_of(one.measure)
        if one.difference is None or way == 0:
            continue
        sure = one.low is not None and one.high is not None and not one.low <= 0 <= one.high
        side = way * (1 if one.difference > 0 else -1) if sure else 0
        strength = abs(one.difference) / ((one.high or 0) - (one.low or 0)) if sure else 0.0
        title = explain_title(titles.get(one.measure, one.measure))
        # Numbers of what is undecided stand in the tables; here they would hide what was found.
        found[side].append((strength, f"{title} ({format_difference(one)})" if side else title))
    ranked = {
        side: tuple(text for _, text in sorted(all_, key=lambda one: -one[0])) for side, all_ in found.items()
    }
    return RunFinding(first, second, ranked[1], ranked[-1], ranked[0])


def find_changes(tables: Mapping[str, Table]) -> list[RunFinding]:
    """Compare the runs that a reader would: the first with each other one, then those with each other.

    Pairs that were asked different questions are left out.
    """
    found = []
    for first, second in combinations(tables, 2):
        measures = families.of(tables[first])
        names = dict.fromkeys((*measures.headline, *(name for name in TOLD if name in measures.measures)))
        try:
            compared = [compare_runs([tables[first]], [tables[second]], name) for name in names]
        except AvereError:
            continue
        titles = {name: measures.measures[name].title for name in names}
        found.append(word_changes(first, second, compared, titles))
    return found


def explain_title(title: str) -> str:
    """Put the meaning of a kind of cue beside its term.

    >>> explain_title("Accuracy, displaced")
    "Accuracy where the cue is there but is not the person's (displaced)"
    >>> explain_title("Stress score, seen")
    'Stress score, seen'
    """
    head, _, rest = title.partition(", ")
    term, comma, more = rest.partition(", ")
    meaning = WORDS.get(term)
    if meaning is None:
        return title
    return f"{head} where the {meaning} ({term}){comma}{more}"
