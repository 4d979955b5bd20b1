"""Ask a model one question about a clip, or about every clip in a folder."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere import files
from avere.errors import AvereError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from avere.asking.clips import ClipAnswer
    from avere.interfaces import Reply
    from avere.records import MediaTokens

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
    journal.
    """
    import avere
    from avere.asking.clips import ClipQuestion, ask_clip, list_clips
    from avere.records import RunInfo, runs

    paths = list_clips(clip) if clip.is_dir() else [clip]
    if clip.is_dir() and out is None:
        raise AvereError(f"'{clip}' is a folder; say where the answers go with --out answers.csv")
    if out is not None:
        _refuse_foreign(out)
    chosen: dict[str, object] = {"adapter": adapter} if adapter is not None else {}
    # A model behind an API has no device; where none was chosen, none is named.
    chosen |= {"device": device} if device != "auto" else {}
    responder = avere.load(model, **chosen)
    if out is None:
        print(_shown(ask_clip(responder, clip, question, max_tokens)))
        return
    asking = ClipQuestion(responder, question, max_tokens, _journal_of(out))
    info = RunInfo(
        verb="ask",
        recipe={"question": question, "max_tokens": max_tokens},
        models=(runs.describe_model(responder),),
        data={path.name: files.digest(path) for path in paths if path.is_file()},
    )
    with runs.recorded(out.with_name(f"{out.stem}.{runs.NAME}"), info):
        try:
            asking.ask_all(paths, _tell)
        finally:
            files.write_text(out, _table(asking.find_answers(paths)))


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


def _tell(answer: ClipAnswer) -> None:
    """Print an answer as it comes."""
    cut = _cut(answer.media_tokens)
    print(f"{answer.clip.name}: {answer.reply or answer.reason}{f' ({cut})' if cut else ''}")


def _shown(reply: Reply) -> str:
    """Word what a person reads about a single clip."""
    tokens = reply.media_tokens
    told = f"the model got {tokens.video} video and {tokens.audio} audio tokens"
    return f"{reply.text}\n({'; '.join(filter(None, (told, _cut(tokens))))})"


def _cut(tokens: MediaTokens) -> str:
    """Word what a model did not hear; empty where it heard all."""
    return f"the last {tokens.audio_cut:.1f} s of the sound were cut off" if tokens.audio_cut else ""


def _table(answers: Iterable[ClipAnswer]) -> str:
    """Write answers as CSV, one row a clip."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in answers:
        tokens = one.media_tokens
        found = (one.reply, one.status, one.reason or _cut(tokens), tokens.video, tokens.audio, one.model)
        writer.writerow((str(one.clip), *found))
    return text.getvalue()
