"""Listings' vectors in a file that is made once, block by block, and mapped into memory afterwards.

The file's name holds the digest of the listings' file and the encoder's version: vectors of other texts or of another
encoder are another file. Every listing's vector depends on its block alone, so that a file made in two goes is the
same to the last bit as one made in one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from matcher.batch.blocks import BlockFile
from matcher.encoders import Encoder, Vectors


class VectorFile:
    """Rows of float32, in the order of the listings."""

    def __init__(self, folder: Path, kind: str, source: str, encoder: Encoder) -> None:
        """`source`: digest of the listings' file."""
        folder.mkdir(parents=True, exist_ok=True)
        version = re.sub(r"\W+", "-", encoder.version)
        self._path = folder / f"{kind}-{source[:16]}-{version}.f32"
        self._dimensions = encoder.dimensions

    def fill(
        self,
        total: int,
        blocks: Callable[[int], Iterable[Vectors]],
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> int:
        """Append what is missing; returns how many rows were there before.

        `blocks(start)` yields the vectors of the listings from `start` on. `progress`: rows done, of how many.
        """
        width = 4 * self._dimensions
        with BlockFile(self._path) as file:
            before = file.size // width
            progress(before, total)
            if before < total:
                for block in blocks(before):
                    file.append(np.ascontiguousarray(block, dtype="<f4").tobytes())
                    progress(file.size // width, total)
            if file.size != total * width:
                raise ValueError(f"{self._path} holds {file.size / width:g} vectors, not {total}: delete it")
        return before

    def read(self) -> Vectors:
        """(n, d), mapped: pages come and go as memory allows."""
        if not self._path.stat().st_size:
            return np.empty((0, self._dimensions), dtype=np.float32)
        rows: Vectors = np.memmap(self._path, dtype="<f4", mode="r").reshape(-1, self._dimensions)
        return rows


def in_blocks(numbers: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
