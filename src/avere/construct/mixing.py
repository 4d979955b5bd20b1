"""Clips with the picture of one and the sound of another: all four combinations of two clips.

Where face and voice nearly always agree, a model may read one from the other and still be right. In the
two-by-two set each picture comes with two sounds and each sound with two pictures, and every answer is that
of the medium which is asked about, so that the other one tells nothing.
"""

from collections.abc import Sequence

import numpy as np

from avere.construct._swaps import stream_of
from avere.records import Clip, Cue, Shown


def mix_clips(clips: Sequence[Clip], cues: Sequence[Cue], seed: int) -> tuple[list[Clip], list[Cue]]:
    """Make the two mixed clips of each two clips, drawn without replacement, and the cues of the mixed ones.

    The last of an odd number, and clips that lack a medium, are in no mixed clip.
    """
    whole = [clip for clip in clips if clip.video is not None and clip.audio is not None]
    order = np.random.default_rng([seed, stream_of("two by two")]).permutation(len(whole))
    by_clip: dict[str, list[Cue]] = {}
    for cue in cues:
        by_clip.setdefault(cue.clip, []).append(cue)
    made: list[Clip] = []
    found: list[Cue] = []
    for first, second in zip(order[::2], order[1::2], strict=False):
        two = whole[int(first)], whole[int(second)]
        for seen, heard in (two, two[::-1]):
            mixed = _mixed(seen, heard)
            made.append(mixed)
            for clip, modality in ((seen, "video"), (heard, "audio")):
                own = (cue for cue in by_clip.get(clip.id, ()) if cue.modality == modality)
                found += [cue.model_copy(update={"clip": mixed.id}) for cue in own]
    return made, found


def _mixed(seen: Clip, heard: Clip) -> Clip:
    """Join a picture and a sound; the label is known where both clips have one and the same."""
    same = seen.emotion == heard.emotion
    said = {name: value for name, value in heard.attributes.items() if name == "said"}
    return seen.model_copy(
        update={
            "id": f"{seen.id}+{heard.id}",
            "audio": heard.audio,
            "emotion": seen.emotion if same else None,
            "shown": Shown(video=seen.shown.video, audio=heard.shown.audio),
            "attributes": {**seen.attributes, **said},
            "transcript": heard.transcript,
            "votes": {},
        }
    )
