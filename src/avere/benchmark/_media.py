"""The media of a clip as a prompt carries them."""

from typing import Any

from avere.records import Clip, Medium


def media_fields(clip: Clip) -> dict[str, Any]:
    """List both media of a clip as fields of a prompt; what the clip lacks is None."""
    return {
        name: None if path is None else Medium(path=path)
        for name, path in (("video", clip.video), ("audio", clip.audio))
    }
