"""Which judged needs an encoder has learned from: its own figures on those say nothing of new ones.

Needs are known by a key of their id, so that a model's folder holds numbers alone.
"""

from __future__ import annotations

from zlib import crc32

from matcher.encoders.port import Encoder


def id_key(name: str) -> int:
    """32 bits of a listing's id."""
    return crc32(name.encode())


def judged_needs(encoder: Encoder) -> frozenset[int]:
    """Keys of the needs with judgements that it has learned from; empty for one that knows of none."""
    learned: frozenset[int] = getattr(encoder, "judged", frozenset())
    return learned
