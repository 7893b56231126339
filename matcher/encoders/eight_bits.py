"""Weights in 8 bits: a quarter of 32, half of 16.

BLOCK neighbours of a matrix's row are kept as whole numbers from -127 to 127 and one scale, their largest value through 127
(symmetric quantisation, section 3.1 of Wu et al., "Integer quantization for deep learning inference", 2020; by blocks as in the format
Q8_0 of ggml). One scale for a whole row would bend vectors twelve times as much: single large weights are common. Only what lies
on the disk is so: it is computed in 32 bits, so that no result depends on how a processor rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
MOST = 127
Array = NDArray[np.float32]


def scale_of(name: str) -> str:
    """The name under which the scales of a matrix are kept."""
    return f"{name}.scale"


def pack(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Matrices in 8 bits, beside them their scales, (rows, columns / BLOCK) of 16 bits; all else (biases, norms) in 16 bits.
    Raises ValueError for a matrix whose columns are no multiple of BLOCK."""
    packed: dict[str, NDArray[Any]] = {}
    for name, value in weights.items():
        if value.dtype.kind != "f":
            packed[name] = value
        elif value.ndim == 2:
            if value.shape[1] % BLOCK:
                raise ValueError(f"{name}: {value.shape[1]} columns are no multiple of {BLOCK}")
            blocks = value.astype(np.float32).reshape(len(value), -1, BLOCK)
            scale = (np.abs(blocks).max(axis=2) / np.float32(MOST)).astype(np.float16)
            step = scale.astype(np.float32)[..., None]
            steps = np.rint(blocks / np.where(step > 0, step, 1)).clip(-MOST, MOST)
            packed[name] = steps.astype(np.int8).reshape(value.shape)
            packed[scale_of(name)] = scale
        else:
            packed[name] = value.astype(np.float16)
    return packed


def is_packed(weights: Mapping[str, NDArray[Any]]) -> bool:
    """Whether any of them is in 8 bits."""
    return any(scale_of(name) in weights for name in weights)


def unpack(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What `pack` made, matrices in 32 bits; weights that were never packed stay as they are."""
    scales = {scale_of(name) for name in weights} & weights.keys()
    return {
        name: _whole(value, weights[scale_of(name)]) if scale_of(name) in scales else value
        for name, value in weights.items()
        if name not in scales
    }


def unpack_rows(values: NDArray[Any], scales: NDArray[Any] | None, rows: NDArray[np.int64]) -> Array:
    """Some rows of a matrix, in 32 bits: shape of `rows` and the matrix's columns."""
    return values[rows].astype(np.float32) if scales is None else _whole(values[rows], scales[rows])


def _whole(values: NDArray[Any], scales: NDArray[Any]) -> Array:
    blocks = values.astype(np.float32).reshape(*scales.shape, BLOCK)
    blocks *= scales.astype(np.float32)[..., None]
    whole: Array = blocks.reshape(values.shape)
    return whole
