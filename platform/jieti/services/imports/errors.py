"""What can be wrong with an imported file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jieti.domain.errors import JietiError


@dataclass(frozen=True, slots=True)
class RowProblem:
    """`row`: line of a JSONL or CSV file, row of a sheet (both count from 1, the heads are row 1). 0: the file as a whole."""

    row: int
    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class UnreadableFile(JietiError):
    """The file cannot be read at all: `import_file_type`, `file_encoding`, `xlsx_broken`, `xlsx_too_large`, `no_heads`, `unknown_heads`."""
