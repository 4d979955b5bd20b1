"""From stored answers to verdicts: who counts and who does not, and why; safe to repeat while people work."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from avere.answers.strict import LETTERS
from avere.errors import AvereError
from avere.records import Record, Verdict, jsonl
from avere.verify import label_studio, potato_results
from avere.verify.answers import StoredAnswer, StoredPerson
from avere.verify.project import CANNOT_TELL, FLAGS, Project, ShownItem, read_project

RESULTS = "results"
VERDICTS, GOLD, PEOPLE, SUMMARY = "verdicts.jsonl", "gold.jsonl", "people.jsonl", "import.json"
BLOCKED, FAILED, UNREADABLE = "blocked", "failed the training", "results cannot be read"
ABSENT, TOO_FAST = "no answer yet", "answered faster than the clips play"
UNFINISHED = "unfinished"
KEPT = "the file cannot be read now; the answers are those of the last import"
FAST_SHARE = 0.5
"""From this share of answers on that took less than half of the clip, a person is left out."""


class Participant(Record):
    """A person who was invited, and what became of it."""

    person: str
    answered: int
    """Whole answers to questions."""
    unfinished: int
    """Items that were begun."""
    gold_answered: int
    gold_right: int
    seconds: float | None
    """Median of an answer."""
    left_out: str | None = None
    """Why the answers do not count; None: they do."""
    doubt: str | None = None
    """What to look at, though the answers count."""


class ImportSummary(Record):
    """What an import found, in counts."""

    people: dict[str, int]
    """By what became of them."""
    verdicts: int
    gold: int
    not_taken: dict[str, int]
    """Answers that are no verdicts, by reason."""
    kept_from_before: int
    """Verdicts of people whose file cannot be read now."""


class _Sorted(NamedTuple):
    """What one person's answers became."""

    verdicts: list[Verdict]
    gold: list[Verdict]
    report: Participant


def import_verdicts(folder: Path, blocked: Collection[str] = ()) -> ImportSummary:
    """Read what people answered so far and write ``results/`` anew, whole or not at all.

    Args:
        folder: what ``avere verify export`` wrote.
        blocked: pseudonyms of people whose answers shall not count.

    Raises:
        AvereError: the folder holds no project, the results are of another export, or nobody has such a name.
    """
    project = read_project(folder)
    found = list(read_stored(project))
    people = project.people or {one.token: name_annotator(one.token) for one in found}
    unknown = sorted(set(blocked) - set(people.values()))
    if unknown:
        raise AvereError(f"nobody is called '{unknown[0]}' here; private/people.jsonl lists who was invited")
    not_taken: Counter[str] = Counter()
    stored = {one.token: one for one in found if one.token in people}
    strangers = len(found) - len(stored)
    if strangers and not stored:
        raise AvereError(f"the results in '{folder}' are of another export: no link of this one was used")
    if strangers:
        not_taken["people with a link of another export"] = strangers
    before = _before(folder / RESULTS)
    right = {one.question.id: one.question.answer for one in project.of_role("gold")}
    everyone = []
    for token, person in people.items():
        one = stored.get(token, StoredPerson(token))
        one = one._replace(blocked=one.blocked or person in blocked)
        verdicts, gold, begun = _sort(project, person, one, not_taken)
        if one.fault is not None:
            verdicts, gold = before.get(person, ([], []))
        everyone.append(
            _Sorted(verdicts, gold, _report(project, person, one, (verdicts, gold), begun, right))
        )
    kept = sum(len(one.verdicts) for one in everyone if one.report.doubt == KEPT)
    return _write(folder / RESULTS, everyone, not_taken, kept)


def read_stored(project: Project) -> Iterable[StoredPerson]:
    """Read what the program of a project stored."""
    if project.info.tool == "label-studio":
        return label_studio.read_people(project.folder)
    return potato_results.read_people(project.folder)


def to_verdict(item: ShownItem, answer: StoredAnswer, person: str) -> Verdict | str:
    """Turn a stored answer into a verdict, or say why it is none."""
    if answer.choice is None or answer.keep is None:
        return UNFINISHED
    choice = None
    if answer.choice != CANNOT_TELL:
        place = LETTERS.find(answer.choice) if len(answer.choice) == 1 else -1
        if not 0 <= place < len(item.order):
            return "an answer that was not offered"
        choice = item.order[place]
    return Verdict(
        question=item.question.id,
        person=person,
        keep=answer.keep,
        answer=choice,
        flags=tuple(flag for flag in answer.flags if flag in FLAGS),
        note=answer.note,
        at=answer.at,
        seconds=answer.seconds,
        plays=answer.plays,
    )


