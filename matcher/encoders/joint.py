"""Several encoders' vectors through one linear map: what two models that err otherwise know of a text, in one vector.

The map takes the vectors side by side. A folder of this kind holds

- joint.json: {"parts": names of folders in it, each an encoder that `numpy_bert` computes, "judged": keys of the judged needs that the
  map has learned from (`learned.id_key`)};
- joint.safetensors: `weight` (d, sum of the parts' dimensions) and `bias` (d,).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoders.blas import BlasThreads
from matcher.encoders.folder import write_settings
from matcher.encoders.numpy_bert import NumpyBert
from matcher.encoders.port import EncoderError, Vectors

JOINT = "joint.json"
MAP = "joint.safetensors"


def is_joint(folder: Path) -> bool:
    """Whether the folder holds an encoder of this kind."""
    return (folder / JOINT).is_file()


def judged_in(folder: Path) -> frozenset[int]:
    """Keys of the judged needs that the encoder in the folder has learned from. Raises OSError, ValueError."""
    if not is_joint(folder):
        return frozenset()
    return _judged(json.loads((folder / JOINT).read_text(encoding="utf-8")))


def _judged(settings: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(settings.get("judged", ()))


def write_joint(
    folder: Path, parts: Sequence[str], joint: Mapping[str, NDArray[Any]], judged: Iterable[int] = ()
) -> None:
    """What makes a folder of these parts one of this kind; `joint`: `weight` and `bias`, written as they are."""
    from safetensors.numpy import save_file

    save_file(dict(joint), folder / MAP)
    write_settings(folder / JOINT, {"parts": list(parts), "judged": sorted(judged)})


class JointEncoder:
    """See the module. `threads`, `max_tokens`: as each part takes them."""

    def __init__(self, folder: Path, *, max_tokens: int = 256, threads: int = 1) -> None:
        """Raises EncoderError where the folder is not whole."""
        from safetensors.numpy import load_file

        try:
            settings = json.loads((folder / JOINT).read_text(encoding="utf-8"))
            self._parts = [
                NumpyBert(folder / name, max_tokens=max_tokens, threads=threads) for name in settings["parts"]
            ]
            self.judged = _judged(settings)
            held = load_file(folder / MAP)
            # Transposed and in 32 bits once, for the product.
            self._weight = np.ascontiguousarray(held["weight"].astype(np.float32).T)
            self._bias = held["bias"].astype(np.float32)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EncoderError(f"{folder}: not a joint encoder ({error})") from error
        width = sum(part.dimensions for part in self._parts)
        if len(self._weight) != width:
            raise EncoderError(f"{folder}: its map takes {len(self._weight)} numbers, its parts give {width}")
        self._threads = BlasThreads(threads)
        digest = hashlib.sha256((folder / MAP).read_bytes())
        for part in self._parts:
            digest.update(part.version.encode())
        self.name = folder.name
        self.dimensions = len(self._bias)
        self.version = f"{digest.hexdigest()[:12]}-{max_tokens}"

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """See the protocol."""
        side_by_side = np.hstack([part.encode(texts, batch_size) for part in self._parts])
        with self._threads():
            vectors: Vectors = side_by_side @ self._weight + self._bias
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
