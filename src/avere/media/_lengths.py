"""How long a file says that it is, against what there is: cut-off files are told from open-ended ones."""

from pathlib import Path
from typing import BinaryIO

from avere.errors import MediaError, printable_path

OPEN = 0x7FFFF000
"""Bytes of sound from which a WAV's header means "not known": what programs write that write to a pipe."""
SEGMENT, EBML = bytes.fromhex("18538067"), bytes.fromhex("1a45dfa3")
"""Matroska's outer element, and the header before it."""
TIMED = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "wav", "flac", "avi"})
"""Formats whose header tells a true duration; others guess it from the bit rate, or copy a stale one."""


def is_endless(path: Path) -> bool:
    """True where a WAV's header leaves the length open: 0, or as much as fits in 31 or 32 bits."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return False
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return size == 0 or size >= OPEN
            file.seek(size + size % 2, 1)
    return False


def check_bytes(path: Path) -> None:
    """Refuse a Matroska file that holds a tenth less than its header says.

    Its tags of duration are no measure: programs that cut or join streams copy them as they are.

    Raises:
        MediaError: it is cut short.
    """
    with path.open("rb") as file:
        if file.read(4) != EBML:
            return
        file.seek(_read_size(file) or 0, 1)
        if file.read(4) != SEGMENT:
            return
        size = _read_size(file)
        held = path.stat().st_size - file.tell()
    if size is not None and held < 0.9 * size:
        raise MediaError(
            f"'{printable_path(path)}' is cut short: {held:,} of {size:,} bytes are there; "
            "copy or download it again, or leave it out"
        )


def _read_size(file: BinaryIO) -> int | None:
    """Read the size of a Matroska element: the zeros in front count its further bytes; None: unknown.

    >>> from io import BytesIO
    >>> _read_size(BytesIO(bytes([0x41, 0x02]))), _read_size(BytesIO(bytes([0xFF])))
    (258, None)
    """
    first = (file.read(1) or bytes(1))[0]
    more = 8 - first.bit_length()
    size = int.from_bytes(bytes([first]) + file.read(more), "big") - (1 << 7 * (more + 1))
    return None if size < 0 or size == (1 << 7 * (more + 1)) - 1 else size


def check_seconds(path: Path, form: str, kind: str, seconds: float, declared: float) -> None:
    """Refuse a stream that ends long before its header says.

    Raises:
        MediaError: more than half a second and a tenth of the stream are missing.
    """
    if form in TIMED and declared - seconds > max(0.5, 0.1 * declared):
        raise MediaError(
            f"'{printable_path(path)}' is cut short: {seconds:.2f} of {declared:.2f} s of {kind} "
            "can be read; copy or download it again, or leave it out"
        )
