"""The card of a data folder: what is in it, how it was made, what it cost and what to be careful with."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import jinja2

from avere import __version__, files
from avere.answers.strict import name_letter
from avere.construct import construction
from avere.construct.construction import Construction
from avere.construct.summary import of_pairs
from avere.records import Clip, PreferencePair, Provenance, Question, Record, jsonl

R = TypeVar("R", bound=Record)
FILE = "README.md"
TEMPLATES = Path(__file__).with_name("templates")
ENOUGH, UNEVEN = 50, 0.1
"""Letters are called uneven from this many questions on, and if one has this much more than its share."""
SIGNS = re.compile(r"[\\`*_{}\[\]#!|~$@:^]")
NOT_A_LIST = re.compile(r"^(\d*)([-+.)])(?=\s|$)")
NOT_A_LINK = re.compile(r"(www)(\.)", re.IGNORECASE)
ENTITIES = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
PLAIN = " plain"
"""Ends the name of questions that are reported apart, because their words alone tell the answer."""


class CountTable(NamedTuple):
    """Counts under a title."""

    title: str
    rows: Mapping[str, int]


class DataCard(NamedTuple):
    """What a card says."""

    tables: tuple[CountTable, ...]
    made: Construction
    models: Mapping[str, int]
    """Records that each model had a hand in."""
    warnings: tuple[str, ...]


def write(folder: Path, *, parquet: bool = False, source: Path | None = None) -> Path:
    """Write the card of a folder into it; return the file.

    Args:
        folder: where the card shall stand.
        parquet: whether its rows are ``train-*.parquet`` files, which the head of the card then names.
        source: where the records stand, if not there.

    Raises:
        RecordError: a file of records is there and is wrong.
    """
    text = render(gather(source or folder), parquet=parquet)
    return files.write_text(folder / FILE, text)


def gather(folder: Path) -> DataCard:
    """Count what a folder holds; files that it lacks count as empty.

    Raises:
        RecordError: a file is there and is wrong.
    """
    clips = jsonl.read_by_id(file, Clip) if (file := folder / "clips.jsonl").exists() else {}
    questions = _read(folder / "questions.jsonl", Question)
    pairs = _read(folder / "pairs.jsonl", PreferencePair)
    made = construction.read(folder)
    by_letter = _letters(questions)
    tables = (
        *_of_clips(clips.values()),
        *_of_questions(questions, clips),
        *(
            CountTable(f"Right letters of {task}", dict(sorted(found.items())))
            for task, found in by_letter.items()
        ),
        *_of_pairs(pairs),
    )
    records = [*(one.made_by for one in questions), *(one.made_by for one in pairs)]
    return DataCard(
        tables=tuple(table for table in tables if table.rows),
        made=made.model_copy(update={"prompts": _prompts(records, made)}),
        models=_sorted(Counter(one.model for one in records if one.model is not None)),
        warnings=(*made.warnings, *_uneven(questions, by_letter), *_unopposed(pairs)),
    )


def render(card: DataCard, *, parquet: bool = False) -> str:
    """Return a card as Markdown with the YAML head that model hubs read; no word of it is markup."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,
        finalize=plain,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("card.md.j2")
    return template.render(card=card, made=card.made, parquet=parquet, version=__version__)


def plain(value: object) -> str:
    r"""Return a value as one line of Markdown in which nothing is markup, link or HTML.

    >>> print(plain("1. a_b <script> www.c.de"))
    1\. a\_b &lt;script&gt; www\.c.de
    """
    words = SIGNS.sub(r"\\\g<0>", " ".join(str(value).split()))
    return NOT_A_LINK.sub(r"\1\\\2", NOT_A_LIST.sub(r"\1\\\2", words)).translate(ENTITIES)


def _read(file: Path, kind: type[R]) -> list[R]:
    return list(jsonl.read(file, kind)) if file.exists() else []


