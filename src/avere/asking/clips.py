"""Asking a model one question about one clip, or about many, each once."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from avere import __version__, media
from avere.asking.desk import AskingPolicy, Desk, Job
from avere.asking.replies import Replies
from avere.errors import AvereError, MediaError
from avere.interfaces import Prompt, Reply, Responder, Usage
from avere.records import Clip, MediaPath, MediaTokens, Medium, Provenance, Record, Status

SUFFIXES = media.SOUND_SUFFIXES | media.VIDEO_SUFFIXES | media.PICTURE_SUFFIXES
"""Of the files in a folder that are taken for clips."""


class ClipAnswer(Record):
    """What a model answered to a question about one clip."""

    key: str
    """Digest of the media, the question and how it was asked."""
    clip: MediaPath
    question: str
    model: str
    reply: str
    status: Status
    reason: str | None = None
    media_tokens: MediaTokens = MediaTokens()
    seconds: float | None = None
    usage: Usage | None = None
    made_by: Provenance


def prompt_about_clip(clip: Clip | Path | str, text: str, sound: Path | None = None) -> Prompt:
    """Word the prompt that puts every medium of a clip before a model; ``sound`` is that of another file.

    Raises:
        MediaError: the clip cannot be read, or has neither video nor audio.
    """
    if isinstance(clip, Clip):
        video, audio = clip.video, clip.audio
    else:
        path = Path(clip)
        found = media.probe(path)
        video, audio = path if found.has_video else None, path if found.has_audio else None
        audio = sound or audio
    if video is None and audio is None:
        raise MediaError(
            f"the clip '{clip if not isinstance(clip, Clip) else clip.id}' has no media; give a file"
        )
    return Prompt(
        text=text,
        video=Medium(path=video) if video is not None else None,
        audio=Medium(path=audio) if audio is not None else None,
    )


def ask_clip(model: Responder, clip: Clip | Path | str, text: str, max_tokens: int) -> Reply:
    """Ask a model one question about a clip.

    Raises:
        AvereError: the clip cannot be used, or there is no answer; the text says why.
    """
    reply = next(model.respond([prompt_about_clip(clip, text)], max_tokens=max_tokens, seed=0), None)
    if reply is None or reply.status != "ok":
        name = clip.id if isinstance(clip, Clip) else clip
        raise AvereError(f"no answer about '{name}': {reply.reason if reply else 'the model gave no reply'}")
    return reply


def list_clips(folder: Path) -> list[Path]:
    """List the media files of a folder, sorted by name.

    Raises:
        AvereError: there is none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise AvereError(f"'{folder}' holds no media file (.mp4, .wav, ...); give another folder")
    return found


def pair_sounds(paths: Sequence[Path]) -> dict[Path, Path]:
    """Find the sound file that goes by the name of a video among these files: ``x.wav`` of ``x.mp4``.

    A name that stands for more than one video or sound pairs nothing.
    """
    by_stem: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        by_stem.setdefault((path.parent, path.stem), []).append(path)
    found: dict[Path, Path] = {}
    for group in by_stem.values():
        sounds = [path for path in group if path.suffix.lower() in media.SOUND_SUFFIXES]
        videos = [path for path in group if path not in sounds]
        if len(sounds) == len(videos) == 1:
            found[videos[0]] = sounds[0]
    return found


def describe_sound(path: Path, sound: Path | None = None) -> str:
    """Word what is odd about the sound of a clip: none, silent, or of another file; empty where nothing is.

    Raises:
        MediaError: a file cannot be read.
    """
    if sound is None and not media.probe(path).has_audio:
        return "it has no sound"
    told = () if sound is None else (f"sound of {sound.name}",)
    silent = ("its sound is silent",) if media.is_silent(sound or path) else ()
    return ", ".join((*told, *silent))


class ClipQuestion:
    """One question to one model about many clips, whose answers are kept in a journal."""

    def __init__(
        self,
        model: Responder,
        text: str,
        max_tokens: int,
        file: Path,
        sounds: Mapping[Path, Path] | None = None,
    ) -> None:
        """Keep the answers in ``file``, which other questions and models may share; sounds as paired."""
        self._model, self._text, self._max_tokens = model, text, max_tokens
        self._sounds = sounds or {}
        self._prompt = cache(self._word)
        self._told: Callable[[ClipAnswer], None] = lambda _: None
        policy = AskingPolicy(
            who=model.name,
            what="questions about clips",
            key=self._key,
            respond=self._respond,
            parse=lambda _, words: words,
            record=self._record,
        )
        self._replies = Replies(file, ClipAnswer)
        self._desk = Desk(self._replies, policy, sync=False)

    def ask_all(self, clips: Sequence[Path], told: Callable[[ClipAnswer], None]) -> None:
        """Ask about the clips that the journal holds no answer about; ``told`` gets each new one.

        A clip is known by its bytes: a renamed or copied one is not asked about again.

        Raises:
            AvereError: the model cannot go on, or another process writes the journal; what was answered is
                kept.
        """
        self._told = told
        self._desk.ask_all(lambda: self._jobs(clips), lambda: None)

    def find_answers(self, clips: Iterable[Path]) -> Iterator[ClipAnswer]:
        """Yield one answer a clip, in order; one that cannot be read, or was not asked about, says so."""
        for clip in clips:
            prompt = self._prompt(clip)
            if isinstance(prompt, MediaError):
                yield self._answer(
                    clip, "", Reply(index=0, text="", status="media error", reason=str(prompt))
                )
                continue
            key = self._key(prompt)
            found = self._replies.get(key)
            missing = Reply(index=0, text="", status="failed", reason="not asked; run the same command again")
            yield found.model_copy(update={"clip": clip}) if found else self._answer(clip, key, missing)

    def _jobs(self, clips: Iterable[Path]) -> Iterator[Job[Path]]:
        for clip in clips:
            prompt = self._prompt(clip)
            if isinstance(prompt, Prompt):
                yield Job(clip, prompt, "")

    def _word(self, clip: Path) -> Prompt | MediaError:
        """Word the question about a clip; keep why it cannot be asked."""
        try:
            return prompt_about_clip(clip, self._text, self._sounds.get(clip))
        except MediaError as error:
            return error

    def _key(self, prompt: Prompt) -> str:
        """Compute the digest of all that an answer depends on."""
        given = (prompt.video, prompt.audio)
        files = [None if one is None else str(one.identity(missing_ok=True)) for one in given]
        what = [prompt.text, files, self._model.fingerprint, self._max_tokens]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]

    def _respond(self, prompts: Iterable[Prompt]) -> Iterator[Reply]:
        return self._model.respond(prompts, max_tokens=self._max_tokens, seed=0)

    def _record(self, job: Job[Path], reply: Reply) -> ClipAnswer:
        answer = self._answer(job.about, job.key, reply)
        self._told(answer)
        return answer

    def _answer(self, clip: Path, key: str, reply: Reply) -> ClipAnswer:
        return ClipAnswer(
            key=key,
            clip=clip,
            question=self._text,
            model=self._model.name,
            reply=reply.text,
            status=reply.status,
            reason=reply.reason,
            media_tokens=reply.media_tokens,
            seconds=reply.seconds,
            usage=reply.usage,
            made_by=Provenance(inputs=key, model=self._model.fingerprint, seed=0, version=__version__),
        )
