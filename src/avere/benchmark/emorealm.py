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
from avere.answers import strict
from avere.errors import AvereError
from avere.interfaces import Ask
from avere.records import Clip, Medium, Provenance, Question, Target, jsonl

BASIC = ("reasoning_basic_audio", "reasoning_basic_video")
STRESS = ("reasoning_stress_audio", "reasoning_stress_video")
AGREEMENT = "modality_agreement"
YES_NO = (AGREEMENT, *STRESS)
CLOSED = (*BASIC, *YES_NO)
OPEN = ("description_audio", "description_video")
LETTER = re.compile(r"^\(([A-Z])\)\s*")


def questions(path: Path) -> Iterator[Question]:
    """Yield the questions of a folder with ``questions.jsonl``, of such a file, or of the published JSON.

    Raises:
        RecordError: a file or line cannot be read.
        AvereError: a published file is not what it should be.
    """
    file = path / "questions.jsonl" if path.is_dir() else path
    if file.suffix == ".json":
        yield from _published(file)
    else:
        yield from jsonl.read(file, Question)


def ask(question: Question, clip: Clip) -> Ask:
    """Return what a model is asked; both media are always given, the target only decides the words."""
    if question.choices:
        words = prompts.render("emorealm", question=question.text, choices=lettered(question.choices))
    else:
        words = prompts.render("open", question=question.text)
    video, audio = (None if path is None else Medium(path=path) for path in (clip.video, clip.audio))
    return Ask(text=words, video=video, audio=audio)


def prompt(question: Question) -> str:
    """Return the name of the prompt that ``ask`` uses."""
    return "emorealm" if question.choices else "open"


def options(question: Question) -> tuple[str, ...]:
    """Return the responses whose log-probabilities answer a closed question: its letters."""
    return tuple(strict.LETTERS[: len(question.choices)])


def read(question: Question, reply: str) -> strict.Read:
    """Return the index of the choice that a reply names, or None and the reason."""
    return strict.read(reply, question.choices)


def lettered(choices: tuple[str, ...]) -> str:
    """Return the choices as they stand in the prompt.

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
    """Return one published entry as a question; its clip is the video path without the suffix.

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
