"""The remembering encoder gives what the encoder gives, and asks it once a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.encoders.cached import CachedEncoder
from matcher.encoders.port import Vectors
from tests.fakes import HashingEncoder


class Counting(HashingEncoder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> Vectors:
        self.asked += texts
        return super().encode(texts)


def test_same_vectors_in_the_same_order_with_repeats() -> None:
    inner = Counting()
    cached = CachedEncoder(inner)
    texts = ["增韧尼龙", "耐温", "增韧尼龙", ""]
    expected = HashingEncoder().encode(texts)
    assert np.array_equal(cached.encode(texts), expected)
    assert np.array_equal(cached.encode(texts[::-1]), expected[::-1])
    assert sorted(inner.asked) == sorted(set(texts))


def test_old_texts_are_dropped_and_none_is_no_error() -> None:
    inner = Counting()
    cached = CachedEncoder(inner, size=2)
    cached.encode(["一", "二", "三"])
    cached.encode(["一"])
    assert inner.asked.count("一") == 2 and cached.encode([]).shape == (0, inner.dimensions)
