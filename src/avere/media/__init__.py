"""Bytes to arrays and back: what is in a clip, its frames and sound, new clips made of old ones."""

from avere.media.clips import blind, cut, mute, swap
from avere.media.corruptions import CorruptionLike, corrupt_frames, corrupt_sound
from avere.media.pictures import frames
from avere.media.probing import SHORT, Probe, check_decoding, probe, seconds_beyond
from avere.media.rendering import is_plain, is_playable, plain, render
from avere.media.sounds import is_silent, sound
from avere.media.suffixes import PICTURE_SUFFIXES, SOUND_SUFFIXES, VIDEO_SUFFIXES
from avere.media.writing import write_sound, write_video

__all__ = [
    "PICTURE_SUFFIXES",
    "SHORT",
    "SOUND_SUFFIXES",
    "VIDEO_SUFFIXES",
    "CorruptionLike",
    "Probe",
    "blind",
    "check_decoding",
    "corrupt_frames",
    "corrupt_sound",
    "cut",
    "frames",
    "is_plain",
    "is_playable",
    "is_silent",
    "mute",
    "plain",
    "probe",
    "render",
    "seconds_beyond",
    "sound",
    "swap",
    "write_sound",
    "write_video",
]
