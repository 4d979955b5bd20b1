"""The media of a clip as an ask carries them."""

from typing import Any

from avere.records import Clip, Medium


def media_fields(clip: Clip) -> dict[str, Any]:
    """Return both media of a clip as the fields of an ask; what the clip lacks is None."""
    return {
        name: None if path is None else Medium(path=path)
        for name, path in (("video", clip.video), ("audio", clip.audio))
    }
