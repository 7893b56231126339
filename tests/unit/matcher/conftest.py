"""The shipped models, loaded once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from matcher.encoder import Encoder, load_encoder
from matcher.encoders import SHIPPED
from matcher.encoders.cached import CachedEncoder
from matcher.encoders.eight_bits import unpack
from matcher.pipeline import Matcher


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="session")
def matcher(encoder: Encoder) -> Matcher:
    return Matcher.load(CachedEncoder(encoder))


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shipped encoder's parts with weights in 32 bits, as what they were made from: by name."""
    outer = tmp_path_factory.mktemp("parts")
    for part in (path.parent for path in SHIPPED.glob("*/config.json")):
        shutil.copytree(part, outer / part.name)
        for weights in (outer / part.name).rglob("*.safetensors"):
            save_file(unpack(load_file(weights)), weights)
    return {path.name: path for path in sorted(outer.iterdir())}


@pytest.fixture(scope="session")
def bert(parts: dict[str, Path]) -> Path:
    """The one of four layers."""
    return parts["bge-small-zh"]
