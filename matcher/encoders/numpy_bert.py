"""BERT with first-token or mean pooling, and a linear map after it where there is one, computed with NumPy.

Why not sentence-transformers for this one: importing it takes seconds and more than 500 MB in every process, the web's
workers included, for models of four and twelve layers. This runtime has both up in half a second, and a test holds
its vectors against sentence-transformers'. For anything else than such a model, `sentence_transformer` is used.

Weights may be kept in 8 bits (`matcher.encoders.eight_bits`): they take half the place of 16 on the disk and are computed in 32.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoders.blas import BlasThreads
from matcher.encoders.eight_bits import scale_of, unpack, unpack_rows
from matcher.encoders.folder import (
    DENSE_BIAS,
    DENSE_WEIGHT,
    TOKENIZER,
    WEIGHTS,
    can_read,
    dense_in,
    folder_version,
    pooling_of,
    prompt_of,
    settings_in,
)
from matcher.encoders.port import EncoderError, Vectors

Array = NDArray[np.float32]
CHARACTERS_PER_TOKEN = 16
TAIL = [np.float32(factor / 2) for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)]
"""Of Φ: see `_gelu`."""
PLACES = 512
"""Tokens of a batch, padding included: more of them leave the processor's cache, and each takes a quarter longer."""
FILLED = 0.7
"""Of the longest text's length: a shorter text would be computed mostly on padding."""
WORDS = "embeddings.word_embeddings.weight"


def _lower_case(tokenizer: Any, folder: Path) -> None:
    """Some models leave lower-casing to transformers' wrapper: it is in tokenizer_config.json then, not in tokenizer.json,
    and without it each word with a capital would be an unknown piece."""
    wrapper = settings_in(folder / "tokenizer_config.json")
    if wrapper.get("do_lower_case") and getattr(tokenizer.normalizer, "lowercase", True) is False:
        tokenizer.normalizer.lowercase = True


def _read_dense(folder: Path) -> tuple[Array, Array] | None:
    """The linear map, (width, dimensions) and (dimensions,)."""
    from safetensors.numpy import load_file

    place = dense_in(folder)
    if not place:
        return None
    held = unpack(load_file(place / WEIGHTS))
    weight = np.ascontiguousarray(held[DENSE_WEIGHT].astype(np.float32).T)
    return weight, held[DENSE_BIAS].astype(np.float32)


