"""An encoder that remembers: the same need is encoded for its candidates, for its ranking and for each offer it meets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

import numpy as np

from matcher.encoders.learned import judged_needs
from matcher.encoders.port import Encoder, Vector, Vectors


class CachedEncoder:
    """Keeps the vectors of the texts encoded last, by their digest: the texts themselves are not kept."""

    def __init__(self, encoder: Encoder, size: int = 4096) -> None:
        """`size`: texts kept; 4096 of 512 dimensions take 8 MB."""
        self._encoder = encoder
        self.judged = judged_needs(encoder)
        self._size = size
        self._kept: OrderedDict[bytes, Vector] = OrderedDict()
        self._lock = Lock()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def version(self) -> str:
        return self._encoder.version

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """As the encoder's own; only texts not kept are computed."""
        keys = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found.update(zip(missing, self._encoder.encode(list(missing.values()), batch_size), strict=True))
            self._keep({key: found[key] for key in missing})
        if not keys:
            return np.empty((0, self.dimensions), dtype=np.float32)
        rows: Vectors = np.stack([found[key] for key in keys])
        return rows

    def _keep(self, vectors: dict[bytes, Vector]) -> None:
        with self._lock:
            self._kept.update(vectors)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
