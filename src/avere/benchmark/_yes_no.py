"""Asking and parsing questions whose answers are yes and no, without letters."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avere import prompts
from avere.answers import emotions, lenient
from avere.answers.strict import ParsedChoice
from avere.benchmark._media import media_fields
from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Question

CHOICES = ("Yes", "No")


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word the question with both media of its clip."""
    return Prompt(text=prompts.render("yes_no", question=question.text), **media_fields(clip))


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    del question
    return "yes_no"


def options(question: Question) -> tuple[str, ...]:
    """List the responses whose log-probabilities answer a question: its words."""
    return question.choices


def parse(question: Question, reply: str, how: str = "strict") -> ParsedChoice:
    """Parse a reply that is yes or no: the word alone, or (lenient) inside free words."""
    if how == "lenient":
        return lenient.parse(reply, question.choices)
    label, _ = emotions.parse(reply, question.choices, "strict")
    if label is None:
        return ParsedChoice(None, "neither yes nor no alone" if reply.strip() else "empty reply")
    return ParsedChoice(question.choices.index(label), None)


def answer_of(word: object, place: str) -> int:
    """Find the choice that a label of a published file names.

    Raises:
        AvereError: it is neither yes nor no; ``place`` names it.
    """
    said = str(word).strip().rstrip(".").capitalize()
    if said not in CHOICES:
        raise AvereError(f"{place}: the answer '{word}' is neither yes nor no; see the published file")
    return CHOICES.index(said)


def rows(file: Path, fields: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Read the entries of a published JSON list, or of JSON objects one a line.

    Raises:
        AvereError: the file cannot be read, or an entry lacks one of the fields.
    """
    try:
        text = file.read_text(encoding="utf-8")
        whole = text.lstrip().startswith("[")
        found = json.loads(text) if whole else [json.loads(line) for line in text.split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise AvereError(f"cannot read '{file}': {error}; give the published file") from error
    for number, row in enumerate(found):
        lacking = [name for name in fields if not isinstance(row, dict) or name not in row]
        if lacking:
            raise AvereError(f"'{file}', entry {number} lacks {', '.join(lacking)}; see the published file")
    return list(found)
