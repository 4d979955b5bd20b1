"""OV-MERD: any emotion words, compared by emotion wheels (EW-F1).

Lian et al. (MER2025, track 2): a folder holds ``track2_train_ovmerd.csv`` with the columns name and openset,
and the clips as `avere.corpora.mer2025` reads them. Word forms, synonyms and wheels come with the data, under
their own agreement; ``wheels`` names a YAML file of them, as `avere.answers.wheels.Wheels` says. The words
are taken from a list in the answer, not by a language model.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from avere import __version__, files, prompts, settings
from avere.answers import word_lists
from avere.answers.wheels import Ring, Rule, Wheels, group_words, ring_of
from avere.benchmark._media import media_fields
from avere.benchmark._tallies import Tallies, Tally
from avere.corpora import mer2025
from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Prediction, Provenance, Question
from avere.settings import Settings

FAMILY = "open_vocabulary"
PROMPT = "open_vocabulary"
FILE = "track2_train_ovmerd.csv"
KEPT = "wheels.json"
"""The tables in a run folder, so that scoring needs nothing else."""
RULES: dict[str, Rule] = {"": "own", "mer2025 ": "mer2025"}
"""By which rules words are grouped, and what begins the names of their counts."""


class Config(Settings):
    """What a recipe may say of the data."""

    wheels: Path
    """A YAML file with ``forms``, ``synonyms`` and ``wheels``."""
    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


class Spoke(NamedTuple):
    """One wheel at one level."""

    name: str
    ring: Ring


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the clips that OV-MERD describes."""
    yield from mer2025.clips(path, track=3, subset="ovmerd", prepared=config.prepared)


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question a row; its references are the right words.

    Raises:
        AvereError: the table is missing, lacks a column, or a row holds no word.
    """
    del config
    file = path / FILE
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise AvereError(f"cannot read '{file}': {error.strerror}; give the folder of MER2025") from error
    for number, row in enumerate(rows, start=2):
        words = word_lists.parse(row.get("openset") or "")
        if not row.get("name") or not words:
            raise AvereError(f"{file}:{number}: no name, or no word in openset; give the corpus's own file")
        yield Question(
            id=row["name"],
            clip=row["name"],
            task="open_vocabulary",
            text=prompts.render(PROMPT),
            references=words,
            target="audiovisual",
            made_by=Provenance(version=__version__),
        )


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word the question with both media of its clip."""
    return Prompt(text=question.text, **media_fields(clip))


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    del question
    return PROMPT


def options(question: Question) -> tuple[str, ...]:
    """List no options: the question is open."""
    del question
    return ()


def keep(config: Config, out: Path) -> None:
    """Write the tables into a run folder.

    Raises:
        SettingsError: they are no such tables.
        AvereError: there is no such file.
    """
    if not config.wheels.is_file():
        raise AvereError(
            f"'{config.wheels}' is no file; bring the wheels of your data with --set data.wheels=FILE"
        )
    tables = settings.read(config.wheels, Wheels)
    files.write_text(out / KEPT, tables.model_dump_json() + "\n")


def tallies(out: Path) -> Tallies:
    """Make what compares the words of an answer with the right ones, by the tables of a run folder.

    Raises:
        AvereError: there are none.
    """
    try:
        tables = Wheels.model_validate_json((out / KEPT).read_bytes())
    except (OSError, ValueError) as error:
        raise AvereError(f"cannot read '{out / KEPT}': {error}; evaluate again with the tables") from error
    spokes = [
        Spoke(f"{prefix}wheel {number} level {level}", ring_of(wheel, level, rule))
        for prefix, rule in RULES.items()
        for number, wheel in enumerate(tables.wheels, start=1)
        for level in (1, 2)
    ]

    def tally(question: Question, prediction: Prediction | None) -> Tally:
        words = word_lists.parse(prediction.reply) if prediction else ()
        return compared(question.references, words, tables, spokes)

    return tally


def compared(right: tuple[str, ...], words: tuple[str, ...], tables: Wheels, spokes: list[Spoke]) -> Tally:
    """Compare an answer's groups with the right ones on each wheel; its value is the mean F1 by our rule."""
    parts: dict[str, float] = {"words": float(len(words))}
    scores, off = [], set(words)
    for name, ring in spokes:
        gold, found = (group_words(side, tables, ring)[0] for side in (right, words))
        if ring.rule == "own":
            off &= {word for word in words if not group_words([word], tables, ring)[0]}
        hits = len(gold & found)
        parts[f"{name} gold"] = float(bool(gold))
        parts[f"{name} precision"] = hits / len(found) if found else 0.0
        parts[f"{name} recall"] = hits / len(gold) if gold else 0.0
        if gold and ring.rule == "own":
            scores.append(2 * hits / (len(gold) + len(found)))
    parts["off wheels"] = float(len(off))
    if not scores:
        return Tally(None, parts, "no right word is on a wheel")
    return Tally(sum(scores) / len(scores), parts) if words else Tally(None, parts, "names no word")
