"""Tables out, as CSV or xlsx: streamed, and safe to open (a cell that a spreadsheet would run as a formula is quoted)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.styles import Alignment, Font

Cell = str | int | float | Decimal | dt.date | dt.datetime | None
BOM = "\ufeff"  # without it Excel reads UTF-8 CSV as the system's code page
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_text(value: str) -> str:
    """CSV injection (OWASP): text that begins like a formula gets an apostrophe."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield BOM
    writer.writerow(heads)
    for values in rows:
        yield _taken(buffer)
        writer.writerow([safe_text(v) if isinstance(v, str) else "" if v is None else v for v in values])
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def write_xlsx(target: BinaryIO, sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> None:
    """Sheets of (name, heads, rows); rows are written as they come (openpyxl's write-only mode keeps memory bounded)."""
    book = Workbook(write_only=True)
    for name, heads, rows in sheets:
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        bold = []
        for head in heads:
            cell = _text_cell(sheet, head)
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            bold.append(cell)
        sheet.append(bold)
        for values in rows:
            sheet.append([_xlsx_value(sheet, v) for v in values])
    book.save(target)


def _xlsx_value(sheet: object, value: Cell) -> object:
    return _text_cell(sheet, value) if isinstance(value, str) else value


def _text_cell(sheet: object, value: str) -> BookCell:
    """A text whatever it begins with: no formula, no error value; without the control characters XML cannot hold."""
    cell: BookCell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))  # type: ignore[arg-type]
    cell.data_type = "s"
    return cell
