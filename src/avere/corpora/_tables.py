"""Tables of corpora as rows of text: CSV in any field separator, JSON lines, and sheets."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from avere.errors import AvereError

Row = dict[str, str]


def rows(path: Path, columns: Sequence[str] = ()) -> list[Row]:
    """Return the rows of a table by its header, every value as text, missing ones as "".

    Args:
        path: a ``.csv``, ``.jsonl`` or ``.xlsx`` file; of a sheet, the first page.
        columns: what must be there.

    Raises:
        AvereError: it cannot be read, or a column is missing.
    """
    if path.suffix == ".jsonl":
        found = _json_lines(path)
    else:
        header, *body = cells(path) or [[]]
        found = [dict(zip(header, line + [""] * len(header), strict=False)) for line in body if any(line)]
    missing = [column for column in columns if any(column not in row for row in found)]
    if missing:
        held = ", ".join(found[0]) if found else "nothing"
        raise AvereError(f"'{path}' has no column '{missing[0]}', only: {held}; give the corpus's own file")
    return found


def cells(path: Path, separator: str | None = None) -> list[list[str]]:
    """Return the lines of a table without regard to a header.

    Args:
        path: a sheet (``.xlsx``) or a text file.
        separator: of fields; by default a tab where the first line holds one, else a comma.

    Raises:
        AvereError: it cannot be read, or is a sheet and openpyxl is missing.
    """
    if path.suffix == ".xlsx":
        return _sheet(path)
    text = _text(path)
    first = text.partition("\n")[0]
    return [
        [cell.strip() for cell in line]
        for line in csv.reader(text.splitlines(), delimiter=separator or ("\t" if "\t" in first else ","))
    ]


def number(text: str, place: str) -> float:
    """Return a number of a table.

    Raises:
        AvereError: it is none; ``place`` says where it stands.
    """
    try:
        return float(text)
    except ValueError as error:
        raise AvereError(f"{place} holds '{text}', which is no number; mend the file") from error


def _text(path: Path) -> str:
    """Return the text of a file: UTF-8 with or without a mark, else the Chinese encoding of some releases.

    Raises:
        AvereError: neither.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AvereError(f"cannot read '{path}': {error.strerror}; give a file that can be read") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AvereError(f"'{path}' is neither UTF-8 nor GB 18030 text; save it as UTF-8")


def _json_lines(path: Path) -> list[Row]:
    """Return the objects of a file of JSON lines as rows.

    Raises:
        AvereError: a line is no object.
    """
    found = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise AvereError(f"{path}:{number}: not JSON: {error.msg}; write one object a line") from error
        if not isinstance(data, dict):
            raise AvereError(f"{path}:{number}: not an object; write one object a line")
        found.append({str(key): _plain(value) for key, value in data.items()})
    return found


def _sheet(path: Path) -> list[list[str]]:
    """Return the cells of the first page of an Excel file.

    Raises:
        AvereError: openpyxl is not installed, or the file is no sheet.
    """
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        raise AvereError(
            f"reading '{path}' needs openpyxl: pip install 'avere[corpora]', "
            f"or save the sheet as '{path.with_suffix('.csv').name}' beside it"
        ) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl lets many kinds through: of zip, of XML, its own.
        raise AvereError(f"'{path}' is no Excel file that can be read: {error}; copy it again") from error
    try:
        return [list(map(_plain, line)) for line in _values(book.worksheets[0])]
    finally:
        book.close()


def _values(page: object) -> Iterable[Iterable[object]]:
    """Return the values of a page, line by line."""
    lines: Iterable[Iterable[object]] = page.iter_rows(values_only=True)  # type: ignore[attr-defined]
    return lines


def _plain(value: object) -> str:
    """Return a value as text; sheets hold whole numbers as 3 or 3.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
