"""Media as other people's files are: what a player shows and plays is what we read."""

import struct
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracles import media_oracle
from tests.wild.making import AAC, RATE, SOUND, VIDEO, Track, numbers, tone, write

from avere.errors import MediaError
from avere.media import blind, cut, frames, mute, probe, sound, swap, write_video


class Kind(NamedTuple):
    """A file and where things stand in it."""

    name: str
    tracks: tuple[Track, ...]
    first: float
    """Seconds at which sound is first heard."""
    heard: float
    """Length of the sound, silence included."""
    shown: float
    """Length of the pictures."""
    why: str


KINDS = (
    Kind("plain.mkv", (VIDEO, SOUND), 0, 1, 1, "both begin at once"),
    Kind(
        "late.mkv", (VIDEO, SOUND._replace(start=0.5)), 0.5, 1.5, 1, "half a second of pictures comes first"
    ),
    Kind("late.mp4", (VIDEO, AAC._replace(start=0.5)), 0.5, 1.5, 1, "an edit list says so"),
    Kind("late.mov", (VIDEO, SOUND._replace(start=0.5)), 0.5, 1.5, 1, "an edit list says so"),
    Kind("seen later.mkv", (VIDEO._replace(start=0.5), SOUND), 0, 1, 1.5, "the first picture is held"),
    Kind("seen later.mp4", (VIDEO._replace(start=0.5), AAC), 0, 1, 1.5, "the first picture is held"),
    Kind(
        "hundred.mkv", (VIDEO._replace(start=100), SOUND._replace(start=100)), 0, 1, 1, "a recorder's clock"
    ),
    Kind("hundred late.mkv", (VIDEO._replace(start=100), SOUND._replace(start=100.5)), 0.5, 1.5, 1, "both"),
    Kind("sound at hundred.mkv", (SOUND._replace(start=100),), 0, 1, 0, "sound alone begins with itself"),
    Kind("gap.mkv", (VIDEO, SOUND._replace(gap=(0.5, 0.3))), 0, 1.3, 1, "a third of a second was lost"),
    Kind("gap.mp4", (VIDEO, AAC._replace(gap=(0.5, 0.3))), 0, 1.3, 1, "a third of a second was lost"),
    Kind("b frames.avi", (VIDEO._replace(codec="mpeg4", options={"bf": "2"}), SOUND), 0, 1, 1, "no times"),
    Kind("h264.avi", (VIDEO, SOUND), 0, 1, 0.95, "no presentation times in the format"),
)


