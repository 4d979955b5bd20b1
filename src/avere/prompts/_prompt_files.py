"""Reading prompt files: front matter, checked fields, a body whose ``{field}`` places are filled."""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from avere import settings
from avere.errors import AvereError, unknown_name

FOLDER = Path(__file__).parent
PLACE = re.compile(r"\{(\w+)\}")


class PromptTemplate(NamedTuple):
    """One prompt as its file holds it."""

    name: str
    purpose: str
    fields: frozenset[str]
    body: str


def names() -> tuple[str, ...]:
    """Return the names of all prompts, sorted.

    >>> "emorealm" in names()
    True
    """
    return tuple(sorted(file.stem for file in FOLDER.glob("*.md")))


def render(name: str, **fields: str) -> str:
    """Fill a prompt.

    Values are put in as they are: braces inside a value are never filled again.

    Raises:
        AvereError: no such prompt, or the fields given are not those of the prompt.
    """
    prompt = _load(name)
    if fields.keys() != prompt.fields:
        raise AvereError(
            f"prompt '{name}' was given {_listed(fields)}; it takes exactly {_listed(prompt.fields)}"
        )
    return PLACE.sub(lambda found: fields[found[1]], prompt.body)


def digest(name: str) -> str:
    """Return the digest of a prompt's words, to be stored with what was made with it.

    Front matter is not part of it: saying better what a prompt is for changes nothing that a model sees.

    Raises:
        AvereError: no such prompt.
    """
    return hashlib.sha256(_load(name).body.encode()).hexdigest()[:16]


def purpose(name: str) -> str:
    """Read the purpose of a prompt.

    Raises:
        AvereError: no such prompt.
    """
    return _load(name).purpose


def parse(text: str, place: str) -> PromptTemplate:
    """Return the prompt that a file's text holds; ``place`` names it in errors.

    Raises:
        AvereError: front matter missing or incomplete, or its fields are not those of the body.
    """
    _, found, rest = text.partition("---\n")
    head, closed, body = rest.partition("\n---\n")
    data = settings.parse(head, place) if found and closed else None
    if not isinstance(data, dict) or data.keys() != {"name", "fields", "purpose"}:
        raise AvereError(f"{place}: a prompt opens with front matter that gives name, fields and purpose")
    body = body.strip()
    fields, used = frozenset(data["fields"]), frozenset(PLACE.findall(body))
    if fields != used:
        raise AvereError(f"{place}: front matter has {_listed(fields)}, the text has {_listed(used)}")
    return PromptTemplate(str(data["name"]), str(data["purpose"]), fields, body)


@cache
def _load(name: str) -> PromptTemplate:
    """Return a shipped prompt."""
    if name not in names():
        raise unknown_name("prompt", name, names())
    file = FOLDER / f"{name}.md"
    prompt = parse(file.read_text(encoding="utf-8"), str(file))
    if prompt.name != name:
        raise AvereError(f"{file}: its front matter names it '{prompt.name}'; file and name must agree")
    return prompt


def _listed(fields: Iterable[str]) -> str:
    """Return field names for an error text."""
    return ", ".join(sorted(fields)) or "no field"
