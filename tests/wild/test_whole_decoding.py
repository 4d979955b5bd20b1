"""What is wrong behind the first picture and the first second is found where data are looked through."""

from typing import Any

import numpy as np
import pytest
import soundfile
from tests.wild.making import RATE, tone

from avere import corpora, media
from avere.construct.checking import check
from avere.errors import MediaError
from avere.media import check_decoding, write_sound, write_video
from avere.records import Clip, PreferencePair, Provenance, jsonl


def noisy(path):
    """Write two seconds of noise, with a keyframe at the beginning alone, and a tone."""
    frames = (
        np.random.default_rng(0).integers(0, 255, (20, 8, 8, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    )
    write_video(path, frames, 10, wave=tone(2.0, 220), rate=RATE)
    return path


def without_its_middle(path):
    whole = noisy(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 3] + whole[len(whole) // 2 :])
    return path


def torn(path):
    """Write zeros over the middle of the pictures and the sound."""
    whole = noisy(path).read_bytes()
    first, after = len(whole) // 3, len(whole) // 2
    path.write_bytes(whole[:first] + bytes(after - first) + whole[after:])
    return path


def no_number_late(path):
    """Write 40 s of sound with one sample behind all that a model hears that is no number."""
    wave = tone(40.0, 220).astype(np.float64)
    wave[35 * RATE] = np.nan
    soundfile.write(path, wave, RATE, subtype="DOUBLE")
    return path


FAULTS = {
    "middle.mp4": (without_its_middle, "cannot be decoded|cut short"),
    "middle.mkv": (without_its_middle, "cannot be decoded|cut short"),
    "torn.mp4": (torn, "cannot be decoded|cut short"),
    "late.wav": (no_number_late, "holds samples that are no numbers"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("fingerprints", [False, True])
def test_a_corpus_is_decoded_as_a_whole(tmp_path, name, fingerprints):
    make, cause = FAULTS[name]
    path = make(tmp_path / name)
    seen = None if path.suffix == ".wav" else path
    clip = Clip(id="c", video=seen, audio=path, source="t")
    (fault,) = corpora.examine_clips(clip, fingerprints=fingerprints).faults
    assert fault.path == str(path)
    with pytest.raises(MediaError, match=cause) as caught:
        check_decoding(path)
    assert fault.cause == str(caught.value)
    assert (
        corpora.examine_clips(
            clip.model_copy(update={"video": None, "audio": noisy(tmp_path / "whole.mp4")})
        ).faults
        == ()
    )


@pytest.mark.parametrize("name", FAULTS)
def test_data_are_decoded_as_a_whole(tmp_path, command, name):
    path = FAULTS[name][0](tmp_path / name)
    both = {} if path.suffix == ".wav" else {"video": path}
    jsonl.write(tmp_path / "clips.jsonl", [Clip(id="c", audio=path, source="t", **both)])
    target = "audio" if path.suffix == ".wav" else "audiovisual"
    made = Provenance(version="0")
    asked: dict[str, Any] = {
        "target": target,
        "prompt": "What is it?",
        "chosen": "a smile",
    }
    jsonl.write(
        tmp_path / "pairs.jsonl",
        [PreferencePair(id="p", clip="c", made_by=made, hallucinated="a sob", **asked)],
    )
    (found,) = check(tmp_path / "pairs.jsonl", tmp_path / "clips.jsonl").faults
    assert found[1].line == 1
    assert str(path) in found[1].cause
    said = command("data", "check", tmp_path / "pairs.jsonl")
    assert said.code == 2
    assert f"pairs.jsonl:1: {found[1].cause}" in said.out


def test_a_whole_film_is_described(tmp_path):
    path = noisy(tmp_path / "film.mp4")
    assert check_decoding(path) == media.probe(path)
    assert check_decoding(path, "audio").has_video


@pytest.mark.parametrize(
    ("modality", "missing"), [("audio", "no audio stream"), ("video", "no video stream")]
)
def test_a_modality_that_is_asked_for_must_be_there(tmp_path, modality, missing):
    if modality == "audio":
        media.mute(noisy(tmp_path / "film.mp4"), tmp_path / "half.mp4")
    else:
        write_sound(tmp_path / "half.wav", tone(0.5, 220), RATE)
    (path,) = tmp_path.glob("half.*")
    with pytest.raises(MediaError, match=missing):
        check_decoding(path, modality)
