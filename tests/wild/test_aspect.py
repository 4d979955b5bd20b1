"""Pictures whose stored points are no squares are shown in their display shape, as FFmpeg shows them."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avere.errors import MediaError
from avere.media import blind, cut, frames, mute, probe

SIZE = 180, 144
"""Width and height as stored."""


def stretched(path: Path, aspect: Fraction | None) -> Path:
    """Write a soft picture of stored points with this width over height."""
    across, down = np.meshgrid(np.linspace(0, 255, SIZE[0]), np.linspace(0, 255, SIZE[1]))
    picture = np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for _ in range(3):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode())
    return path


def filtered(path: Path, *turning: tuple[str, str]) -> np.ndarray:
    """Show the first picture by FFmpeg's own filters."""
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        graph = av.filter.Graph()
        aspect = str(stream.sample_aspect_ratio or 1)
        steps = [graph.add_buffer(template=stream), graph.add("setsar", aspect)]
        last = (("scale", "iw*sar:ih"), ("setsar", "1"), ("buffersink",))
        steps += [graph.add(*step) for step in (*turning, *last)]
        graph.link_nodes(*steps).configure()
        graph.push(next(media.decode(stream)))
        shown = graph.pull()
        assert isinstance(shown, av.VideoFrame)
        return shown.to_ndarray(format="rgb24")


ASPECTS = [None, *map(Fraction, ("1", "64/45", "16/15", "12/11", "10/11", "8/9", "32/27", "4/3", "1/2", "2"))]


@pytest.mark.parametrize("aspect", ASPECTS, ids=str)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_pictures_have_their_display_shape(tmp_path, aspect, name):
    path = stretched(tmp_path / name, aspect)
    expected, seen = filtered(path), frames(path, 2)
    assert seen.shape == (2, *expected.shape)
    assert np.abs(seen[0].astype(int) - expected).mean() < 2
    about = probe(path)
    assert (about.height, about.width) == expected.shape[:2]


@pytest.mark.parametrize(("aspect", "width"), [("64/45", 256), ("10/11", 163)])
def test_widths_are_those_worked_out_by_hand(tmp_path, aspect, width):
    """180 * 64 / 45 = 256; 180 * 10 / 11 = 163.6, of which the part is cut off."""
    assert frames(stretched(tmp_path / "clip.mp4", Fraction(aspect)), 1).shape == (1, 144, width, 3)


def test_a_turned_picture_is_stretched_along_its_shown_width(tmp_path):
    """The points of a turned picture are turned with it: 144 * 45 / 64 = 101.25, so 101 wide, 180 high."""
    path = stretched(tmp_path / "clip.mp4", Fraction(64, 45))
    content = bytearray(path.read_bytes())
    whole, turned = (1 << 16, 0, 0, 0, 1 << 16), (0, 1 << 16, 0, -(1 << 16), 0)
    place = content.index(matrix(whole), content.index(b"tkhd"))
    content[place : place + 36] = matrix(turned)
    path.write_bytes(content)
    expected = filtered(stretched(tmp_path / "as stored.mp4", Fraction(64, 45)), ("transpose", "clock"))
    seen = frames(path, 1)[0]
    assert seen.shape == expected.shape == (180, 101, 3)
    assert np.abs(seen.astype(int) - expected).mean() < 2
    assert (probe(path).width, probe(path).height) == (101, 180)


def matrix(numbers: tuple[int, ...]) -> bytes:
    """Write a display matrix of a, b, u, c, d."""
    return np.array([*numbers, 0, 0, 0, 1 << 30], dtype=">i4").tobytes()


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
@pytest.mark.parametrize("change", [mute, blind, lambda source, target: cut(source, target, 0.0, 0.2)])
def test_clips_made_of_it_keep_its_shape(tmp_path, name, change):
    path = stretched(tmp_path / "clip.mkv", Fraction(64, 45))
    change(path, tmp_path / f"changed {name}")
    assert frames(tmp_path / f"changed {name}", 1).shape == (1, 144, 256, 3)


def contradicted(path: Path, aspect: int) -> Path:
    """Write a file whose container tells another shape than its codec does, and wins."""
    content = stretched(path, Fraction(64, 45)).read_bytes()
    assert content.count(b"pasp" + struct.pack(">II", 64, 45)) == 1
    path.write_bytes(content.replace(struct.pack(">II", 64, 45), struct.pack(">II", aspect, 1)))
    return path


@pytest.mark.parametrize("change", [mute, blind, lambda source, target: cut(source, target, 0.0, 0.2)])
def test_a_shape_that_only_the_container_tells_is_kept(tmp_path, change):
    told = contradicted(tmp_path / "told.mp4", 2)
    assert frames(told, 1).shape == (1, 144, 360, 3)
    change(told, tmp_path / "changed.mp4")
    assert frames(tmp_path / "changed.mp4", 1).shape == (1, 144, 360, 3)


def test_a_shape_beyond_all_screens_is_refused(tmp_path):
    path = contradicted(tmp_path / "long.mp4", 3000)
    for read in (probe, lambda one: frames(one, 1)):
        with pytest.raises(MediaError, match=r"long\.mp4' are 540000 by 144; at most 36,000,000 pixels"):
            read(path)
