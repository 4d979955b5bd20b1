"""Which media a clip really has: the file that a table names may hold pictures alone or sound alone."""

from avere import media
from avere.errors import MediaError
from avere.records import Clip


def fit_tracks(clip: Clip) -> Clip:
    """Take away the medium of a clip that its one file does not hold; ``attributes["lacks"]`` names it.

    A file that is missing or cannot be read leaves the clip as it is: whoever opens it says what is wrong.
    """
    if clip.video is None or clip.audio != clip.video:
        return clip
    try:
        held = media.probe(clip.video)
    except MediaError:
        return clip
    if held.has_audio == held.has_video:
        return clip
    lacks = "video" if held.has_audio else "audio"
    return clip.model_copy(update={lacks: None, "attributes": {**clip.attributes, "lacks": lacks}})
