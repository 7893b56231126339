"""What the matcher asks of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (d,), unit length."""
Vectors = NDArray[np.float32]
"""Shape (n, d), rows of unit length."""


class EncoderError(Exception):
    """The encoder named cannot be loaded; the message says why."""


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors. Implementations are safe to call from several threads."""

    @property
    def name(self) -> str:
        """A short name: the folder's or the hub's."""

    @property
    def version(self) -> str:
        """Changes whenever the vectors change: vectors of different versions must not be compared."""

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """One row a text, in order. Longer texts than the model's limit are cut at its end; an empty text is no error."""


def full_name(encoder: Encoder) -> str:
    """Name and version: what is written down of an encoder, to be compared again."""
    return f"{encoder.name}@{encoder.version}"
