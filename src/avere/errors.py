"""The one kind of error that a person can fix: shown as a single line, exit code 2."""

from collections.abc import Iterable
from difflib import get_close_matches
from os import PathLike, fsencode


class AvereError(Exception):
    """Something a person can fix: the text says what was given, why it cannot work and what to do."""


class MediaError(AvereError):
    """A media file that cannot be used; the text names the file and the cause."""


class RecordError(AvereError):
    """A line of a records file that cannot be read; the text names file, line and field."""


class SettingsError(AvereError):
    """A recipe that cannot be used; the text lists every mistake at once."""


class StoppedError(Exception):
    """Work that a signal stopped after it was made safe; the text says how to go on."""


def unknown_name(kind: str, given: str, known: Iterable[str]) -> AvereError:
    """Return the error for a name that is not among the known ones, with a suggestion.

    >>> str(unknown_name("loss", "avem-dpo", ["dpo", "avem_dpo"]))
    "no loss is called 'avem-dpo'; did you mean 'avem_dpo'? Known: avem_dpo, dpo"
    """
    names = sorted(known)
    close = get_close_matches(given, names, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return AvereError(f"no {kind} is called '{given}'{hint} Known: {', '.join(names)}")


def install_extra(extra: str) -> str:
    """Word the command that brings an extra of this package, as it works in the folder of a clone.

    >>> install_extra("train")
    "in your copy of avere run: pip install '.[train]'"
    """
    return f"in your copy of avere run: pip install '.[{extra}]'"


def printable_text(text: str) -> str:
    r"""Write text so that every terminal takes it: what is no UTF-8 becomes escapes.

    >>> printable_text("cannot read 'caf\udce9'")
    "cannot read 'caf\\xe9'"
    """
    names = "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in text)
    return names.encode("utf-8", "backslashreplace").decode()


def printable_path(path: PathLike[str]) -> str:
    r"""Write a file name so that every terminal and file takes it, in one line.

    Names are bytes: those that are no UTF-8, and signs that move the cursor, are written as escapes.

    >>> from pathlib import Path
    >>> printable_path(Path("caf\udce9.mp4"))
    'caf\\xe9.mp4'
    """
    text = fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
