"""From a file to raw rows, one at a time: memory stays bounded whatever the file's length.

Each row is (number, dict by head) or a RowProblem where the line itself cannot be read. Raises UnreadableFile.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from jieti.services.imports.errors import RowProblem, UnreadableFile

Raw = dict[str, Any]
Numbered = tuple[int, Raw]
LONGEST_LINE = 1_000_000  # characters of one JSONL or CSV record
MOST_UNPACKED = 512 * 1024 * 1024  # bytes of an xlsx once unpacked: a zip bomb stops here


def read_rows(path: Path, name: str | None = None) -> Iterator[Numbered | RowProblem]:
    """`name`: the file's name where `path` is a temporary one. By its ending: .jsonl, .csv, .xlsx."""
    ending = Path(name or path).suffix.lower()
    readers = {".jsonl": _jsonl, ".csv": _csv, ".xlsx": _xlsx}
    if ending not in readers:
        raise UnreadableFile("import_file_type", found=ending or "?", expected=".jsonl .csv .xlsx")
    yield from readers[ending](path)


def _jsonl(path: Path) -> Iterator[Numbered | RowProblem]:
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE * 4), b""), 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line.decode("utf-8-sig"))
            except UnicodeDecodeError:
                yield RowProblem(number, "", "not_utf8")
                continue
            except (json.JSONDecodeError, RecursionError) as error:
                yield RowProblem(number, "", "json_broken", {"column": getattr(error, "colno", 1)})
                continue
            if isinstance(value, dict):
                yield number, value
            else:
                yield RowProblem(number, "", "json_no_object")


def _encoding(path: Path) -> str:
    """UTF-8 (with or without mark), else GB 18030: what Excel on Chinese Windows writes."""
    with path.open("rb") as file:
        decoder = io.TextIOWrapper(file, "utf-8-sig")
        try:
            while decoder.read(1 << 20):
                pass
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _csv(path: Path) -> Iterator[Numbered | RowProblem]:
    csv.field_size_limit(LONGEST_LINE)
    try:
        with path.open(encoding=_encoding(path), newline="") as lines:
            reader = csv.reader(line.replace("\0", "") for line in lines)
            heads = next(reader, [])
            for values in reader:
                if not any(v.strip() for v in values):
                    continue
                if len(values) > len(heads):
                    yield RowProblem(reader.line_num, "", "too_many_cells", {"cells": len(values), "heads": len(heads)})
                    continue
                yield reader.line_num, dict(zip(heads, values, strict=False))
    except UnicodeDecodeError:
        raise UnreadableFile("file_encoding") from None
    except csv.Error as error:
        raise UnreadableFile("csv_broken", detail=str(error)) from None


def _xlsx(path: Path) -> Iterator[Numbered | RowProblem]:
    _refuse_bombs(path)
    merged = _merged_ranges(path)
    if merged:
        raise UnreadableFile("merged_cells", ranges="、".join(merged[:10]))
    try:
        book = load_workbook(path, read_only=True, data_only=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile):
        raise UnreadableFile("xlsx_broken") from None
    try:
        sheet = book.worksheets[0]
        heads: list[str] | None = None
        for number, cells in enumerate(sheet.iter_rows(), 1):
            formula = next((c for c in cells if getattr(c, "data_type", "") == "f"), None)
            values = [_text(c.value) for c in cells]
            if not any(values):
                continue
            if heads is None:
                while values and not values[-1]:
                    values.pop()
                heads = values
            elif formula is not None:
                yield RowProblem(number, "", "formula", {"cell": formula.coordinate})
            else:
                yield number, dict(zip(heads, values, strict=False))
    finally:
        book.close()


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableFile("xlsx_too_large", limit=MOST_UNPACKED // (1024 * 1024))
    except (zipfile.BadZipFile, OSError):
        raise UnreadableFile("xlsx_broken") from None


def _merged_ranges(path: Path) -> list[str]:
    """Merged cells of the first sheet (openpyxl's streaming mode does not report them): they would read as empty cells."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        sheets = sorted(n for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
        if not sheets:
            return found
        with archive.open(sheets[0]) as sheet:
            try:
                for _event, element in iterparse(sheet):  # noqa: S314 (a workbook that the same user uploads; external entities are not resolved by this parser)
                    if element.tag.endswith("}mergeCell"):
                        found.append(str(element.get("ref")))
                    element.clear()
            except SyntaxError:
                raise UnreadableFile("xlsx_broken") from None
    return found


def _text(value: object) -> str:
    """A cell as typed: dates in ISO form, whole numbers without .0."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
