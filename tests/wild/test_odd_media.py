"""Media that are damaged, odd or hostile: read where that makes sense, else one line that names the file."""

import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from tests.wild.making import RATE, SOUND, VIDEO, numbers, tone, write

from avere.errors import MediaError
from avere.media import check_decoding, frames, probe, sound, write_sound

READERS = (probe, sound, lambda path: frames(path, 2), check_decoding)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e29, 32768.0])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_no_sound_are_refused(tmp_path, value, subtype):
    path = tmp_path / "odd samples.wav"
    wave = tone(0.5, 220).astype(np.float64)
    wave[4000] = value
    soundfile.write(path, wave, RATE, subtype=subtype)
    for read in (sound, check_decoding):
        with pytest.raises(
            MediaError, match=r"odd samples\.wav' holds samples that are no numbers or above 100"
        ):
            read(path)


def test_a_sound_somewhat_beyond_full_scale_is_read(tmp_path):
    soundfile.write(tmp_path / "loud.wav", 5 * tone(0.5, 220), RATE, subtype="FLOAT")
    assert np.abs(sound(tmp_path / "loud.wav")).max() == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(
    ("riff", "data"),
    [(0xFFFFFFFF, 0xFFFFFFFF), (0, 0), (0x7FFFF024, 0x7FFFF000), (0xFFFFFFFF, 0xFFFFFFFF - 36)],
)
def test_a_wav_of_unknown_length_is_read_to_its_end(tmp_path, riff, data):
    """Programs that write to a pipe cannot go back to fill in the length."""
    path = tmp_path / "piped.wav"
    write_sound(path, tone(1.0, 220), RATE)
    whole = sound(path)
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", data)
    path.write_bytes(content)
    assert np.array_equal(sound(path), whole)
    assert probe(path).audio_seconds == 1.0


def test_a_stale_tag_of_duration_is_no_fault(tmp_path):
    path = write(tmp_path / "tag.mkv", VIDEO, SOUND)
    content = path.read_bytes()
    assert content.count(b"00:00:01.000000000") == 2
    for text in (b"00:09:59.000000000", b"a quarter past six", b"::::::::::::::::::"):
        path.write_bytes(content.replace(b"00:00:01.000000000", text))
        assert probe(path).seconds == pytest.approx(1.0, abs=0.01)
        assert len(sound(path)) == RATE


@pytest.mark.parametrize("encoding", ["latin-1", "gbk", "utf-16"])
def test_tags_in_any_encoding_do_no_harm(tmp_path, encoding):
    path = write(tmp_path / "tags.mkv", VIDEO, SOUND, tags={"title": "xxxxxxxx"})
    path.write_bytes(
        path.read_bytes().replace(
            b"xxxxxxxx", ("été 情感" if encoding != "latin-1" else "étééé").encode(encoding)[:8].ljust(8)
        )
    )
    assert numbers(frames(path, 2)) == [2, 7]


def test_an_unknown_codec_is_named(tmp_path):
    path = write(tmp_path / "codec.mkv", VIDEO, SOUND)
    path.write_bytes(path.read_bytes().replace(b"A_PCM/INT/LIT", b"A_NOT/YET/ANY"))
    assert numbers(frames(path, 2)) == [2, 7]
    with pytest.raises(MediaError, match=r"the audio of '.*codec\.mkv' is in an unknown codec"):
        sound(path)


@pytest.mark.parametrize("read", READERS)
def test_names_that_are_not_unicode_can_be_read_and_told(tmp_path, read):
    name = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xb4\xf3.mkv"))
    write(tmp_path / "clip.mkv", VIDEO, SOUND).rename(name)
    read(name)
    name.write_bytes(b"no film")
    with pytest.raises(MediaError, match=r"caf\\xe9 \\xb4\\xf3\.mkv'") as caught:
        read(name)
    assert str(caught.value).encode()


@pytest.mark.parametrize("read", READERS)
def test_pipes_and_devices_are_not_opened(tmp_path, read):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero"), Path("/dev/stdin")):
        with pytest.raises(MediaError, match=r"pipe, socket or device|empty|no media|decoded"):
            read(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", "ffconcat version 1.0\nfile '{other}'\n"),
        (
            "session.sdp",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        ),
        ("page.mpd", "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>"),
        ("lines.txt", "A text about {other}.\n" * 50),
    ],
)
def test_lists_of_other_files_are_not_followed(tmp_path, name, text):
    other = write(tmp_path / "other.mkv", VIDEO, SOUND)
    for suffix in ("", ".mp4"):
        path = tmp_path / (name + suffix)
        path.write_text(text.format(other=other))
        for read in READERS:
            with pytest.raises(MediaError):
                read(path)


def still(path: Path, width: int, height: int, count: int) -> Path:
    """Write a GIF of pictures in one colour: a few kilobytes, whatever its size."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "rgb8"
        empty = np.zeros((height, width), np.uint8)
        for index in range(count):
            empty[0, 0] = index % 2
            frame = av.VideoFrame.from_ndarray(empty, format="rgb8")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


@pytest.mark.parametrize("read", [probe, lambda path: frames(path, 8)])
def test_pictures_of_too_many_pixels_are_refused_before_they_are_decoded(tmp_path, read):
    path = still(tmp_path / "wide.gif", 9000, 6000, 1)
    with pytest.raises(MediaError, match=r"wide\.gif' are .*36,000,000 pixels"):
        read(path)


def test_a_few_bytes_that_unfold_into_hours_of_decoding_are_refused(tmp_path):
    path = still(tmp_path / "many.gif", 3000, 3000, 150)
    with pytest.raises(MediaError, match=r"many\.gif' unfolds into 1\d\d frames of 3000 by 3000"):
        frames(path, 8)


def test_more_frames_than_memory_should_hold_are_refused(tmp_path):
    path = still(tmp_path / "some.gif", 1500, 1500, 2)
    with pytest.raises(MediaError, match="200 frames of 1500 by 1500"):
        frames(path, 200)
    assert frames(path, 2).shape == (2, 1500, 1500, 3)


def test_a_sound_of_more_than_an_hour_is_refused_but_its_beginning_is_read(tmp_path):
    path = tmp_path / "day.flac"
    soundfile.write(path, np.zeros(3700 * 1000), 1000)
    with pytest.raises(MediaError, match=r"day\.flac' is longer than 3600 s"):
        sound(path)
    assert len(sound(path, seconds=2.0)) == 2 * RATE


def test_a_file_of_many_streams_is_refused(tmp_path):
    path = write(tmp_path / "many.mkv", *[SOUND._replace(seconds=0.05)] * 65)
    with pytest.raises(MediaError, match=r"many\.mkv' holds 65 streams"):
        probe(path)
