"""Writing the closed questions of a benchmark where another harness finds them, with its task beside."""

import ast
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from avere import __version__, files, media
from avere.answers.strict import LETTERS
from avere.benchmark import BenchmarkData, emorealm
from avere.errors import AvereError
from avere.exchange.harnesses._exported import ROWS
from avere.records import Clip, Question, Record, jsonl

SOUNDS, VIDEOS = frozenset({".wav", ".mp3"}), frozenset({".mp4", ".mov", ".mpeg"})
"""What harnesses and their models take as it is."""
FILE = "emorealm.py"
COPIED = ("avere.answers.strict", "avere.exchange.harnesses._exported")
"""Modules that every exported task carries along, for a harness may not be able to install avere beside."""


class TaskRow(Record):
    """A question as an exported task reads it; paths relative to the task's folder, empty without one."""

    id: str
    clip: str
    task: str
    kind: str
    prompt: str
    """All the words."""
    choices: tuple[str, ...]
    answer: str
    """A letter."""
    video: str
    audio: str
    both: str
    """One file with picture and sound."""


class Exported(NamedTuple):
    """What was written."""

    tasks: Mapping[str, int]
    """Questions of each task."""
    left_out: int
    """Open questions and such without a known answer, which the strict reading cannot score."""


Media = tuple[str, str, str]


def write_rows(given: BenchmarkData, folder: Path) -> Exported:
    """Write a JSONL file of rows for each task; media stay where they are unless no harness could take them.

    Raises:
        AvereError: no question can be scored by its options, or a question is worded by another benchmark.
        MediaError: a medium cannot be converted.
    """
    known: dict[str, Media] = {}
    tasks: dict[str, list[TaskRow]] = {}
    for question in given.questions:
        if question.choices and question.answer is not None:
            clip = given.clips[question.clip]
            if clip.id not in known:
                known[clip.id] = _media(clip, folder, f"{len(known):05}")
            tasks.setdefault(question.task, []).append(_row(question, clip, known[clip.id]))
    if not tasks:
        raise AvereError("no question has options and a known answer; give the data of a closed benchmark")
    for task in tasks:
        files.safe_name(task, "task")
    for task, rows in tasks.items():
        jsonl.write(folder / ROWS / f"{task}.jsonl", rows)
    written = {task: len(rows) for task, rows in sorted(tasks.items())}
    return Exported(written, len(given.questions) - sum(written.values()))


def export_source(*modules: str, rest: str = "") -> str:
    """Join modules of ours, and ``rest``, as one file that runs without this package."""
    parts = [_body(import_module(name).__file__ or "") for name in (*COPIED, *modules)]
    title = (
        f'"""EmoReAlM as avere {__version__} wrote it; the reading of replies is that of avere, copied."""\n'
    )
    return "\n\n".join([title, *parts, rest]).rstrip() + "\n"


def _body(file: str) -> str:
    """Strip a module of its docstring and of its imports from this package."""
    text = Path(file).read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("avere")
        if ours or (node.lineno == 1 and isinstance(node, ast.Expr)):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
    return "\n".join(lines).strip()


def _row(question: Question, clip: Clip, paths: Media) -> TaskRow:
    """Make the row of a question as an exported task reads it."""
    video, audio, both = paths
    return TaskRow(
        id=question.id,
        clip=question.clip,
        task=question.task,
        kind=question.kind or "",
        prompt=emorealm.prompt(question, clip).text,
        choices=question.choices,
        answer=LETTERS[question.answer or 0],
        video=video,
        audio=audio,
        both=both,
    )


def _media(clip: Clip, folder: Path, name: str) -> Media:
    """Find the files of a clip's video, sound and both in one, written anew where that is needed."""
    video, audio = clip.video, clip.audio
    if audio is not None and audio.suffix.lower() not in SOUNDS:
        audio = _made(folder / "media" / f"{name}.wav", lambda path: _sound(clip, path))
    if video is not None and video.suffix.lower() not in VIDEOS:
        raise AvereError(f"'{video}' is no {', '.join(sorted(VIDEOS))}; convert it for harnesses to take it")
    both = video or audio
    if video is not None and audio is not None and not media.probe(video).has_audio:
        muxed = (video, audio)
        both = _made(folder / "media" / f"{name}.mov", lambda path: media.swap(*muxed, path))
    return _relative(video, folder), _relative(audio, folder), _relative(both, folder)


def _sound(clip: Clip, path: Path) -> None:
    """Write the sound of a clip as PCM."""
    assert clip.audio is not None
    media.write_sound(path, media.sound(clip.audio), 16_000)


def _made(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file into a folder that may be missing, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return path


def _relative(path: Path | None, folder: Path) -> str:
    """Write a path as a row tells it."""
    return "" if path is None else Path(os.path.relpath(path, folder)).as_posix()
