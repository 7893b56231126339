"""The shipped models, loaded once."""

from __future__ import annotations

import pytest

from matcher.encoder import Encoder, load_encoder
from matcher.encoders.cached import CachedEncoder
from matcher.pipeline import Matcher


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="session")
def matcher(encoder: Encoder) -> Matcher:
    return Matcher.load(CachedEncoder(encoder))
