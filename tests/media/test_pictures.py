import av
import numpy as np
import pytest

from avere.errors import AvereError, MediaError
from avere.media import frames, probe, write_sound, write_video
from avere.media._container import open_container
from avere.media._timeline import read_timeline
from avere.media.pictures import at_stamps
from avere.records import Corruption


@pytest.mark.parametrize(
    ("count", "wanted"),
    [
        (20, list(range(20))),
        (1, [10]),  # the middle of 2 s at 10 frames a second is 1.0 s: the frame 10 begins there
        (2, [5, 15]),  # 0.5 and 1.5 s
        (4, [2, 7, 12, 17]),  # 0.25, 0.75, 1.25, 1.75 s
        (40, [i // 2 for i in range(40)]),  # more than there are: each is on screen twice
    ],
)
def test_frames_stand_at_the_middle_of_even_parts(clips, count, wanted):
    assert clips.numbers(frames(clips.usual().path, count)) == wanted


def test_frames_by_their_numbers_reach_both_ends(clips):
    """Of 20 frames 8: 0, 19/7, 38/7 ... 19, rounded down."""
    assert clips.numbers(frames(clips.usual().path, 8, spread="ends")) == [0, 2, 5, 8, 10, 13, 16, 19]
    assert clips.numbers(frames(clips.usual().path, 1, spread="ends")) == [0]


def test_frames_are_red_green_blue_bytes(clips):
    path = clips.folder / "red.mp4"
    red = np.zeros((3, 32, 48, 3), np.uint8)
    red[..., 0] = 200
    write_video(path, red, 5)
    read = frames(path, 3)
    assert read.shape == (3, 32, 48, 3)
    assert read.dtype == np.uint8
    assert np.abs(read.astype(int) - red).max() <= 4


def test_a_single_frame_is_repeated(clips):
    path = clips.folder / "one.mp4"
    write_video(path, clips.grey(6)[5:], 12)
    assert clips.numbers(frames(path, 4)) == [5, 5, 5, 5]
    assert probe(path).frame_count == 1
    assert probe(path).seconds == pytest.approx(1 / 12, abs=1e-3)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_variable_rate_is_read_by_time(clips, name):
    """Frames 0..3 begin at 0, 0.1, 0.2 and 1.0 s, the last stays until 2.0 s."""
    path = clips.stamped(name, [0, 10, 20, 100], last=100)
    assert probe(path).variable_rate
    assert clips.numbers(frames(path, 8)) == [1, 2, 2, 2, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("reordered.mp4", {"bf": "3", "x264-params": "b-adapt=0:scenecut=0"}),
        ("no stamps.avi", {"codec": "mpeg4", "qscale": "1"}),
        ("web.webm", {"codec": "libvpx-vp9", "crf": "10", "deadline": "realtime"}),
        ("stream.ts", {"codec": "mpeg2video", "qscale": "1"}),
    ],
)
def test_other_codecs_and_containers(clips, name, options):
    path = clips.stamped(name, [4 * i for i in range(25)], last=4, **options)
    read = frames(path, 25)
    assert len(read) == 25
    assert np.abs(np.array(clips.numbers(read)) - np.arange(25)).max() <= (0 if name.startswith("re") else 1)


QUARTERS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@pytest.mark.parametrize(("angle", "matrix"), QUARTERS.items())
def test_rotation_is_applied(clips, angle, matrix):
    """The matrix [0 1; -1 0] of a phone held upright turns the stored picture clockwise."""
    picture = np.zeros((2, 32, 48, 3), np.uint8)
    picture[:, :16, :24] = 240  # top left
    source = clips.folder / "flat.mp4"
    write_video(source, picture, 5)
    path = clips.turned(source, matrix)
    expected = np.rot90(picture[0], -angle // 90)
    read = frames(path, 1)[0]
    assert read.shape == expected.shape
    assert np.abs(read.astype(int) - expected)[4:-4, 4:-4].mean() < 12
    about = probe(path)
    assert (about.rotation, about.height, about.width) == (angle, *expected.shape[:2])


def test_far_frames_of_a_long_clip_are_sought(clips):
    """A keyframe each 5 s of 100 s, and 3 frames asked for: two jumps, few frames decoded."""
    path = clips.stamped("long.mp4", range(0, 10000, 50), last=50, g="10", bf="2")
    line = read_timeline(path, "video")
    wanted = line.stamps[[33, 100, 166]]
    assert 20 <= len(line.keys) < 30
    with open_container(path) as media:
        picked = [frame.pts for frame in at_stamps(media, line, wanted)]
    assert picked == wanted.tolist()
    # 200 levels of grey wrap around at 256 / 8 = 32.
    assert clips.numbers(frames(path, 3)) == [33 % 32, 100 % 32, 166 % 32]


def test_seeking_and_reading_on_find_the_same_frames(clips):
    path = clips.stamped(
        "long.mp4", range(0, 6000, 40), last=40, g="8", bf="2", **{"x264-params": "open-gop=1"}
    )
    with av.open(str(path)) as container:
        straight = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    assert np.array_equal(frames(path, 4), np.stack(straight)[[18, 56, 93, 131]])


def test_odd_sizes_are_kept(clips):
    path = clips.folder / "odd.mp4"
    write_video(path, clips.grey(3, 33, 47), 5)
    assert frames(path, 3).shape == (3, 33, 47, 3)


def test_names_of_every_language(clips):
    made = clips.usual("dösig 情感 clip: 50%.mp4")
    assert clips.numbers(frames(made.path, 2)) == [5, 15]


def test_a_sound_has_no_frames(clips):
    path = clips.folder / "only.wav"
    write_sound(path, clips.tone(0.5), 16000)
    with pytest.raises(MediaError, match=r"only\.wav' has no video stream"):
        frames(path, 2)


def test_no_frames_cannot_be_asked(clips):
    with pytest.raises(AvereError, match="at least one"):
        frames(clips.usual().path, 0)


def test_corruption_is_applied_after_reading(clips):
    path = clips.usual().path
    assert not frames(path, 4, corruption=Corruption(kind="silence")).any()
    shuffled = frames(path, 4, corruption=Corruption(kind="shuffle", seed=3))
    assert sorted(clips.numbers(shuffled)) == [2, 7, 12, 17]
    assert clips.numbers(shuffled) != [2, 7, 12, 17]
