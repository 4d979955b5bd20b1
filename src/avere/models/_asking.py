"""From a clip in whatever form a person gives it to an ask."""

from pathlib import Path

from avere import media
from avere.errors import MediaError
from avere.interfaces import Ask
from avere.records import Clip, Medium


def about(clip: Clip | Path | str, text: str) -> Ask:
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
    return Ask(
        text=text,
        video=Medium(path=video) if video is not None else None,
        audio=Medium(path=audio) if audio is not None else None,
    )
