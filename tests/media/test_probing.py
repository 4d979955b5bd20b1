import subprocess
import sys
from contextlib import suppress

import av
import numpy as np
import pytest
import soundfile

from avere.errors import MediaError
from avere.media import Probe, frames, probe, sound, write_sound, write_video


def test_a_clip_is_described(clips):
    assert probe(clips.usual().path) == Probe(
        has_video=True,
        has_audio=True,
        seconds=2.0,
        video_seconds=2.0,
        audio_seconds=2.0,
        width=48,
        height=32,
        fps=10.0,
        frame_count=20,
        variable_rate=False,
        rotation=0,
        mirrored=False,
        rate=16000,
        channels=1,
    )


def test_what_is_missing_is_none(clips):
    write_sound(clips.folder / "a.wav", clips.tone(0.5, 8000), 8000)
    heard = probe(clips.folder / "a.wav")
    assert (heard.has_video, heard.has_audio, heard.seconds, heard.rate) == (False, True, 0.5, 8000)
    assert heard.width is heard.height is heard.fps is heard.frame_count is heard.video_seconds is None
    write_video(clips.folder / "a.mp4", clips.grey(5), 10)
    seen = probe(clips.folder / "a.mp4")
    assert (seen.has_video, seen.has_audio, seen.seconds, seen.frame_count) == (True, False, 0.5, 5)
    assert seen.rate is seen.channels is seen.audio_seconds is None


def test_cover_art_is_no_video(clips):
    """A sound file with a picture on its sleeve."""
    made = clips.usual("cover.mkv", count=1)
    path = clips.folder / "song.m4a"
    with av.open(str(made.path)) as source, av.open(str(path), "w", format="mp4") as output:
        art = output.add_stream("png", rate=1)
        art.width, art.height, art.pix_fmt = 48, 32, "rgb24"
        art.disposition = av.stream.Disposition.attached_pic
        audio = output.add_stream_from_template(source.streams.audio[0])
        picture = av.VideoFrame.from_ndarray(made.frames[0], format="rgb24")
        output.mux(art.encode(picture))
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = audio
                output.mux(packet)
    about = probe(path)
    assert (about.has_video, about.has_audio) == (False, True)


def test_importing_costs_no_decoder():
    """The help of the command line shall not wait for libraries that it does not use."""
    code = (
        "import sys, avere.media; print(sorted({'av', 'soxr', 'cv2', 'scipy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BROKEN = {
    "missing.mp4": (None, "No such file"),
    "empty.mp4": (b"", "is empty"),
    "text.mp4": (b"This is a text, not a film.\n" * 50, "cannot be decoded"),
    "text.txt": (b"This is a text, not a film.\n" * 50, "cannot be decoded"),
    "noise.mp4": (bytes(range(256)) * 40, "cannot be decoded"),
    "list.m3u8": (b"#EXTM3U\n#EXTINF:2,\nother.mp4\n#EXT-X-ENDLIST\n", "cannot be decoded"),
    "list.mp4": (b"ffconcat version 1.0\nfile other.mp4\n", "cannot be decoded"),
    "titles.srt": (b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", "cannot be decoded"),
}


@pytest.mark.parametrize("read", [probe, sound, lambda path: frames(path, 4)])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_media_file_is_named_with_its_cause(clips, name, read):
    content, cause = BROKEN[name]
    path = clips.folder / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=cause) as caught:
        read(path)
    assert f"'{path}'" in str(caught.value)


@pytest.mark.parametrize("read", [probe, sound, lambda path: frames(path, 4)])
def test_a_folder_is_no_media_file(clips, read):
    folder = clips.folder / "folder.mp4"
    folder.mkdir()
    with pytest.raises(MediaError, match=r"folder\.mp4' is a folder"):
        read(folder)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.8])
@pytest.mark.parametrize("name", ["end.mp4", "front.mp4", "clip.mkv", "clip.mov", "clip.wav", "clip.flac"])
def test_truncated_files_are_refused(clips, name, share):
    """The index of an MP4 stands at its end, or with faststart in front: then the pictures are missing."""
    path = clips.folder / name
    if name == "front.mp4":
        made = clips.usual("clip.mp4")
        with (
            av.open(str(made.path)) as source,
            av.open(str(path), "w", container_options={"movflags": "+faststart"}) as output,
        ):
            streams = {s.index: output.add_stream_from_template(s) for s in source.streams}
            for packet in source.demux():
                if packet.size:
                    packet.stream = streams[packet.stream_index]
                    output.mux(packet)
    elif path.suffix in {".wav", ".flac"}:
        hiss = np.random.default_rng(0).uniform(-0.5, 0.5, 64000)
        soundfile.write(path, hiss, 16000)
    else:
        clips.usual(name)
    whole = path.read_bytes()
    path.write_bytes(whole[: round(share * len(whole))])
    with pytest.raises(MediaError, match=r"cut short|damaged|empty|no frame|neither") as caught:
        probe(path)
    assert name in str(caught.value)


def test_damage_in_the_middle_is_an_error_or_does_no_harm(clips):
    """Bytes overwritten somewhere: every reader ends with the right shape or a MediaError."""
    made = clips.usual()
    whole = made.path.read_bytes()
    for place in range(100, len(whole) - 200, len(whole) // 12):
        made.path.write_bytes(whole[:place] + b"\xa5" * 150 + whole[place + 150 :])
        for read in (probe, sound, lambda path: frames(path, 4)):
            with suppress(MediaError):
                read(made.path)
