"""Media that cannot be read, found before training: refused by name, or left out with their records."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from accelerate import PartialState
from accelerate.utils import gather_object

from avere.errors import AvereError
from avere.interfaces import CountsMedia, FindsFaults, Prompt
from avere.preference.views import Views, every_view, prompt_of
from avere.records import Clip, MediaTokens, Medium, Modality, PreferencePair

logger = logging.getLogger("avere.preference")

NAMED = 10
"""Faults that one line tells in full."""


class MediaTrack(NamedTuple):
    """One modality of one file."""

    modality: Modality
    path: Path


class MediaReport(NamedTuple):
    """What became of reading all media once."""

    bad: dict[str, str]
    """Ids of the records with media that cannot be read, and the first reason of each."""
    tokens: dict[MediaTrack, int]
    """What each medium becomes, where the model tells it."""


def read_media(
    model: object, pairs: Sequence[PreferencePair], views: Views, clips: Mapping[str, Clip]
) -> MediaReport:
    """Read every file that the candidates need once, by one of the processes.

    A model that cannot tell finds no faults.
    """
    if not isinstance(model, FindsFaults):
        return MediaReport({}, {})
    used = {pair.id: _tracks(pair, views, clips) for pair in pairs}
    every = sorted({track for tracks in used.values() for track in tracks})
    state = PartialState()
    mine = every[state.process_index :: state.num_processes]
    bad, found = _read_tracks(model, mine)
    faults: dict[MediaTrack, str] = dict(gather_object([*bad.items()]))
    tokens: dict[MediaTrack, MediaTokens] = dict(gather_object([*found.items()]))
    _tell_cuts([told.audio_cut for track, told in tokens.items() if track.modality == "audio"])
    return MediaReport(
        {
            name: next(faults[track] for track in tracks if track in faults)
            for name, tracks in used.items()
            if any(track in faults for track in tracks)
        },
        {track: getattr(told, track.modality) for track, told in tokens.items()},
    )


def _read_tracks(
    model: FindsFaults, mine: Iterable[MediaTrack]
) -> tuple[dict[MediaTrack, str], dict[MediaTrack, MediaTokens]]:
    """Return the faults of some files, and what the others become where the model tells it."""
    bad, found = {}, {}
    for track in mine:
        fault = model.fault(_alone(track))
        if fault is not None:
            bad[track] = fault
        elif isinstance(model, CountsMedia):
            found[track] = model.media_tokens(_alone(track))  # the model has just read it
    return bad, found


def _tell_cuts(told: Sequence[float]) -> None:
    """Say once how many sounds the model gets only in part."""
    cut = [seconds for seconds in told if seconds]
    if cut and PartialState().is_main_process:
        logger.warning(
            "%d of %d sounds are longer than the model hears, by up to %.1f s, and are cut; raise "
            "audio_seconds of the model's options if it takes more",
            len(cut),
            len(told),
            max(cut),
        )


def refuse(bad: Mapping[str, str]) -> None:
    """Name what cannot be read.

    Raises:
        AvereError: there is any.
    """
    causes = sorted(set(bad.values()))
    if causes:
        more = f"; and {len(causes) - NAMED} more" if len(causes) > NAMED else ""
        raise AvereError(
            f"{len(bad)} records have media that cannot be read: {'; '.join(causes[:NAMED])}{more}; mend the "
            "files, or set run.on_bad_media=skip to leave those records out"
        )


def leave_out(pairs: Iterable[PreferencePair], bad: Mapping[str, str]) -> list[PreferencePair]:
    """Return the records whose media can be read, and say in the log which are left out.

    Raises:
        AvereError: none remains.
    """
    kept = [pair for pair in pairs if pair.id not in bad]
    for name, why in bad.items():
        logger.warning("record '%s' is left out: %s", name, why)
    if not kept:
        raise AvereError(f"all {len(bad)} records have media that cannot be read; mend the files")
    return kept


def _tracks(pair: PreferencePair, views: Views, clips: Mapping[str, Clip]) -> tuple[MediaTrack, ...]:
    """List the media that the candidates of a record need, in a fixed order."""
    asked = [prompt_of(pair, media, clips) for media in {view.media for view in every_view(views)}]
    pictures = {MediaTrack("video", each.video.path) for each in asked if each.video is not None}
    sounds = {MediaTrack("audio", each.audio.path) for each in asked if each.audio is not None}
    return tuple(sorted(pictures | sounds))


def _alone(track: MediaTrack) -> Prompt:
    """Return a prompt about one modality of one file."""
    medium = Medium(path=track.path)
    if track.modality == "video":
        return Prompt(text="", video=medium)
    return Prompt(text="", audio=medium)
