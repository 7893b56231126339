"""Files made while they are asked for."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from flask import Response, send_file

from jieti.services.spreadsheets import Cell, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def excel(name: str, sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> Response:
    """Sheets of (name, heads, rows) as a download called `name`; what is in it is for whoever asked only."""
    file = io.BytesIO()
    write_xlsx(file, sheets)
    file.seek(0)
    response = send_file(file, XLSX, as_attachment=True, download_name=name)
    response.cache_control.private = True
    return response
