"""Any model that sentence-transformers can load, by folder or hub name (JIETI_ENCODER)."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matcher.encoders.port import EncoderError, Vectors


class SentenceTransformerEncoder:
    """Loads on construction: seconds, and some 500 MB with PyTorch. Off line unless HF_HUB_OFFLINE=0 is set."""

    def __init__(self, name_or_path: str, *, max_tokens: int = 256, threads: int = 1) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(f"{name_or_path}: sentence-transformers and PyTorch are needed ({error})") from error
        logging.getLogger("transformers").setLevel(logging.ERROR)
        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(name_or_path, device="cpu", model_kwargs={"dtype": torch.float32})
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderError(f"{name_or_path}: cannot be loaded ({error})") from error
        limit = self._model.max_seq_length
        self._model.max_seq_length = max_tokens if limit is None else min(max_tokens, int(limit))
        folder = Path(name_or_path)
        self.name = folder.name
        self.version = f"{_fingerprint(folder, name_or_path)}-{self._model.max_seq_length}"
        width = self._model.encode(["技术"], show_progress_bar=False).shape[1]
        self.dimensions = int(width)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        """See the protocol."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        with self._lock:
            rows = self._model.encode(
                list(texts), batch_size=batch_size, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(rows, dtype=np.float32)


def _fingerprint(folder: Path, name: str) -> str:
    """Of a folder: its weights' and tokenizer's digest. Of a hub name: the name's (the hub's cache pins the revision)."""
    digest = hashlib.sha256()
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
                with path.open("rb") as stream:
                    while block := stream.read(1 << 20):
                        digest.update(block)
    else:
        digest.update(name.encode())
    return digest.hexdigest()[:12]