def name_annotator(number: str) -> str:
    """Name a person whom no link of ours invited, by the number that the program gave.

    >>> name_annotator("7")
    'p0007'
    """
    return f"p{number:0>4}"


def read_verdicts(folder: Path) -> list[Verdict]:
    """Read the verdicts of a project as they were last imported.

    Raises:
        AvereError: none were.
    """
    file = folder / RESULTS / VERDICTS
    if not file.exists():
        raise AvereError(f"'{folder}' has no results; run avere verify import {folder} first")
    return list(jsonl.read(file, Verdict))


def read_participants(folder: Path) -> dict[str, Participant]:
    """Read what became of each person, by pseudonym."""
    return {one.person: one for one in jsonl.read(folder / RESULTS / PEOPLE, Participant)}


def _sort(
    project: Project, person: str, stored: StoredPerson, not_taken: Counter[str]
) -> tuple[list[Verdict], list[Verdict], int]:
    """Sort the answers of one person into verdicts and gold, and count those that were only begun."""
    verdicts: dict[str, Verdict] = {}
    gold: dict[str, Verdict] = {}
    begun = 0
    for answer in sorted(stored.answers, key=lambda one: one.at):
        item = project.items.get(answer.item)
        if item is None or item.role == "training":
            not_taken["about no item of this export"] += item is None
            continue
        made = to_verdict(item, answer, person)
        if isinstance(made, str):
            begun += made == UNFINISHED
            not_taken[made] += 1
            continue
        # Of copies of one gold item the first answer counts.
        (gold if item.role == "gold" else verdicts).setdefault(made.question, made)
    return list(verdicts.values()), list(gold.values()), begun


def _report(
    project: Project,
    person: str,
    stored: StoredPerson,
    said: tuple[list[Verdict], list[Verdict]],
    begun: int,
    right: Mapping[str, int | None],
) -> Participant:
    """Report on one person."""
    verdicts, gold = said
    timed = [one.seconds for one in (*verdicts, *gold) if one.seconds is not None]
    left_out = _why_left_out(project, stored, said)
    doubt = "two sessions at once under one link" if stored.overlapping else None
    return Participant(
        person=person,
        answered=len(verdicts),
        unfinished=begun,
        gold_answered=len(gold),
        gold_right=sum(one.answer == right.get(one.question, -1) for one in gold),
        seconds=round(median(timed), 3) if timed else None,
        left_out=left_out,
        doubt=KEPT if stored.fault is not None and left_out is None else doubt,
    )


def _why_left_out(
    project: Project, stored: StoredPerson, said: tuple[list[Verdict], list[Verdict]]
) -> str | None:
    """Say why a person's answers do not count; None where they do."""
    answered = len(said[0]) + len(said[1])
    if stored.blocked:
        return BLOCKED
    if stored.fault is not None and not answered:
        return UNREADABLE
    if stored.training == "failed":
        return FAILED
    if not answered:
        return ABSENT
    fast = sum(_is_fast(project, one) for one in stored.answers)
    return TOO_FAST if fast >= FAST_SHARE * answered else None


def _is_fast(project: Project, answer: StoredAnswer) -> bool:
    """True where a whole answer took less than half of its clip."""
    item = project.items.get(answer.item)
    if item is None or item.role == "training" or answer.choice is None or answer.seconds is None:
        return False
    return answer.seconds < item.seconds / 2


def _before(results: Path) -> dict[str, tuple[list[Verdict], list[Verdict]]]:
    """Read the verdicts and gold of an earlier import, by person."""
    found: dict[str, tuple[list[Verdict], list[Verdict]]] = {}
    for place, name in enumerate((VERDICTS, GOLD)):
        if (results / name).exists():
            for one in jsonl.read(results / name, Verdict):
                found.setdefault(one.person, ([], []))[place].append(one)
    return found


def _write(results: Path, everyone: list[_Sorted], not_taken: Counter[str], kept: int) -> ImportSummary:
    """Write verdicts, gold, people and counts."""
    counted = [one for one in everyone if one.report.left_out is None]
    verdicts = [verdict for one in counted for verdict in one.verdicts]
    gold = [verdict for one in everyone for verdict in one.gold]
    jsonl.write(results / VERDICTS, verdicts)
    jsonl.write(results / GOLD, gold)
    jsonl.write(results / PEOPLE, (one.report for one in everyone))
    summary = ImportSummary(
        people=dict(Counter(one.report.left_out or "counted" for one in everyone).most_common()),
        verdicts=len(verdicts),
        gold=len(gold),
        not_taken={name: count for name, count in sorted(not_taken.items()) if count},
        kept_from_before=kept,
    )
    jsonl.write(results / SUMMARY, [summary])
    return summary
