"""CREMA-D (Cao et al., 2014): 91 actors, twelve sentences, six emotions, rated by ear, by eye and by both."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.media import SOUND_SUFFIXES, VIDEO_SUFFIXES
from avere.records import Clip, Shown

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness")
LETTERS = dict(zip("ADFHNS", LABELS, strict=True))
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": "unspecified"}
SENTENCES = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
QUERIES = {"1": "audio", "2": "video", "3": "audiovisual"}
"""How raters met a clip, by the first digit of a row's number in the table of votes."""
NAME = re.compile(r"(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2}|X)")
RATINGS = tuple(f"{folder}processedResults/tabulatedVotes.csv" for folder in ("", "data/InfoAndStats/"))


def clips(root: Path) -> Iterator[Clip]:
    """Yield the clips with the ratings of people as votes, keyed by how they met it: ``"audio:anger"``.

    ``shown`` is what most raters of the sound alone, or of the picture alone, chose; ties leave it empty.

    Raises:
        AvereError: neither the list of clips nor any of their media is there.
    """
    videos = _files.optional(root, ("VideoFlash", "data/VideoFlash"))
    sounds = _files.optional(root, ("AudioWAV", "data/AudioWAV"))
    seen = _files.by_name(videos, VIDEO_SUFFIXES, take) if videos else {}
    heard = _files.by_name(sounds, SOUND_SUFFIXES, take) if sounds else {}
    listed = _files.optional(root, ("SentenceFilenames.csv", "data/InfoAndStats/SentenceFilenames.csv"))
    names = [take(row["Filename"]) for row in _tables.rows(listed, ("Filename",))] if listed else []
    names = list(dict.fromkeys((*names, *filter(NAME.fullmatch, sorted({*seen, *heard})))))
    if not names:
        _files.first(root, ("SentenceFilenames.csv", "VideoFlash", "AudioWAV"), "clips of CREMA-D")
        raise AvereError(f"'{root}' holds no clip of CREMA-D, as in VideoFlash/1001_DFA_ANG_XX.flv")
    people = _demographics(root)
    rated = _ratings(_files.optional(root, RATINGS))
    for name in names:
        video = seen.get(name, (videos or root / "VideoFlash") / f"{name}.flv")
        audio = heard.get(name, sounds / f"{name}.wav" if sounds else video)
        yield _clip(name, video, audio, rated.get(name, {}), people)


def take(name: str) -> str:
    """Write a take's name with the level in two letters: one is called ``_X`` in some lists.

    >>> take("1040_ITH_SAD_X"), take("1001_DFA_ANG_XX")
    ('1040_ITH_SAD_XX', '1001_DFA_ANG_XX')
    """
    return f"{name}X" if name.endswith("_X") else name


def _clip(
    name: str, video: Path, audio: Path, votes: Mapping[str, float], people: Mapping[str, dict[str, str]]
) -> Clip:
    """Make the clip that a file name describes."""
    actor, sentence, code, level = name.split("_")
    emotion, kept = _labels.named(code, LABELS)
    return Clip(
        id=name,
        video=video,
        audio=audio,
        emotion=emotion,
        shown=Shown(audio=_most(votes, "audio"), video=_most(votes, "video")),
        votes=votes,
        attributes=kept
        | {"speaker": actor, "statement": sentence, "intensity": LEVELS.get(level, level)}
        | people.get(actor, {}),
        transcript=SENTENCES.get(sentence),
        source="crema_d",
    )


def _ratings(path: Path | None) -> dict[str, dict[str, float]]:
    """Read the counts of ratings by clip; none where the table is missing."""
    found: dict[str, dict[str, float]] = {}
    for row in _tables.rows(path, ("", "fileName", *LETTERS)) if path else ():
        query = QUERIES.get(row[""][:1])
        if query is not None:
            counts = {
                f"{query}:{label}": _tables.number(row[letter], f"'{path}': {row['fileName']}")
                for letter, label in LETTERS.items()
            }
            found.setdefault(take(row["fileName"]), {}).update(counts)
    return found


def _most(votes: Mapping[str, float], query: str) -> str | None:
    """Find the emotion with the most ratings of one kind; None where there are none, or ties."""
    own = {label: votes.get(f"{query}:{label}", 0.0) for label in LABELS}
    best = [label for label, count in own.items() if count == max(own.values()) > 0]
    return best[0] if len(best) == 1 else None


def _demographics(root: Path) -> dict[str, dict[str, str]]:
    """Read age and sex of the actors; none where the table is missing."""
    path = _files.optional(root, ("VideoDemographics.csv", "data/InfoAndStats/VideoDemographics.csv"))
    rows = _tables.rows(path, ("ActorID", "Age", "Sex")) if path else []
    return {row["ActorID"]: {"age": row["Age"], "sex": row["Sex"].lower()} for row in rows}
