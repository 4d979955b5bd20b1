"""Films in MP4 and MOV whose samples lie in another file: they may name any file here, and are refused.

A header is a tree of boxes: eight bytes that tell size and name, then a content. Each track lists its sources
in ``dref``; a source that is not the file itself lacks the flag 1 and says where it is (ISO 14496-12, 8.7).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from avere.errors import MediaError, printable_path

HEADER = 64_000_000
"""Bytes of a header at most; that of a film of hours has some millions."""
INSIDE = {b"moov": b"trak cmov", b"trak": b"mdia", b"mdia": b"minf", b"minf": b"dinf", b"dinf": b"dref"}
"""The boxes on the way to the sources of a track."""
BOXES = 100_000
"""At most on one level."""
OWN = 1
"""Flag of a source that is the file itself."""


class Box(NamedTuple):
    """A part of a header."""

    name: bytes
    content: bytes


def check_references(path: Path) -> None:
    """Refuse a file that takes sound or pictures out of another one.

    Raises:
        MediaError: a track names another file, or the header is too large to look.
    """
    header = _read_header(path)
    if header is None:
        return
    for source in _find_sources(path, Box(b"moov", header), 0):
        flags = int.from_bytes(source.content[1:4], "big")
        if not flags & OWN and source.content[4:].strip(b"\0"):
            raise MediaError(
                f"'{printable_path(path)}' takes its sound or pictures out of another file, which is not "
                "opened; save it as a file of its own"
            )


def _read_header(path: Path) -> bytes | None:
    """Read the content of the first box ``moov``; None where the file has none.

    Raises:
        MediaError: it is larger than HEADER.
    """
    end = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        for _ in range(BOXES):
            file.seek(place)
            start = file.read(16)
            size, name, head = int.from_bytes(start[:4], "big"), start[4:8], 8
            if size == 1:
                size, head = int.from_bytes(start[8:16], "big"), 16
            size = size or end - place
            if len(start) < head or size < head:
                return None
            if name == b"moov":
                _check_size(path, min(size, end - place))
                file.seek(place + head)
                return file.read(size - head)
            place += size
    return None


def _check_size(path: Path, size: int) -> None:
    """Refuse a header that is too large.

    Raises:
        MediaError: more than HEADER bytes.
    """
    if size > HEADER:
        raise MediaError(
            f"the header of '{printable_path(path)}' is larger than {HEADER:,} bytes; cut it into clips"
        )


def _find_sources(path: Path, box: Box, depth: int) -> Iterator[Box]:
    """Yield the sources of all tracks below a box."""
    if box.name == b"dref":
        yield from _boxes(box.content[8:])
    elif box.name == b"cmov":
        yield from _find_sources(path, Box(b"moov", _unpacked(path, box.content)), depth + 1)
    elif depth < len(INSIDE) + 2:
        for one in _boxes(box.content):
            if one.name in INSIDE.get(box.name, b"").split():
                yield from _find_sources(path, one, depth + 1)


def _boxes(content: bytes) -> Iterator[Box]:
    """Yield the boxes in a content; one that is cut ends it."""
    place = 0
    for _ in range(BOXES):
        if place + 8 > len(content):
            return
        size, name = struct.unpack_from(">I4s", content, place)
        size = size or len(content) - place
        if size < 8:
            return
        yield Box(name, content[place + 8 : place + size])
        place += size


def _unpacked(path: Path, content: bytes) -> bytes:
    """Unpack a compressed header.

    Raises:
        MediaError: it becomes larger than HEADER.
    """
    packed = next((box.content[4:] for box in _boxes(content) if box.name == b"cmvd"), b"")
    try:
        found = zlib.decompressobj().decompress(packed, HEADER + 1)
    except zlib.error:
        return b""
    _check_size(path, len(found))
    return next((box.content for box in _boxes(found) if box.name == b"moov"), b"")
