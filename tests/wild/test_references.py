"""Films whose header says that their samples lie in another file: refused, and that file is never opened."""

import ctypes
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.wild.making import AAC, VIDEO, numbers, write

from avere.errors import MediaError
from avere.media import blind, check_decoding, cut, frames, mute, probe, sound, swap

OPENED = 0x20
"""The event of inotify(7) for an opened file."""
PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"dinf")


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def edited(content: bytes, source: bytes) -> bytes:
    """Replace the sources of every track."""
    parts, place = [], 0
    while place < len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        inside = content[place + 8 : place + size]
        if name in PARENTS:
            inside = edited(inside, source)
        parts.append(box(name, struct.pack(">II", 0, 1) + source if name == b"dref" else inside))
        place += size
    return b"".join(parts)


def url(other: Path) -> bytes:
    return box(b"url ", struct.pack(">I", 0) + f"file://{other}".encode() + b"\0")


def urn(other: Path) -> bytes:
    return box(b"urn ", struct.pack(">I", 0) + b"urn:x\0" + bytes(other) + b"\0")


def alias(other: Path) -> bytes:
    """Write a Macintosh alias record with an absolute path, as FFmpeg reads it."""
    name = other.name.encode()
    path = bytes(other) + b"\0" * (len(bytes(other)) % 2)
    record = b"\0" * 10 + b"\4disk".ljust(28, b"\0") + b"\0" * 12 + bytes([len(name)]) + name.ljust(63, b"\0")
    record += b"\0" * 16 + struct.pack(">hh", -1, -1) + b"\0" * 16
    record += struct.pack(">hH", 2, len(path)) + path + struct.pack(">hH", -1, 0)
    return box(b"alis", struct.pack(">I", 0) + record)


def packed(content: bytes) -> bytes:
    """Compress the header, as old QuickTime did."""
    place = content.index(b"moov") - 4
    header = content[place:]
    small = struct.pack(">I", len(header)) + zlib.compress(header)
    moved = box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", small))
    return content[:place] + box(b"moov", moved)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Count how often the other file was opened since the last count."""
    write(tmp_path / "other.mp4", VIDEO, AAC)
    system = ctypes.CDLL(None)
    watch = system.inotify_init1(os.O_NONBLOCK)
    system.inotify_add_watch(watch, os.fsencode(tmp_path / "other.mp4"), OPENED)

    def count() -> int:
        try:
            return len(os.read(watch, 100_000)) // 16
        except BlockingIOError:
            return 0

    yield count
    os.close(watch)


READERS = (
    probe,
    sound,
    check_decoding,
    lambda path: frames(path, 2),
    lambda path: mute(path, path.with_name("made.mp4")),
    lambda path: blind(path, path.with_name("made.mp4")),
    lambda path: cut(path, path.with_name("made.mp4"), 0.0, 0.5),
    lambda path: swap(path, path, path.with_name("made.mp4")),
)


@pytest.mark.parametrize("done", [bytes, packed], ids=["plain", "packed"])
@pytest.mark.parametrize("source", [url, urn, alias])
def test_samples_in_another_file_are_refused_and_it_is_not_opened(tmp_path, opened, source, done):
    other = tmp_path / "other.mp4"
    probe(other)
    assert opened() > 0
    path = tmp_path / "film.mov"
    path.write_bytes(done(edited(write(tmp_path / "own.mov", VIDEO, AAC).read_bytes(), source(other))))
    for read in READERS:
        with pytest.raises(
            MediaError, match=r"film\.mov' takes its sound or pictures out of another file"
        ) as one:
            read(path)
        assert "\n" not in str(one.value)
        assert not (tmp_path / "made.mp4").exists()
    assert opened() == 0


@pytest.mark.parametrize("done", [bytes, packed], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "own", [box(b"url ", b"\0\0\0\1"), box(b"url ", bytes(4)), box(b"alis", b"\0\0\0\1")]
)
def test_samples_in_the_file_itself_are_read(tmp_path, own, done):
    path = tmp_path / "film.mov"
    path.write_bytes(done(edited(write(tmp_path / "own.mov", VIDEO, AAC).read_bytes(), own)))
    assert numbers(frames(path, 2)) == [2, 7]


def test_a_packed_header_that_unfolds_into_gigabytes_is_refused(tmp_path):
    path = tmp_path / "bomb.mov"
    small = struct.pack(">I", 2**31 - 1) + zlib.compress(bytes(100_000_000))
    path.write_bytes(box(b"moov", box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", small))))
    with pytest.raises(MediaError, match=r"header of '.*bomb\.mov' is larger than 64,000,000 bytes"):
        probe(path)
