"""What people chose in a user study, read back and turned into numbers and a figure."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from avere import files
from avere.errors import AvereError
from avere.records import Record, jsonl
from avere.verify.answers import StoredAnswer
from avere.verify.import_verdicts import RESULTS
from avere.verify.potato_results import read_people
from avere.verify.project import PRIVATE, read_invited
from avere.verify.study_figures import StudyFigures, compute_figures, draw_shares
from avere.verify.study_project import ASPECTS, FORM, NONE, STUDY, Aspect, ComparedItem

VOTES, FIGURES, PLOT = "votes.jsonl", "study.json", "study.png"
STRANGERS, DAMAGED = "people with a link of another export", "people whose file is damaged"


class StudyVote(Record):
    """What one person chose of one item, by the names of runs."""

    item: str
    clip: str
    person: str
    aspect: Aspect
    chosen: str | None
    """A run; None: none of them."""
    runs: tuple[str, ...]
    """By place on the page."""
    words: tuple[int, ...]
    """Length of each description."""
    plays: int | None = None
    seconds: float | None = None


def import_study(folder: Path) -> tuple[StudyFigures, dict[str, int]]:
    """Read the choices so far; write votes, figures and a plot to ``results/``.

    Returns:
        The figures, and counts of what was not taken, by reason.

    Raises:
        AvereError: the folder holds no study, or nobody chose anything yet.
    """
    items = {one.id: one for one in jsonl.read(folder / PRIVATE / STUDY, ComparedItem)}
    people = read_invited(folder)
    votes: list[StudyVote] = []
    not_taken: Counter[str] = Counter()
    for stored in read_people(folder):
        person = people.get(stored.token)
        if person is None or stored.fault is not None:
            not_taken[STRANGERS if person is None else DAMAGED] += 1
            continue
        for answer in stored.answers:
            item = items.get(answer.item)
            made = _votes(item, answer, person) if item is not None else []
            not_taken["items unfinished or of another export"] += not made
            votes += made
    if not votes:
        raise AvereError(f"nobody has chosen anything in '{folder}' yet; import again when people have")
    results = folder / RESULTS
    jsonl.write(results / VOTES, votes)
    figures = compute_figures(votes)
    files.write_text(results / FIGURES, figures.model_dump_json(indent=1) + "\n")
    draw_shares(figures, results / PLOT)
    return figures, {name: count for name, count in not_taken.items() if count}


def _votes(item: ComparedItem, answer: StoredAnswer, person: str) -> list[StudyVote]:
    """Turn a whole answer into one vote an aspect; none where it is not whole."""
    made = []
    for aspect in ASPECTS:
        said = answer.chosen.get(FORM + aspect)
        if said is None or not _is_offered(said, aspect, item.runs):
            return []
        made.append(
            StudyVote(
                item=item.id,
                clip=item.clip,
                person=person,
                aspect=aspect,
                chosen=None if said == NONE else item.runs[ord(said) - ord("A")],
                runs=item.runs,
                words=tuple(len(text.split()) for text in item.texts),
                plays=answer.plays,
                seconds=answer.seconds,
            )
        )
    return made


def _is_offered(said: str, aspect: Aspect, runs: Sequence[str]) -> bool:
    """Check that a stored choice is one that the page offers."""
    if said == NONE:
        return aspect == "inconsistent"
    return len(said) == 1 and 0 <= ord(said) - ord("A") < len(runs)
