"""A project for people as a folder: what its program may read, and what stays with whoever runs it.

``project/`` is read by the annotation program. ``private/`` holds the links, the answers and who is who; no
program that serves pages is told where it is.
"""

from pathlib import Path
from typing import Literal, NamedTuple

from avere import __version__, files
from avere.errors import AvereError
from avere.records import Clip, Question, Record, jsonl, runs
from avere.verify.items import Items

ROLES = ("question", "gold", "training")
Role = Literal["question", "gold", "training"]
Tool = Literal["potato", "label-studio"]
SERVED, PRIVATE = "project", "private"
ITEMS, PEOPLE, EXPORT, CLIPS = "items.jsonl", "people.jsonl", "export.json", "clips.jsonl"
PAIRS, CUES = "pairs.jsonl", "cues.jsonl"
"""The pairs that are asked about, and the known cues of all clips."""
CANNOT_TELL = "cannot_tell"
FLAGS = {
    "ambiguous": "The question can be understood in several ways",
    "wrong_cue": "The question is about something that is not as it says",
    "gives_away": "A subtitle, a spoken word or the question itself gives the answer away",
    "broken": "The clip does not play, or is damaged",
}
"""What people may flag, and how the page words it."""


class ShownItem(Record):
    """One item as pages show it, and what it stands for."""

    id: str
    """On pages; it tells nothing."""
    role: Role
    question: Question
    """As it was given, with its answer."""
    order: tuple[int, ...]
    """For each place on the page the index of the choice."""
    medium: str
    """A file of the media folder."""
    plays_as: Literal["video", "audio"]
    seconds: float


class Invited(Record):
    """A person who was invited, by pseudonym and secret."""

    person: str
    token: str


class ExportInfo(Record):
    """How a project was made."""

    tool: Tool
    people: int
    per_question: int
    seed: int
    left_out: dict[str, int]
    """Items that could not be asked, by reason."""
    asks: Literal["questions", "study"] = "questions"
    """Whether people check questions or compare descriptions."""
    version: str = __version__
    made: str


class Project(NamedTuple):
    """A project as its folder holds it."""

    folder: Path
    info: ExportInfo
    items: dict[str, ShownItem]
    """By the id on pages."""
    people: dict[str, str]
    """Pseudonyms by token."""

    def of_role(self, role: Role) -> list[ShownItem]:
        """List the items of a role."""
        return [one for one in self.items.values() if one.role == role]


def refuse_used(out: Path) -> None:
    """Check that a folder holds no project yet.

    Raises:
        AvereError: it does; people may be at work there.
    """
    if (out / PRIVATE).exists() or (out / SERVED).exists():
        raise AvereError(
            f"'{out}' holds a project already, with links that may be in use; give another --out"
        )


def write_private(
    out: Path, info: ExportInfo, items: list[ShownItem], people: list[Invited], sources: Items
) -> None:
    """Write what stays with whoever runs the study, readable by them alone."""
    folder = out / PRIVATE
    folder.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)
    folder.chmod(0o700)
    jsonl.write(folder / ITEMS, items)
    jsonl.write(folder / PEOPLE, people)
    jsonl.write(folder / CLIPS, sources.clips.values())
    for name, records in ((PAIRS, sources.pairs), (CUES, sources.cues)):
        if records:
            jsonl.write(folder / name, records)
    files.write_text(folder / EXPORT, info.model_dump_json(indent=1) + "\n")


def read_export(folder: Path) -> ExportInfo:
    """Read how a project was made.

    Raises:
        AvereError: the folder holds no project.
        RecordError: the file is wrong.
    """
    file = folder / PRIVATE / EXPORT
    if not file.exists():
        raise AvereError(
            f"'{folder}' holds no {PRIVATE}/{EXPORT}; give a folder that avere verify export wrote"
        )
    return jsonl.parse(file.read_text(encoding="utf-8"), ExportInfo, str(file))


def read_invited(folder: Path) -> dict[str, str]:
    """Read the pseudonyms of the people by their tokens."""
    return {one.token: one.person for one in jsonl.read(folder / PRIVATE / PEOPLE, Invited)}


def read_project(folder: Path) -> Project:
    """Read an export of questions.

    Raises:
        AvereError: the folder holds no project, or one in which people compare descriptions.
        RecordError: a file of it is wrong.
    """
    info = read_export(folder)
    if info.asks != "questions":
        raise AvereError(f"'{folder}' is a study of descriptions; only avere verify import is for it")
    items = {one.id: one for one in jsonl.read(folder / PRIVATE / ITEMS, ShownItem)}
    return Project(folder, info, items, read_invited(folder))


def read_clips(project: Project) -> dict[str, Clip]:
    """Read the clips that the questions of a project are about."""
    return jsonl.read_by_id(project.folder / PRIVATE / CLIPS, Clip)


def describe_export(
    tool: Tool, people: int, per_question: int, seed: int, left_out: dict[str, int]
) -> ExportInfo:
    """Describe an export that is made now."""
    return ExportInfo(
        tool=tool, people=people, per_question=per_question, seed=seed, left_out=left_out, made=runs.now()
    )
