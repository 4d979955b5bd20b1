"""From a clip in whatever form a person gives it to an ask, and to its answer."""

from pathlib import Path

from avere import media
from avere.errors import AvereError, MediaError
from avere.interfaces import Prompt, Responder
from avere.records import Clip, Medium


def prompt_about(clip: Clip | Path | str, text: str) -> Prompt:
    """Return the ask that puts every medium of a clip before a model.

    Raises:
        MediaError: the clip cannot be read, or has neither video nor audio.
    """
    if isinstance(clip, Clip):
        video, audio = clip.video, clip.audio
    else:
        path = Path(clip)
        found = media.probe(path)
        video, audio = path if found.has_video else None, path if found.has_audio else None
    if video is None and audio is None:
        raise MediaError(
            f"the clip '{clip if not isinstance(clip, Clip) else clip.id}' has no media; give a file"
        )
    return Prompt(
        text=text,
        video=Medium(path=video) if video is not None else None,
        audio=Medium(path=audio) if audio is not None else None,
    )


def answer(model: Responder, clip: Clip | Path | str, text: str, max_tokens: int) -> str:
    """Return a model's answer to a question about a clip.

    Raises:
        AvereError: the clip cannot be used, or there is no answer.
    """
    (reply,) = model.respond([prompt_about(clip, text)], max_tokens=max_tokens, seed=0)
    if reply.status != "ok":
        raise AvereError(f"no answer about '{clip}': {reply.reason}")
    return reply.text
