"""RAVDESS (Livingstone and Russo, 2018): 24 actors speak and sing two statements in eight emotions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels
from avere.errors import AvereError
from avere.media import SOUND_SUFFIXES, VIDEO_SUFFIXES
from avere.records import Clip

LABELS = ("neutral", "calm", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
CODES = {f"{code:02}": label for code, label in enumerate(LABELS, start=1)}
MODALITIES = {"01": "audiovisual", "02": "video", "03": "audio"}
CHANNELS = {"01": "speech", "02": "song"}
INTENSITIES = {"01": "normal", "02": "strong"}
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
NAME = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
PREPARED = "ravdess_videos"


def clips(
    root: Path,
    *,
    modality: Literal["audiovisual", "video", "audio"] | None = None,
    channel: Literal["speech", "song"] | None = None,
    calm: bool = True,
    prepared: bool = False,
) -> Iterator[Clip]:
    """Yield the files as clips; the published evaluation takes ``modality="audiovisual", calm=False``.

    It takes songs as well as speech.

    Args:
        root: a folder with files named by seven numbers, in folders of any depth; where the published
            preparation was run, those in ``ravdess_videos``.
        modality: only full recordings, only silent ones, or only sounds.
        channel: only speech, or only songs.
        calm: whether to keep the clips labelled calm.
        prepared: read ``ravdess_videos_24fps`` and ``ravdess_videos_16khz`` in ``root``.

    Raises:
        AvereError: there is no file named so.
    """
    if prepared:
        media = _files.tracks(root, (PREPARED,), prepared=True)
        found, sounds = dict(media.videos), media.sounds
    else:
        home = _files.first(root, (PREPARED, "."), "files")
        found, sounds = _files.by_name(home, VIDEO_SUFFIXES | SOUND_SUFFIXES), {}
    takes = [(match, path) for name, path in found.items() if (match := NAME.fullmatch(name))]
    if not takes:
        raise AvereError(
            f"'{root}' holds no file of RAVDESS; looked for names of seven numbers, as in "
            "Actor_01/01-01-05-01-02-01-01.mp4; give the folder of the actors"
        )
    for match, path in takes:
        clip = _clip(match, path, sounds.get(path.stem, path))
        if (
            modality in (None, clip.attributes["modality"])
            and channel in (None, clip.attributes["channel"])
            and (calm or clip.emotion != "calm")
        ):
            yield clip


def _clip(match: re.Match[str], path: Path, sound: Path) -> Clip:
    """Make the clip that a file name describes."""
    modality, channel, code, intensity, statement, repetition, actor = match.groups()
    emotion, kept = _labels.named(code, LABELS, CODES)
    kind = MODALITIES.get(modality, modality)
    return Clip(
        id=match[0],
        video=None if kind == "audio" else path,
        audio=None if kind == "video" else sound,
        emotion=emotion,
        attributes=kept
        | {
            "modality": kind,
            "channel": CHANNELS.get(channel, channel),
            "intensity": INTENSITIES.get(intensity, intensity),
            "statement": statement,
            "repetition": repetition,
            "speaker": actor,
            "sex": "female" if int(actor) % 2 == 0 else "male",
        },
        transcript=STATEMENTS.get(statement),
        source="ravdess",
    )
