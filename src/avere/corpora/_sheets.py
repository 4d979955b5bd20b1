"""Sheets of Excel as rows of text."""

import json
from pathlib import Path

from avere.errors import AvereError, install_extra


def read_sheet(path: Path) -> list[list[str]]:
    """Read the cells of the first page of an Excel file, all rows of one length.

    Raises:
        AvereError: openpyxl is not installed, or the file is no sheet.
    """
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        raise AvereError(
            f"reading '{path}' needs openpyxl: {install_extra('corpora')}, "
            f"or save the sheet as '{path.with_suffix('.csv').name}' beside it"
        ) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        page = book.worksheets[0]
        # What a sheet says of its own size is often wrong, and rows beyond it would be lost.
        page.reset_dimensions()
        cells = [[format_cell(value) for value in line] for line in page.iter_rows(values_only=True)]
        book.close()
    except Exception as error:  # openpyxl lets many kinds through: of zip, of XML, its own.
        raise AvereError(f"'{path}' is no Excel file that can be read: {error}; copy it again") from error
    held = [place + 1 for line in cells for place, cell in enumerate(line) if cell]
    width = max(held, default=0)
    return [(line + [""] * width)[:width] for line in cells]


def format_cell(value: object) -> str:
    """Write a value as text; sheets hold whole numbers as 3 or 3.0.

    >>> format_cell(3.0), format_cell(None), format_cell(" calm ")
    ('3', '', 'calm')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value).strip()
