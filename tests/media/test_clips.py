from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from avere.errors import AvereError, MediaError
from avere.media import blind, cut, frames, mute, probe, sound, swap, write_sound, write_video


def shifted(clips, source, seconds):
    """Copy a clip's video so that it begins before zero: what a player must decode but not show."""
    path = clips.folder / "shifted.mp4"
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        template = old.streams.video[0]
        stream = new.add_stream_from_template(template)
        for packet in old.demux(template):
            if packet.pts is not None and packet.dts is not None:
                back = round(Fraction(seconds) / packet.time_base)
                packet.pts, packet.dts = packet.pts - back, packet.dts - back
                packet.stream = stream
                new.mux(packet)
    return path


def surround(clips, name="surround.mkv"):
    """Make a clip with reordered frames and six channels."""
    path = clips.folder / name
    channels = np.stack([clips.tone(1.5, 48000, 100.0 * (1 + i)) / 4 for i in range(6)])
    with av.open(str(path), "w") as output:
        video: Any = output.add_stream("libx264", rate=10, options={"bf": "2", "g": "5"})
        video.width, video.height, video.pix_fmt = 48, 32, "yuv420p"
        audio: Any = output.add_stream("aac", rate=48000, layout="5.1")
        for pixels in clips.grey(15):
            output.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        output.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout="5.1")
        frame.sample_rate, frame.pts = 48000, 0
        output.mux([*audio.encode(frame), *audio.encode()])
    return path


def source_of(clips, kind):
    if kind == "surround":
        return surround(clips)
    if kind == "variable":
        silent = clips.stamped("variable.mp4", [0, 10, 20, 100, 150], last=50, bf="0")
        swap(silent, clips.usual().path, clips.folder / "variable with sound.mp4")
        return clips.folder / "variable with sound.mp4"
    if kind == "turned":
        return clips.turned(clips.usual().path, (0, 1, -1, 0))
    return clips.usual().path


SOURCES = ["usual", "surround", "variable", "turned"]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_mute_leaves_the_pictures_as_they_are(clips, kind, suffix):
    source, target = source_of(clips, kind), clips.folder / f"mute{suffix}"
    mute(source, target)
    before, after = probe(source), probe(target)
    assert not after.has_audio
    assert np.array_equal(frames(target, 9), frames(source, 9))
    assert (after.frame_count, after.rotation) == (before.frame_count, before.rotation)
    assert after.video_seconds == pytest.approx(before.video_seconds, abs=0.01)


@pytest.mark.parametrize("kind", SOURCES)
def test_blind_leaves_the_sound_as_it_is(clips, kind):
    source, target = source_of(clips, kind), clips.folder / "blind.mp4"
    blind(source, target)
    assert np.array_equal(sound(target), sound(source))
    assert not frames(target, 9).any()
    assert frames(target, 1).shape == frames(source, 1).shape
    before, after = probe(source), probe(target)
    assert after.frame_count == before.frame_count
    assert after.video_seconds == pytest.approx(before.video_seconds, abs=0.01)


@pytest.mark.parametrize("other", SOURCES)
def test_swap_leaves_both_as_they_are(clips, other):
    pictures = clips.usual("pictures.mp4", count=12).path
    voice, target = source_of(clips, other), clips.folder / "swapped.mp4"
    swap(pictures, voice, target)
    assert np.array_equal(frames(target, 12), frames(pictures, 12))
    assert np.array_equal(sound(target), sound(voice))


def test_swap_takes_sound_from_a_wav_file(clips):
    made, target = clips.usual(), clips.folder / "swapped.mp4"
    voice = clips.folder / "voice.wav"
    write_sound(voice, clips.tone(1.0, pitch=500), 16000)
    swap(made.path, voice, target)
    assert np.array_equal(sound(target), sound(voice))
    assert np.array_equal(frames(target, 20), frames(made.path, 20))


@pytest.mark.parametrize("change", [mute, blind])
def test_a_film_without_sound_can_be_muted_and_blinded(clips, change):
    write_video(clips.folder / "a.mp4", clips.grey(5), 10)
    change(clips.folder / "a.mp4", clips.folder / "b.mp4")
    assert probe(clips.folder / "b.mp4") == probe(clips.folder / "a.mp4")