class NumpyBert:
    """See the module. `threads`: how many the matrix products may use."""

    def __init__(self, folder: Path, *, max_tokens: int = 256, threads: int = 1) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        if not can_read(folder):
            raise EncoderError(
                f"{folder}: not a BERT model with first-token or mean pooling in sentence-transformers' layout"
            )
        config = settings_in(folder / "config.json")
        self.name = folder.name
        self._tokens = min(max_tokens, int(config["max_position_embeddings"]))
        self.version = f"{folder_version(folder)}-{self._tokens}"
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._width = int(config["hidden_size"])
        self._epsilon = float(config["layer_norm_eps"])
        self._threads = BlasThreads(threads)
        weights = load_file(folder / WEIGHTS)
        # The word embeddings stay as stored (16 or 8 bits): only the rows of a batch are needed in 32.
        self._words, self._scales = weights.pop(WORDS), weights.pop(scale_of(WORDS), None)
        weights = unpack(weights)
        self._mean = pooling_of(folder) == "mean"
        self._prompt = prompt_of(folder)
        self._weights: dict[str, Array] = {
            name: np.ascontiguousarray(value.astype(np.float32).T) if value.ndim == 2 else value.astype(np.float32)
            for name, value in weights.items()
            if value.dtype.kind == "f" and not name.startswith("pooler.")
        }
        self._linear_map = _read_dense(folder)
        self.dimensions = len(self._linear_map[1]) if self._linear_map else self._width
        self._positions = np.ascontiguousarray(self._weights["embeddings.position_embeddings.weight"].T)
        self._segment = self._weights["embeddings.token_type_embeddings.weight"].T[0]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        _lower_case(self._tokenizer, folder)
        self._tokenizer.enable_truncation(self._tokens)

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """See the protocol. Texts are batched by length, so that little is computed on padding."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        # The tokenizer cuts at the limit only after reading a text whole: do not have it read a pasted book.
        limit = CHARACTERS_PER_TOKEN * self._tokens
        rows = [
            encoding.ids for encoding in self._tokenizer.encode_batch([self._prompt + text[:limit] for text in texts])
        ]
        vectors = np.empty((len(rows), self.dimensions), dtype=np.float32)
        lengths = [len(row) for row in rows]
        order = sorted(range(len(rows)), key=lambda row: -lengths[row])
        with self._threads():
            for batch in _batches(order, lengths, batch_size):
                longest = lengths[batch[0]]
                ids = np.zeros((len(batch), longest), dtype=np.int64)
                mask = np.zeros((len(batch), longest), dtype=bool)
                for position, row in enumerate(batch):
                    ids[position, : len(rows[row])] = rows[row]
                    mask[position, : len(rows[row])] = True
                vectors[batch] = self._forward(ids, mask)
        return vectors

    def _forward(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> Array:
        """(batch, length) piece numbers to (batch, dimensions) unit vectors."""
        hidden = unpack_rows(self._words, self._scales, ids)
        hidden += self._positions[: ids.shape[1]]
        hidden += self._segment
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        unseen = np.where(mask, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for layer in range(self._layers):
            # Where only the first token's last state is read, the last layer computes no other.
            asking = hidden[:, :1] if layer == self._layers - 1 and not self._mean else hidden
            hidden = self._layer(f"encoder.layer.{layer}.", hidden, asking, unseen)
        pooled = _mean_of(hidden, mask) if self._mean else hidden[:, 0]
        if self._linear_map:
            weight, bias = self._linear_map
            pooled = pooled @ weight + bias
        unit: Array = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _layer(self, prefix: str, hidden: Array, asking: Array, unseen: Array) -> Array:
        depth = self._width // self._heads
        query = self._split(self._linear(asking, prefix + "attention.self.query"))
        query *= np.float32(1 / math.sqrt(depth))
        key = self._split(self._linear(hidden, prefix + "attention.self.key"))
        value = self._split(self._linear(hidden, prefix + "attention.self.value"))
        weights: Array = query @ key.transpose(0, 1, 3, 2)
        weights += unseen
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        mixed: Array = weights @ value
        mixed /= weights.sum(axis=-1, keepdims=True)
        seen = mixed.transpose(0, 2, 1, 3).reshape(asking.shape)
        attended = self._linear(seen, prefix + "attention.output.dense")
        attended += asking
        attended = self._norm(attended, prefix + "attention.output.LayerNorm")
        inner = _gelu(self._linear(attended, prefix + "intermediate.dense"))
        output = self._linear(inner, prefix + "output.dense")
        output += attended
        return self._norm(output, prefix + "output.LayerNorm")

    def _linear(self, values: Array, name: str) -> Array:
        result: Array = values @ self._weights[name + ".weight"]
        result += self._weights[name + ".bias"]
        return result

    def _split(self, values: Array) -> Array:
        batch, length, width = values.shape
        return values.reshape(batch, length, self._heads, width // self._heads).transpose(0, 2, 1, 3)

    def _norm(self, values: Array, name: str) -> Array:
        centred: Array = values - values.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(self._width)
        centred /= np.sqrt(variance + np.float32(self._epsilon))
        centred *= self._weights[name + ".weight"]
        centred += self._weights[name + ".bias"]
        return centred


def _mean_of(hidden: Array, mask: NDArray[np.bool_]) -> Array:
    """(batch, length, width) to (batch, width): of the tokens that are there."""
    shares = mask / mask.sum(axis=1, keepdims=True, dtype=np.float32)
    mean: Array = np.einsum("blw,bl->bw", hidden, shares.astype(np.float32))
    return mean


def _gelu(values: Array) -> Array:
    """x · Φ(x), in place: max(x, 0) - |x| · Φ(-|x|), Φ's tail by formula 7.1.26 of Abramowitz and Stegun, Handbook of Mathematical
    Functions (1964), off by 0.75e-7 at most. A third of a text's time went into scipy's erf; this takes a third of that."""
    size = np.abs(values)
    step = np.reciprocal(1 + np.float32(0.3275911 * math.sqrt(0.5)) * size)
    tail = np.full_like(step, TAIL[0])
    for factor in TAIL[1:]:
        tail *= step
        tail += factor
    tail *= step
    tail *= size
    np.square(values, out=size)
    size *= np.float32(-0.5)
    tail *= np.exp(size, out=size)
    np.maximum(values, 0, out=values)
    values -= tail
    return values


def _batches(order: Sequence[int], lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Rows in order of falling length, at most `size` and PLACES in a batch, none with less than FILLED of the longest's."""
    batch: list[int] = []
    for row in order:
        if batch:
            longest = lengths[batch[0]]
            full = len(batch) == size or (len(batch) + 1) * longest > PLACES
            if full or lengths[row] < FILLED * longest:
                yield batch
                batch = []
        batch.append(row)
    if batch:
        yield batch