def first_heard(wave: np.ndarray) -> float:
    return float(np.flatnonzero(np.abs(wave) > 0.01)[0] / RATE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_both_streams_stand_where_their_times_say(tmp_path, kind):
    path = write(tmp_path / kind.name, *kind.tracks)
    about, wave = probe(path), sound(path)
    assert first_heard(wave) == pytest.approx(kind.first, abs=0.01), kind.why
    assert len(wave) / RATE == pytest.approx(kind.heard, abs=0.03), kind.why
    assert about.audio_seconds == pytest.approx(kind.heard, abs=0.1)
    if kind.shown:
        assert about.video_seconds == pytest.approx(kind.shown, abs=0.06), kind.why
        late = kind.shown - 1 if kind.shown > 1 else 0
        wanted = [max(0, int((0.05 + i / 10 - late) * 10)) for i in range(round(kind.shown * 10))]
        assert numbers(frames(path, len(wanted))) == wanted, kind.why


def test_a_gap_is_silence_and_what_follows_is_not_early(tmp_path):
    """Of 1 s of tone the second half comes 0.3 s late: 0..0.5 tone, 0.5..0.8 silence, 0.8..1.3 tone."""
    path = write(tmp_path / "gap.mkv", VIDEO, SOUND._replace(gap=(0.5, 0.3)))
    wave, whole = sound(path), tone(1.0, 20)
    assert not wave[8040:12760].any()
    assert np.abs(wave[:8000] - whole[:8000]).max() < 1e-3
    assert np.abs(wave[12800:] - whole[8000:]).max() < 1e-3


def test_an_overlap_is_heard_once(tmp_path):
    """The second half comes 0.2 s early: its first 0.2 s, already heard, are trimmed."""
    path = write(tmp_path / "overlap.mkv", VIDEO, SOUND._replace(gap=(0.5, -0.2)))
    wave, whole = sound(path), tone(1.0, 20)
    assert len(wave) == pytest.approx(12800, abs=32)
    assert np.abs(wave[:8000] - whole[:8000]).max() < 1e-3
    assert np.abs(wave[8000:12800] - whole[11200:]).max() < 0.06


def test_a_clock_that_is_set_back_is_refused(tmp_path):
    """Two streams of a broadcast, one behind the other: each counts from its own zero."""
    part = write(tmp_path / "part.ts", VIDEO._replace(seconds=3), AAC._replace(seconds=3)).read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(part + part)
    for read in (probe, sound, lambda file: frames(file, 2)):
        with pytest.raises(MediaError, match=r"joined\.ts' is (set back|cut short or damaged)"):
            read(path)


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov"])
def test_the_default_tracks_are_read(tmp_path, suffix):
    """A dubbed film: the second picture (grey 100) and the second sound (55 Hz) are the default ones."""
    path = write(
        tmp_path / f"two.{suffix}",
        VIDEO._replace(default=False),
        VIDEO._replace(default=True, grey=100),
        AAC._replace(default=False),
        AAC._replace(default=True, pitch=55),
    )
    assert frames(path, 10)[0].mean() == pytest.approx(100, abs=2)
    wave = sound(path)
    assert np.argmax(np.abs(np.fft.rfft(wave))) * RATE / len(wave) == pytest.approx(55, abs=1)


@pytest.mark.parametrize(
    ("name", "matrix", "wanted"),
    [
        ("as stored", (1, 0, 0, 1), [[1, 2], [3, 4]]),
        ("clockwise", (0, 1, -1, 0), [[3, 1], [4, 2]]),
        ("on its head", (-1, 0, 0, -1), [[4, 3], [2, 1]]),
        ("against the clock", (0, -1, 1, 0), [[2, 4], [1, 3]]),
        ("left and right", (-1, 0, 0, 1), [[2, 1], [4, 3]]),
        ("up and down", (1, 0, 0, -1), [[3, 4], [1, 2]]),
        ("front camera, clockwise", (0, 1, 1, 0), [[1, 3], [2, 4]]),
        ("front camera, against the clock", (0, -1, -1, 0), [[4, 2], [3, 1]]),
    ],
)
def test_pictures_are_turned_and_mirrored_as_the_file_says(tmp_path, name, matrix, wanted):
    """Four quarters of grey 40, 80, 120, 160; the matrix [a b; c d] sends (x, y) to (ax + cy, bx + dy)."""
    picture = np.kron(np.array([[40, 80], [120, 160]], np.uint8), np.ones((16, 24), np.uint8))
    film = np.broadcast_to(picture[None, :, :, None], (2, *picture.shape, 3)).astype(np.uint8)
    write_video(tmp_path / "flat.mp4", film, 5)
    data = bytearray((tmp_path / "flat.mp4").read_bytes())
    place = data.index(b"tkhd") + 44
    for offset, value in zip((0, 4, 12, 16), matrix, strict=True):
        data[place + offset : place + offset + 4] = struct.pack(">i", value << 16)
    path = tmp_path / f"{name}.mp4"
    path.write_bytes(data)
    seen = frames(path, 1)[0, :, :, 0]
    height, width = seen.shape
    assert [
        [round(float(half.mean()) / 40) for half in np.hsplit(row, 2)] for row in np.vsplit(seen, 2)
    ] == wanted
    assert (probe(path).height, probe(path).width) == (height, width)
    assert probe(path).mirrored == (matrix[0] * matrix[3] - matrix[1] * matrix[2] < 0)


@pytest.mark.parametrize("make", [mute, blind, lambda source, target: swap(source, source, target)])
@pytest.mark.parametrize("start", [0.0, 0.5, 100.0])
def test_what_we_make_of_a_clip_can_be_read(tmp_path, make, start):
    source = write(tmp_path / "source.mkv", VIDEO._replace(start=start), SOUND._replace(start=start + 0.5))
    target = tmp_path / "target.mkv"
    make(source, target)
    assert probe(target).video_seconds == pytest.approx(1.0, abs=0.01)
    if make is not mute:
        assert first_heard(sound(target)) == pytest.approx(0.5, abs=0.01)
    cut(target, tmp_path / "cut.mkv", 0.2, 0.9)
    assert probe(tmp_path / "cut.mkv").video_seconds == pytest.approx(0.7, abs=0.01)


def test_swapped_sound_begins_with_the_pictures(tmp_path):
    """Each clip counts from its own beginning: 100 s on one clock are 0 s on another."""
    seen = write(tmp_path / "seen.mkv", VIDEO)
    heard = write(tmp_path / "heard.mkv", VIDEO._replace(start=100), SOUND._replace(start=100.5))
    swap(seen, heard, tmp_path / "both.mkv")
    assert first_heard(sound(tmp_path / "both.mkv")) == pytest.approx(0.5, abs=0.01)


CODECS = {
    "mkv": (("libx264", "mpeg4"), ("pcm_s16le", "aac", "libopus")),
    "mp4": (("libx264", "mpeg4"), ("aac",)),
    "mov": (("libx264",), ("pcm_s16le", "aac")),
    "webm": (("libvpx",), ("libopus",)),
    "ts": (("libx264", "mpeg2video"), ("aac",)),
    "avi": (("libx264", "mpeg4"), ("pcm_s16le",)),
}


@st.composite
def films(draw):
    suffix = draw(st.sampled_from(sorted(CODECS)))
    seen, heard = (draw(st.sampled_from(codecs)) for codecs in CODECS[suffix])
    tenths = st.integers(0, 15).map(lambda number: number / 10)
    untimed = suffix == "avi"
    options = {"libvpx": {"deadline": "realtime"}, "libx264": {"crf": "1", "preset": "ultrafast"}}.get(
        seen, {}
    )
    options |= {"bf": str(draw(st.integers(0, 2)))} if seen != "libvpx" else {}
    video = Track(
        seen,
        start=0.0 if untimed else draw(tenths),
        seconds=draw(st.integers(2, 15)) / 10,
        rate=draw(st.sampled_from((10, 25))),
        options=options,
    )
    audio = Track(
        heard,
        start=0.0 if untimed else draw(tenths),
        seconds=draw(st.integers(2, 15)) / 10,
        gap=(0.0, 0.0) if untimed else (draw(tenths), draw(st.integers(0, 5)) / 10),
        rate=48_000 if heard == "libopus" else RATE,
    )
    return suffix, draw(st.sampled_from(((video, audio), (audio, video), (video,), (audio,)))), audio.rate


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(film=films(), count=st.integers(1, 12))
def test_any_file_is_read_as_its_times_say(tmp_path, film, count):
    suffix, tracks, rate = film
    path = write(tmp_path / f"any.{suffix}", *tracks)
    truth = media_oracle.decode(path)
    if truth.pictures:
        assert np.array_equal(frames(path, count), truth.frames(count))
    if len(truth.wave):
        wave = sound(path, rate)
        # A codec's last block may be filled up; containers round times to a millisecond, at each join.
        length = min(len(wave), len(truth.wave))
        assert abs(len(wave) - len(truth.wave)) <= 1100
        assert (np.abs(wave[:length] - truth.wave[:length]) > 0.06).sum() <= 0.004 * rate
