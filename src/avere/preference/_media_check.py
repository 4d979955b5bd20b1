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
from avere.records import Clip, Medium, Modality, PreferencePair

logger = logging.getLogger("avere.preference")

NAMED = 10
"""Faults that one line tells in full."""


class _Track(NamedTuple):
    """One modality of one file."""

    modality: Modality
    path: Path


def faults(
    model: object, pairs: Sequence[PreferencePair], views: Views, clips: Mapping[str, Clip]
) -> dict[str, str]:
    """Return the ids of the records with media that cannot be read, and the first reason of each.

    Every file is read once, by one of the processes. A model that cannot tell finds nothing.
    """
    if not isinstance(model, FindsFaults):
        return {}
    used = {pair.id: _tracks(pair, views, clips) for pair in pairs}
    every = sorted({track for tracks in used.values() for track in tracks})
    state = PartialState()
    mine = every[state.process_index :: state.num_processes]
    found = [(track, fault) for track in mine if (fault := model.fault(_alone(track))) is not None]
    bad = dict(gather_object(found))
    if isinstance(model, CountsMedia):
        _tell_cuts(model, [track for track in mine if track.modality == "audio" and track not in bad])
    return {
        name: next(bad[track] for track in tracks if track in bad)
        for name, tracks in used.items()
        if any(track in bad for track in tracks)
    }


def _tell_cuts(model: CountsMedia, mine: Sequence[_Track]) -> None:
    """Say once how many sounds the model gets only in part."""
    told = [model.media_tokens(_alone(track)).audio_cut for track in mine]
    every: list[float] = gather_object(told)
    cut = [seconds for seconds in every if seconds]
    if cut and PartialState().is_main_process:
        logger.warning(
            "%d of %d sounds are longer than the model hears, by up to %.1f s, and are cut; raise "
            "audio_seconds of the model's options if it takes more",
            len(cut),
            len(every),
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


def _tracks(pair: PreferencePair, views: Views, clips: Mapping[str, Clip]) -> tuple[_Track, ...]:
    """List the media that the candidates of a record need, in a fixed order."""
    asked = [prompt_of(pair, media, clips) for media in {view.media for view in every_view(views)}]
    pictures = {_Track("video", each.video.path) for each in asked if each.video is not None}
    sounds = {_Track("audio", each.audio.path) for each in asked if each.audio is not None}
    return tuple(sorted(pictures | sounds))


def _alone(track: _Track) -> Prompt:
    """Return a prompt about one modality of one file."""
    medium = Medium(path=track.path)
    if track.modality == "video":
        return Prompt(text="", video=medium)
    return Prompt(text="", audio=medium)
