"""Ask a model one question about a clip, or about every clip in a folder."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere import files
from avere.errors import AvereError, MediaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from avere.asking.clips import ClipAnswer
    from avere.interfaces import Reply
    from avere.records import MediaTokens

ROAD = "Begin"

COLUMNS = ("clip", "answer", "status", "reason", "video_tokens", "audio_tokens", "model")


def ask(
    clip: Annotated[Path, typer.Argument(help="A media file, or a folder of them.")],
    question: Annotated[str, typer.Argument(help='What to ask: "What vocal cue shows the emotion?"')],
    *,
    model: Annotated[
        str, typer.Option(help="tiny, scripted:RULE, a folder, a hub repository or openai:MODEL@URL.")
    ] = "tiny",
    adapter: Annotated[Path | None, typer.Option(help="Folder of a peft adapter.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file of the answers; needed for a folder.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 128,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
) -> None:
    """Ask a model about any clip: avere ask clip.mp4 "What vocal cue shows the emotion?".

    A folder is asked clip by clip into --out, with a journal of all answers beside it; run the same command
    again to go on where it stopped. Another question or model asks anew and leaves the older answers in the
    journal. In a folder, x.wav is the sound of x.mp4.
    """
    import avere
    from avere.asking.clips import (
        ClipQuestion,
        ask_clip,
        describe_sound,
        list_clips,
        pair_sounds,
        prompt_about_clip,
    )
    from avere.asking.tiny_note import find_foreign_files
    from avere.cli._early import check_paths, given_options, tell_of_tiny
    from avere.records import RunInfo, runs

    listed = list_clips(clip) if clip.is_dir() else [clip]
    sounds = pair_sounds(listed)
    paths = [path for path in listed if path not in sounds.values()]
    if clip.is_dir() and out is None:
        raise AvereError(f"'{clip}' is a folder; say where the answers go with --out answers.csv")
    if out is not None:
        _refuse_foreign(out)
    if not clip.is_dir():
        prompt_about_clip(clip, question)  # a clip that cannot be read is told before a model is loaded
    check_paths(out and out.absolute().parent, adapter)
    # A model behind an API has no device; where none was chosen, none is named.
    chosen = given_options(adapter=adapter, device=None if device == "auto" else device)
    responder = avere.load(model, **chosen)
    tell_of_tiny(responder, find_foreign_files(paths))
    if out is None:
        print(_shown(ask_clip(responder, clip, question, max_tokens), describe_sound(clip)))
        return
    asking = ClipQuestion(responder, question, max_tokens, _journal_of(out), sounds)
    info = RunInfo(
        verb="ask",
        recipe={"question": question, "max_tokens": max_tokens},
        models=(runs.describe_model(responder),),
        data={path.name: files.digest(path) for path in listed if path.is_file()},
    )
    with runs.recorded(out.with_name(f"{out.stem}.{runs.NAME}"), info):
        try:
            asking.ask_all(paths, lambda answer: _tell(answer, sounds.get(answer.clip)))
        finally:
            files.write_text(out, _table(asking.find_answers(paths), sounds))


def _journal_of(out: Path) -> Path:
    """Name the journal beside a table."""
    return out.with_name(f"{out.stem}.journal.jsonl")


def _refuse_foreign(out: Path) -> None:
    """Refuse to write over a table that has no journal beside it: its answers would be lost.

    Raises:
        AvereError: there is such a table.
    """
    if out.exists() and not _journal_of(out).exists():
        raise AvereError(
            f"'{out}' exists without its journal '{_journal_of(out).name}' and is not overwritten; "
            "give another --out"
        )


def _tell(answer: ClipAnswer, sound: Path | None) -> None:
    """Print an answer as it comes."""
    odd = _odd(answer, sound)
    print(f"{answer.clip.name}: {answer.reply or answer.reason}{f' ({odd})' if odd else ''}")


def _shown(reply: Reply, about_sound: str) -> str:
    """Word what a person reads about a single clip."""
    tokens = reply.media_tokens
    told = f"the model got {tokens.video} video and {tokens.audio} audio tokens"
    return f"{reply.text}\n({'; '.join(filter(None, (told, about_sound, _cut(tokens))))})"


def _odd(answer: ClipAnswer, sound: Path | None) -> str:
    """Word what is odd about the sound that a model got; empty where nothing is or can be read."""
    from avere.asking.clips import describe_sound

    try:
        about = describe_sound(answer.clip, sound)
    except MediaError:
        about = ""
    return "; ".join(filter(None, (about, _cut(answer.media_tokens))))


def _cut(tokens: MediaTokens) -> str:
    """Word what a model did not hear; empty where it heard all."""
    return f"the last {tokens.audio_cut:.1f} s of the sound were cut off" if tokens.audio_cut else ""


def _table(answers: Iterable[ClipAnswer], sounds: Mapping[Path, Path]) -> str:
    """Write answers as CSV, one row a clip."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in answers:
        tokens = one.media_tokens
        reason = one.reason or _odd(one, sounds.get(one.clip))
        found = (one.reply, one.status, reason, tokens.video, tokens.audio, one.model)
        writer.writerow((str(one.clip), *found))
    return text.getvalue()