def test_frames_before_zero_stay_unseen(clips):
    source = shifted(clips, clips.usual().path, Fraction(1, 2))
    assert probe(source).frame_count == 15
    assert clips.numbers(frames(source, 15)) == list(range(5, 20))
    mute(source, clips.folder / "mute.mp4")
    assert np.array_equal(frames(clips.folder / "mute.mp4", 15), frames(source, 15))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_cut_is_exact_to_the_frame(clips, suffix):
    made, target = clips.usual(), clips.folder / f"part{suffix}"
    cut(made.path, target, 0.5, 1.3)
    assert clips.numbers(frames(target, 8)) == list(range(5, 13))
    about = probe(target)
    assert about.video_seconds == pytest.approx(0.8, abs=0.01)
    assert about.audio_seconds == pytest.approx(0.8, abs=0.07)
    wave = sound(target)[:12800]
    assert np.corrcoef(wave[1000:-1000], made.wave[8000:20800][1000:-1000])[0, 1] > 0.99


def test_cut_of_a_wav_file_is_exact_to_the_sample(clips):
    write_sound(clips.folder / "a.wav", clips.tone(2.0), 16000)
    for suffix in (".wav", ".flac"):
        target = clips.folder / f"part{suffix}"
        cut(clips.folder / "a.wav", target, 0.25, 1.5)
        assert np.array_equal(sound(target), sound(clips.folder / "a.wav")[4000:24000])


def test_cut_keeps_variable_times_turn_and_channels(clips):
    """Frames begin at 0, 0.1, 0.2, 1.0 and 1.5 s: at 0.5 s the frame 2 is on screen, until 1.0 s."""
    cut(source_of(clips, "variable"), clips.folder / "part.mp4", 0.5, 1.25)
    assert clips.numbers(frames(clips.folder / "part.mp4", 3)) == [2, 2, 3]
    assert probe(clips.folder / "part.mp4").video_seconds == pytest.approx(0.75, abs=0.01)
    turned = source_of(clips, "turned")
    cut(turned, clips.folder / "upright.mp4", 0.0, 1.0)
    assert frames(clips.folder / "upright.mp4", 1).shape == frames(turned, 1).shape == (1, 48, 32, 3)
    cut(surround(clips), clips.folder / "six.mp4", 0.0, 1.0)
    assert probe(clips.folder / "six.mp4").channels == 6


def test_cut_beyond_one_stream_keeps_the_other(clips):
    cut(clips.usual(seconds=0.5).path, clips.folder / "a.mp4", 1.0, 9.0)
    about = probe(clips.folder / "a.mp4")
    assert (about.has_video, about.has_audio) == (True, False)
    assert about.seconds == pytest.approx(1.0, abs=0.01)


def test_a_file_may_replace_itself(clips):
    made = clips.usual()
    before = frames(made.path, 20)
    mute(made.path, made.path)
    assert not probe(made.path).has_audio
    assert np.array_equal(frames(made.path, 20), before)


@pytest.mark.parametrize(
    "make",
    [mute, blind, lambda a, b: swap(a, a, b), lambda a, b: cut(a, b, 0.2, 0.9)],
)
def test_the_same_source_gives_the_same_bytes(clips, make):
    source = clips.usual().path
    targets = clips.folder / "one.mp4", clips.folder / "two.mp4"
    for target in targets:
        make(source, target)
    assert targets[0].read_bytes() == targets[1].read_bytes()


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_cuts_run_forwards(clips, start, end):
    with pytest.raises(AvereError, match="0 <= start < end"):
        cut(clips.usual().path, clips.folder / "a.mp4", start, end)


def test_what_cannot_be_made_says_why_and_leaves_nothing(clips):
    voice, film = clips.folder / "voice.wav", clips.folder / "film.mp4"
    write_sound(voice, clips.tone(0.5), 16000)
    write_video(film, clips.grey(5), 10)
    target = clips.folder / "a.mp4"
    with pytest.raises(MediaError, match=r"voice\.wav' has no video stream"):
        mute(voice, target)
    with pytest.raises(MediaError, match=r"voice\.wav' has no video stream"):
        blind(voice, target)
    with pytest.raises(MediaError, match=r"film\.mp4' has no audio stream"):
        swap(film, film, target)
    with pytest.raises(MediaError, match=r"film\.mp4' is 0\.50 s long; nothing lies between 3.* and 4"):
        cut(film, target, 3.0, 4.0)
    with pytest.raises(MediaError, match=r"a\.docx"):
        mute(film, clips.folder / "a.docx")
    with pytest.raises(MediaError, match=r"a\.wav"):
        mute(film, clips.folder / "a.wav")
    assert sorted(path.name for path in clips.folder.iterdir()) == ["film.mp4", "voice.wav"]
