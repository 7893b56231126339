"""Fakes: small real implementations of a port, for tests that are not about what the port does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class HashingEncoder:
    """Character bigrams hashed into 64 dimensions: texts that share words are near, in a microsecond and without PyTorch."""

    name = "hashing"
    version = "hashing-1"
    dimensions = 64

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for i, text in enumerate(texts):
            padded = f" {text} "
            for j in range(len(padded) - 1):
                digest = hashlib.blake2b(padded[j : j + 2].encode("utf-8", "replace"), digest_size=4).digest()
                rows[i, int.from_bytes(digest, "little") % self.dimensions] += 1.0
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        result: NDArray[np.float32] = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
        return result
