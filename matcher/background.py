"""How near a need lies to results in general: the zero from which its cosines are read.

A need about a crowded subject, or one in general words, has high cosines with many results, and none of them means much.
The mean of its largest cosines with a fixed sample of results is taken off each of its cosines (local scaling: Conneau et
al., "Word translation without parallel data", ICLR 2018, section 2.3, there on both sides). The order within a need stays;
scores of different needs become comparable, and levels better (docs/matching.md). The sample is shipped with the ranker as vectors,
so that a pair's score still follows from the two listings alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matcher.encoders import Vectors
from matcher.encoders.eight_bits import pack, unpack

NEIGHBOURS = 10
"""Largest cosines that are averaged."""
FILE = "background.npz"
VECTORS = "vectors"

Values = NDArray[np.float32]


def background_of(cosines: NDArray[np.floating]) -> Values:
    """(needs, results) to (needs,): the mean of each row's NEIGHBOURS largest values. A result that must not count
    (one that the need was judged with) is -inf. Raises ValueError for fewer results than NEIGHBOURS."""
    if cosines.shape[1] < NEIGHBOURS:
        raise ValueError(f"{NEIGHBOURS} results are needed to measure a background, not {cosines.shape[1]}")
    nearest = np.partition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    means: Values = nearest.mean(axis=1).astype(np.float32)
    return means


@dataclass(frozen=True, slots=True)
class Background:
    """`vectors`: (m, d) of the sample; `encoder`: the version they were made by; `usual`: the mean background of needs,
    which is added again, so that the numbers stay cosines in size."""

    vectors: Vectors
    encoder: str
    usual: float

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises OSError, ValueError or KeyError where the folder holds none."""
        with np.load(folder / FILE, allow_pickle=False) as kept:
            vectors = unpack({name: kept[name] for name in kept.files if name.startswith(VECTORS)})[VECTORS]
            return cls(vectors.astype(np.float32), str(kept["encoder"]), float(kept["usual"]))

    def save(self, folder: Path) -> None:
        """In 8 bits. Raises ValueError where the dimensions are no multiple of `eight_bits.BLOCK`."""
        kept = {**pack({VECTORS: self.vectors}), "usual": np.array(self.usual, dtype=np.float32)}
        np.savez_compressed(folder / FILE, encoder=np.array(self.encoder), **kept)  # type: ignore[arg-type]

    def shifts(self, vectors: Vectors) -> Values:
        """(needs, d) to (needs,): what is added to all cosines of each need."""
        return np.float32(self.usual) - background_of(vectors @ self.vectors.T)