def _of_clips(clips: Iterable[Clip]) -> Iterable[CountTable]:
    """Tabulate sources, splits and labels of clips."""
    names: Mapping[str, Callable[[Clip], str | None]] = {
        "Clips by source": lambda clip: clip.source,
        "Clips by split": lambda clip: clip.split,
        "Clips by emotion": lambda clip: clip.emotion,
    }
    every = list(clips)
    for title, value in names.items():
        yield CountTable(title, _sorted(Counter(value(clip) or "not told" for clip in every)))


def _of_questions(questions: Iterable[Question], clips: Mapping[str, Clip]) -> Iterable[CountTable]:
    """Tabulate tasks, emotions and right answers of questions."""
    every = list(questions)
    two = [question for question in every if len(question.choices) == 2 and question.answer is not None]
    emotions = (clips[question.clip].emotion if question.clip in clips else None for question in every)
    yield CountTable("Questions by task and kind", _sorted(Counter(_kind(question) for question in every)))
    yield CountTable(
        "Questions by emotion of the clip", _sorted(Counter(name or "not told" for name in emotions))
    )
    answers = Counter(f"{one.task}: {one.choices[one.answer or 0]}" for one in two)
    yield CountTable("Right answers where there are two", dict(sorted(answers.items())))


def _of_pairs(pairs: Iterable[PreferencePair]) -> Iterable[CountTable]:
    """Tabulate targets, rejected answers and corrupted inputs of pairs."""
    every = list(pairs)
    rejected = Counter(
        " and ".join(name for name in ("spurious", "hallucinated") if getattr(pair, name)) or "none"
        for pair in every
    )
    counts = of_pairs(every)
    yield CountTable("Pairs by target", _sorted(counts["pairs"]))
    yield CountTable("Pairs by rejected answers", _sorted(rejected))
    yield CountTable("Pairs by corrupted input", _sorted(counts["corrupted_inputs"]))
    yield CountTable("Pairs with media of another clip", _sorted(counts["replacements"]))


def _kind(question: Question) -> str:
    return " ".join(filter(None, (question.task, question.kind)))


def _task(question: Question) -> str:
    return question.task + (PLAIN if question.kind == PLAIN.strip() else "")


def _letters(questions: Iterable[Question]) -> dict[str, Counter[str]]:
    """Count how often each letter is right, by task."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        if question.answer is not None:
            found[_task(question)][name_letter(question.answer)] += 1
    return dict(sorted(found.items()))


def _uneven(questions: Iterable[Question], by_letter: Mapping[str, Counter[str]]) -> Iterable[str]:
    """Yield the tasks of which a letter alone tells more than it should."""
    choices: defaultdict[str, int] = defaultdict(int)
    for question in questions:
        choices[_task(question)] = max(choices[_task(question)], len(question.choices))
    for task, found in by_letter.items():
        letter, count = found.most_common(1)[0]
        share = count / found.total()
        if task.endswith(PLAIN) or found.total() < ENOUGH:
            continue
        if share > 1 / choices[task] + UNEVEN:
            yield f"{letter} is right in {share:.0%} of {task}; always {letter} scores as much"


def _unopposed(pairs: Iterable[PreferencePair]) -> Iterable[str]:
    """Count the pairs that carry no preference between inputs."""
    reasons = [pair.corruption.reason is not None for pair in pairs]
    if any(reasons):
        yield (
            f"{sum(reasons)} of {len(reasons)} pairs lack an input that makes their chosen answer false in"
            " each medium they are about, and so teach less about the media"
        )


def _prompts(records: Iterable[Provenance], made: Construction) -> dict[str, str]:
    """Return the prompts that a run named, and those that only records know."""
    known = {**made.prompts}
    unnamed = sorted({one.prompt for one in records if one.prompt} - set(known.values()))
    return known | {f"unnamed {number}": digest for number, digest in enumerate(unnamed, start=1)}


def _sorted(found: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
