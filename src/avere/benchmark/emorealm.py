"""EmoReAlM: closed questions on basic reasoning, modality agreement and reasoning under stress.

Source of task names and prompt: AVERE (arXiv 2602.07054) and its released question file. The two open tasks
are asked beside it, in the same run, to see which cues a model names of its own accord.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from avere import __version__, prompts
from avere.answers import descriptions, lenient, strict
from avere.answers.published import published_row
from avere.benchmark._media import media_fields
from avere.benchmark._parsers import Mark
from avere.benchmark._tallies import Tallies, Tally
from avere.benchmark.compat import emorealm_correct
from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Cue, Prediction, Provenance, Question, Target, jsonl
from avere.settings import Settings
from avere.world.cues import BY_NAME

FAMILY = "stress"

BASIC = ("reasoning_basic_audio", "reasoning_basic_video")
STRESS = ("reasoning_stress_audio", "reasoning_stress_video")
AGREEMENT = "modality_agreement"
YES_NO = (AGREEMENT, *STRESS)
CLOSED = (*BASIC, *YES_NO)
OPEN = ("description_audio", "description_video")
FREE = "its cues are in free words, which a judge has to find (avere judge)"
"""Why a description is not counted: words of EmoWorld alone are found without a judge."""
UNMEASURED = {"unmeasured": 1.0}
"""The parts of a description that no measure counts: of such a clip nothing could be found in any words."""
LETTER = re.compile(r"^\(([A-Z])\)\s*")


class Config(Settings):
    """What a recipe may say of the data: nothing."""


def clips(path: Path, config: Config | None = None) -> Iterator[Clip]:
    """Yield the clips of ``clips.jsonl`` in a folder, or beside a file of questions.

    Raises:
        RecordError: the file or a line cannot be read.
    """
    del config
    yield from jsonl.read((path if path.is_dir() else path.parent) / "clips.jsonl", Clip)


def questions(path: Path, config: Config | None = None) -> Iterator[Question]:
    """Yield the questions of a folder with ``questions.jsonl``, of such a file, or of the published JSON.

    Raises:
        RecordError: a file or line cannot be read.
        AvereError: a published file is not what it should be, or a question has more choices than letters.
    """
    del config
    file = path / "questions.jsonl" if path.is_dir() else path
    for question in _published(file) if file.suffix == ".json" else jsonl.read(file, Question):
        if len(question.choices) > len(strict.LETTERS):
            raise AvereError(
                f"'{file}': question '{question.id}' has {len(question.choices)} choices, and there is "
                f"one letter for {len(strict.LETTERS)} only; ask it with fewer"
            )
        yield question


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word what a model is asked; both media are always given, the target only decides the words."""
    if question.choices:
        words = prompts.render("emorealm", question=question.text, choices=lettered(question.choices))
    else:
        words = prompts.render("open", question=question.text)
    return Prompt(text=words, **media_fields(clip))


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    return "emorealm" if question.choices else "open"


def options(question: Question) -> tuple[str, ...]:
    """List the responses whose log-probabilities answer a closed question: its letters."""
    return tuple(strict.LETTERS[: len(question.choices)])


def parse(question: Question, reply: str, how: str = "strict") -> strict.ParsedChoice:
    """Parse the index of the choice that a reply names, or None and the reason."""
    return (
        lenient.parse(reply, question.choices) if how == "lenient" else strict.parse(reply, question.choices)
    )


def published(question: Question, reply: str) -> Mark:
    """Mark what the published script makes of a reply: right or wrong, never unread.

    With two options it counts what is not right as the other one, whatever was said.

    Raises:
        AvereError: the question has no known answer.
    """
    row = published_row(question)
    right = emorealm_correct(reply, row["answer"], row["choices"], parse=False)
    answer = strict.LETTERS.index(row["answer"])
    other = 1 - answer if len(question.choices) == 2 else None
    return Mark(right, answer if right else other, None)


def tallies(out: Path) -> Tallies:
    """Make what counts the cues that a description names, by the known cues of a run folder.

    Raises:
        RecordError: ``cues.jsonl`` is missing, or a line of it is wrong.
    """
    cues: dict[str, list[Cue]] = {}
    for cue in jsonl.read(out / "cues.jsonl", Cue):
        cues.setdefault(cue.clip, []).append(cue)

    def tally(question: Question, prediction: Prediction | None) -> Tally:
        known = cues.get(question.clip, ())
        if known and not all(cue.name in BY_NAME for cue in known):
            return Tally(None, UNMEASURED, FREE)
        if prediction is None:
            return Tally(None, {"unparsed": 1.0})
        if not known or question.target == "audiovisual":
            return Tally(None, UNMEASURED, "cues are not known")
        counts = descriptions.tally(prediction.reply, known, question.target)
        value = counts["supporting"] / counts["named"] if counts["named"] else None
        return Tally(value, counts, None if value is not None else "names no cue")

    return tally


def lettered(choices: tuple[str, ...]) -> str:
    """Write the choices as they stand in the prompt.

    >>> lettered(("Yes", "No"))
    '(A) Yes (B) No'
    """
    return " ".join(f"({strict.LETTERS[index]}) {text}" for index, text in enumerate(choices))


def _published(file: Path) -> Iterator[Question]:
    """Yield the questions of the published file: a list of id, video, task, question, choices, answer."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AvereError(f"cannot read '{file}': {error}; give the published question file") from error
    if not isinstance(rows, list):
        raise AvereError(f"'{file}' holds no list; give the published question file")
    for number, row in enumerate(rows):
        try:
            yield _question(row)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AvereError(
                f"'{file}', entry {number}: {error!r}; see the published question file"
            ) from error


def _question(row: dict[str, Any]) -> Question:
    """Turn one published entry into a question; its clip is the video path without the suffix.

    Ids are unquoted: our own are quoted there, because the published evaluator names files by them.
    """
    letters = [found[1] if (found := LETTER.match(choice)) else "" for choice in row["choices"]]
    target: Target = "audiovisual"
    if row["task"].endswith("audio"):
        target = "audio"
    elif row["task"].endswith("video"):
        target = "video"
    return Question(
        id=unquote(str(row["id"])),
        clip=str(Path(row["video"]).with_suffix("").as_posix()),
        task=row["task"],
        text=row["question"],
        choices=tuple(LETTER.sub("", choice) for choice in row["choices"]),
        answer=letters.index(row["answer"].strip("() .")),
        target=target,
        made_by=Provenance(version=__version__),
    )
