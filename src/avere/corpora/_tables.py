"""Tables of corpora as rows of text: CSV as spreadsheets write it, JSON lines, and sheets.

Nothing is guessed: cells that do not fit under the header, and quotes that are not closed, are refused with
their line. The separator is what stands most often in the header: tab, comma or semicolon.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from avere.corpora._sheets import format_cell, read_sheet
from avere.corpora._text import read_text
from avere.errors import AvereError

Row = dict[str, str]

SEPARATORS = ("\t", ",", ";")
JSON_LINES = (".jsonl", ".ndjson")
UNCLOSED = "unexpected end of data"
"""What csv says at the end of a file inside quotes."""


class Line(NamedTuple):
    """The cells of one row, without blanks around them."""

    number: int
    """Of the line where the row begins, from 1."""
    cells: list[str]


class NumberedRow(NamedTuple):
    """A row by its header, and the line where it begins."""

    number: int
    row: Row


def rows(path: Path, columns: Sequence[str] = (), *, chinese: bool = False) -> list[Row]:
    """Read the rows of a table by its header, every value as text, missing ones as "".

    Args:
        path: a ``.csv``, ``.jsonl`` or ``.xlsx`` file; of a sheet, the first page.
        columns: what must be there.
        chinese: copies of this table may be in GB 18030.

    Raises:
        AvereError: it cannot be read, a column is missing, or a row does not fit under the header.
    """
    return [row for _, row in numbered_rows(path, columns, chinese=chinese)]


def numbered_rows(
    path: Path, columns: Sequence[str] = (), *, chinese: bool = False, encoding: str | None = None
) -> list[NumberedRow]:
    """Read the rows of a table as :func:`rows` does, with their lines.

    Raises:
        AvereError: as there.
    """
    if path.suffix.lower() in JSON_LINES:
        return _json_rows(path, columns, read_text(path, chinese=chinese, encoding=encoding))
    (_, header), *body = [*lines(path, chinese=chinese, encoding=encoding)] or [Line(1, [])]
    twice = next((name for place, name in enumerate(header) if name and name in header[:place]), None)
    if twice is not None:
        raise AvereError(f"'{path}' has two columns '{twice}'; give each a name of its own")
    _check_columns(path, columns, header)
    ragged = [line for line in body if len(line.cells) != len(header)]
    if ragged:
        others = f", and so have {len(ragged) - 1} other rows" if len(ragged) > 1 else ""
        raise AvereError(
            f"{path}:{ragged[0].number}: {len(ragged[0].cells)} cells under a header of {len(header)}"
            f'{others}; put cells that hold the separator in double quotes, as in "Well, yes"'
        )
    # Columns without a name may be many; the first one counts.
    places = {name: header.index(name) for name in header}
    return [
        NumberedRow(number, {name: cells[place] for name, place in places.items()}) for number, cells in body
    ]


def lines(path: Path, *, chinese: bool = False, encoding: str | None = None) -> Iterator[Line]:
    """Yield the rows of a table that hold anything, without regard to a header.

    Raises:
        AvereError: it cannot be read, a quote is not closed, or openpyxl is missing for a sheet.
    """
    if path.suffix.lower() == ".xlsx":
        found = enumerate(read_sheet(path), start=1)
        yield from (Line(number, cells) for number, cells in found if any(cells))
        return
    text = read_text(path, chinese=chinese, encoding=encoding)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text), strict=True, skipinitialspace=True
    )
    while True:
        start = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            number = _opened(text, start) if str(error) == UNCLOSED else start
            raise AvereError(
                f"{path}:{number}: a double quote that opens in this row is not closed where a cell ends "
                f'({error}); write "" for a quote inside quotes'
            ) from error
        if any(cells):
            yield Line(start, cells)


def words(path: Path) -> list[Line]:
    """Read a list whose lines are words between blanks.

    Raises:
        AvereError: it cannot be read.
    """
    found = enumerate(read_text(path).split("\n"), start=1)
    return [Line(number, line.split()) for number, line in found if line.strip()]


def number(text: str, place: str) -> float:
    """Convert a number of a table.

    Raises:
        AvereError: it is none; ``place`` says where it stands.
    """
    try:
        return float(text)
    except ValueError as error:
        raise AvereError(f"{place} holds '{text}', which is no number; mend the file") from error


def _separator(text: str) -> str:
    """Find what separates cells: what stands most often in the header outside quotes.

    >>> _separator('path;"a,b,c";label')
    ';'
    """
    header = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=bare.count) if any(one in bare for one in SEPARATORS) else ","


def _opened(text: str, start: int) -> int:
    """Find the line, from ``start`` on, that opens a quote which no later line closes."""
    found, inside = start, False
    for place, line in enumerate(io.StringIO(text, newline=""), start=1):
        if place >= start and line.count('"') % 2:
            inside = not inside
            found = place if inside else found
    return found


def _check_columns(path: Path, columns: Sequence[str], held: Sequence[str], line: int | None = None) -> None:
    """Check that a header, or the keys of an object, have the wanted columns.

    Raises:
        AvereError: one is missing.
    """
    missing = next((column for column in columns if column not in held), None)
    if missing is not None:
        place = f"'{path}'" if line is None else f"{path}:{line}:"
        raise AvereError(
            f"{place} has no column '{missing}', only: {', '.join(held) or 'nothing'}; give the corpus's own "
            "file"
        )


def _json_rows(path: Path, columns: Sequence[str], text: str) -> list[NumberedRow]:
    """Read JSON lines as rows; a line ends at a line feed alone.

    Raises:
        AvereError: a line is no object, lacks a column, or holds more than one value in it.
    """
    found = []
    for place, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise AvereError(f"{path}:{place}: not JSON: {cause}; write one object a line") from error
        if not isinstance(data, dict):
            raise AvereError(f"{path}:{place}: not an object; write one object a line")
        _check_columns(path, columns, list(data), place)
        nested = next((name for name in columns if isinstance(data[name], dict | list)), None)
        if nested is not None:
            raise AvereError(f"{path}:{place}: '{nested}' holds more than one value; write one")
        found.append(NumberedRow(place, {key: format_cell(value) for key, value in data.items()}))
    return found
