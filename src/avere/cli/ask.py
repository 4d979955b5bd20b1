"""Ask a model one question about a clip, or about every clip in a folder."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from avere.errors import AvereError, MediaError
from avere.interfaces import Reply

SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".wav", ".flac", ".mp3", ".m4a", ".ogg"})
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

    A folder is asked clip by clip into --out; run the same command again to go on where it stopped.
    """
    import avere

    paths = _clips(clip)
    if clip.is_dir() and out is None:
        raise AvereError(f"'{clip}' is a folder; say where the answers go with --out answers.csv")
    done = _answered(out) if out is not None else set()
    chosen: dict[str, object] = {"adapter": adapter} if adapter is not None else {}
    # A model behind an API has no device; where none was chosen, none is named.
    chosen |= {"device": device} if device != "auto" else {}
    responder = avere.load(model, **chosen)
    for path in paths:
        if str(path) in done:
            continue
        reply = _reply(responder, path, question, max_tokens)
        if out is None:
            print(_shown(path, reply))
        elif reply.status == "failed":
            raise AvereError(
                f"no answer about '{path}': {reply.reason}; run the same command again to ask the rest"
            )
        else:
            _append(out, path, reply, responder.name)
            print(f"{path.name}: {reply.text or reply.reason}")


def _clips(place: Path) -> list[Path]:
    """Return the media files meant.

    Raises:
        AvereError: there is none.
    """
    if not place.is_dir():
        return [place]
    found = sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise AvereError(
            f"'{place}' holds no media file ({', '.join(sorted(SUFFIXES))}); give another folder"
        )
    return found


def _reply(responder: Any, path: Path, question: str, max_tokens: int) -> Reply:
    """Return the answer about one clip; what cannot be read becomes a reply that says why."""
    from avere.models._clip_prompts import prompt_about

    try:
        asked = prompt_about(path, question)
    except MediaError as error:
        return Reply(index=0, text="", status="media error", reason=str(error))
    replies: Iterator[Reply] = responder.respond([asked], max_tokens=max_tokens, seed=0)
    return next(iter(replies))


def _shown(path: Path, reply: Reply) -> str:
    """Return what a person reads about a single clip.

    Raises:
        AvereError: there is no answer.
    """
    if reply.status != "ok":
        raise AvereError(f"no answer about '{path}': {reply.reason}")
    tokens = reply.media_tokens
    return f"{reply.text}\n(the model got {tokens.video} video and {tokens.audio} audio tokens)"


def _answered(out: Path) -> set[str]:
    """Return the clips that a file of answers already holds.

    Raises:
        AvereError: the file is not one of ours.
    """
    if not out.is_file():
        return set()
    with out.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise AvereError(f"'{out}' exists and holds other columns; give another --out")
        return {row["clip"] for row in rows}


def _append(out: Path, path: Path, reply: Reply, model: str) -> None:
    """Add one row, so that a stopped run loses nothing."""
    new = not out.is_file()
    out.parent.mkdir(parents=True, exist_ok=True)
    tokens = reply.media_tokens
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        row = (str(path), reply.text, reply.status, reply.reason or "", tokens.video, tokens.audio, model)
        writer.writerow(row)
