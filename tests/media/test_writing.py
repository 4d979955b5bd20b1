import numpy as np
import pytest

from avere.errors import MediaError
from avere.media import frames, probe, sound, write_sound, write_video


def test_the_same_arrays_give_the_same_bytes(clips):
    one, two = clips.usual("one.mp4"), clips.usual("another name.mp4")
    assert one.path.read_bytes() == two.path.read_bytes()
    write_sound(clips.folder / "one.wav", one.wave, 16000)
    write_sound(clips.folder / "two.wav", two.wave, 16000)
    assert (clips.folder / "one.wav").read_bytes() == (clips.folder / "two.wav").read_bytes()


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".m4v"])
@pytest.mark.parametrize("fps", [12, 25, 29.97, 7.5])
def test_what_was_written_is_there(clips, suffix, fps):
    path = clips.folder / f"clip{suffix}"
    write_video(path, clips.grey(24), fps, clips.tone(1.0))
    about = probe(path)
    assert (about.width, about.height, about.frame_count) == (48, 32, 24)
    assert (about.rate, about.channels) == (16000, 1)
    assert about.fps == pytest.approx(fps, rel=0.01)
    assert about.video_seconds == pytest.approx(24 / fps, rel=0.01)
    assert not about.variable_rate
    assert clips.numbers(frames(path, 24)) == list(range(24))
    assert np.corrcoef(sound(path)[:16000], clips.tone(1.0))[0, 1] > 0.99


def test_a_picture_survives_writing(clips):
    row, column = np.mgrid[:64, :64]
    picture = np.stack([row * 3, column * 3, 255 - row * 3], axis=-1).astype(np.uint8)
    write_video(clips.folder / "a.mp4", np.stack([picture] * 4), 10)
    assert np.abs(frames(clips.folder / "a.mp4", 1)[0].astype(int) - picture).mean() < 6


def test_a_folder_is_made_and_nothing_else_left(clips):
    path = clips.folder / "new" / "deep" / "clip.mp4"
    write_video(path, clips.grey(3), 10)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "pixels", "fps", "cause"),
    [
        ("a.mp4", np.zeros((0, 8, 8, 3), np.uint8), 10, r"\[0, 8, 8, 3\]"),
        ("a.mp4", np.zeros((2, 8, 8), np.uint8), 10, "count, height, width, 3"),
        ("a.mp4", np.zeros((2, 8, 8, 3), np.float32), 10, "float32"),
        ("a.mp4", np.zeros((2, 8, 8, 3), np.uint8), 0, "0 frames a second"),
        ("a.mp4", np.zeros((2, 8, 8, 3), np.uint8), float("nan"), "nan frames a second"),
        ("a.docx", np.zeros((2, 8, 8, 3), np.uint8), 10, r"\.docx'"),
        ("a.wav", np.zeros((2, 8, 8, 3), np.uint8), 10, r"\.mp4, \.m4v, \.mov, \.mkv"),
    ],
)
def test_frames_that_cannot_be_written(clips, name, pixels, fps, cause):
    with pytest.raises(MediaError, match=cause):
        write_video(clips.folder / name, pixels, fps)
    assert not list(clips.folder.iterdir())


@pytest.mark.parametrize(
    ("name", "wave", "rate"),
    [
        ("a.mp3", np.zeros(10, np.float32), 16000),
        ("a.wav", np.zeros(0, np.float32), 16000),
        ("a.wav", np.array([0.0, np.nan], np.float32), 16000),
        ("a.wav", np.zeros((2, 10), np.float32), 16000),
        ("a.wav", np.zeros(10, np.float32), 0),
    ],
)
def test_sounds_that_cannot_be_written(clips, name, wave, rate):
    with pytest.raises(MediaError, match="give"):
        write_sound(clips.folder / name, wave, rate)
    assert not list(clips.folder.iterdir())


def test_too_loud_is_clipped(clips):
    write_sound(clips.folder / "a.wav", np.array([2.0, -2.0, 0.5], np.float32), 16000)
    assert sound(clips.folder / "a.wav").tolist() == [32767 / 32768, -1.0, 0.5]


def test_a_rate_that_the_codec_does_not_know(clips):
    with pytest.raises(MediaError, match=r"odd\.mp4"):
        write_video(clips.folder / "odd.mp4", clips.grey(3), 10, clips.tone(0.2), rate=12345)
    assert not list(clips.folder.iterdir())
