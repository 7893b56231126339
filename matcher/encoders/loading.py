"""From a setting (JIETI_ENCODER) to an encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from matcher.encoders.folder import can_read
from matcher.encoders.joint import JointEncoder, is_joint
from matcher.encoders.numpy_bert import NumpyBert
from matcher.encoders.port import Encoder, EncoderError

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "jieti-encoder-v6"
MAX_TOKENS = 256
"""Where a text is cut. 512 tokens cost twice as much and rank no better (docs/matching.md)."""

Runtime = Literal["auto", "numpy", "sentence-transformers"]


def load_encoder(
    name_or_path: str | None = None,
    *,
    threads: int = 1,
    runtime: Runtime = "auto",
    max_tokens: int = MAX_TOKENS,
) -> Encoder:
    """The shipped encoder (None or ""), a joint one by folder, or any sentence-transformers model by folder or hub name.

    `threads`: limit of the computation. One by default: on a busy machine OpenBLAS's threads wait for each other by
    spinning, and two were ten times slower than one. Raises EncoderError with a reason.
    """
    path = Path(name_or_path) if name_or_path else SHIPPED
    if is_joint(path):
        if runtime == "sentence-transformers":
            raise EncoderError(f"{path}: encoders joined by a map are computed by the light runtime alone")
        return JointEncoder(path, max_tokens=max_tokens, threads=threads)
    if runtime == "numpy" or (runtime == "auto" and can_read(path)):
        return NumpyBert(path, max_tokens=max_tokens, threads=threads)
    if path.is_absolute() and not path.is_dir():
        raise EncoderError(f"{path}: no such folder")
    from matcher.encoders.sentence_transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(str(path), max_tokens=max_tokens, threads=threads)
