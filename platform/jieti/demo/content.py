"""Reading the demo's JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The objects of content/`name`.jsonl, in order."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
