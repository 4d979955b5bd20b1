"""The text of a table's file: its encoding is known or refused, never guessed."""

import codecs
from pathlib import Path

from avere.errors import AvereError

LARGEST = 256_000_000
"""Bytes of a table: the largest of a release takes a tenth of it."""
NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How sheets of Excel begin, new and old."""
COMMON = 0.9
"""Share of characters beyond ASCII that ordinary Chinese text has in GB 2312."""


def read_text(path: Path, *, chinese: bool = False, encoding: str | None = None) -> str:
    """Read a file as UTF-8, or as UTF-16 where it begins with that mark.

    Args:
        path: of the file.
        chinese: some copies of this table are in GB 18030, which is then read where it gives Chinese words.
        encoding: what the file is in, instead of all that.

    Raises:
        AvereError: it cannot be read, is too large, is a sheet, or is in another encoding.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise AvereError(f"'{path}' holds {size:,} bytes; tables of up to {LARGEST:,} are read, split it")
        data = path.read_bytes()
    except OSError as error:
        raise AvereError(f"cannot read '{path}': {error.strerror}; give a file that can be read") from error
    if data.startswith(NO_TEXT):
        raise AvereError(f"'{path}' is a sheet, not text; name it .xlsx, or save it as CSV UTF-8")
    text = _decode(path, data, chinese=chinese, encoding=encoding)
    if "\0" in text:
        raise AvereError(f"'{path}' holds zero bytes, as UTF-16 without its mark does; save it as UTF-8")
    return text


def _decode(path: Path, data: bytes, *, chinese: bool, encoding: str | None) -> str:
    """Decode a file.

    Raises:
        AvereError: it is in no encoding that is known for it; the line of the first wrong byte is named.
    """
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode(encoding or ("utf-16" if marked else "utf-8-sig"))
    except LookupError as error:
        raise AvereError(f"no encoding is called '{encoding}'; give one such as utf-8 or cp1252") from error
    except UnicodeError as error:
        if chinese and encoding is None and (text := _chinese(data)) is not None:
            return text
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        wanted = encoding or ("UTF-16" if marked else "UTF-8")
        raise AvereError(
            f"{path}:{line}: not {wanted} text; save it in Excel as 'CSV UTF-8', or convert it, as in: "
            f"iconv -f WINDOWS-1252 -t UTF-8 {path.name} > new{path.suffix} (of your own clips, the option "
            "encoding=cp1252 reads it as it is)"
        ) from error


def _chinese(data: bytes) -> str | None:
    """Decode GB 18030 where it gives Chinese words; None where the bytes must be something else.

    Accented letters of Windows-1252 give rare characters, or none at all.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    beyond = [character for character in text if not character.isascii()]
    common = sum(bool(character.encode("gb2312", "ignore")) for character in beyond)
    return text if common >= COMMON * len(beyond) else None
