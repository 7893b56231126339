"""Two encoders in one: the map of their vectors, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from matcher.encoder import Encoder, EncoderError, load_encoder

TEXTS = ["高强铝合金薄壁件的精密铸造工艺", "茶叶采摘机器人视觉识别", "", "高盐废水零排放，膜分离与蒸发结晶。" * 20]


def joint_of(folder: Path, bert: Path, weight: np.ndarray) -> Path:
    """One encoder twice, under this map."""
    folder.mkdir(exist_ok=True)
    for name in ("one", "two"):
        if not (folder / name).exists():
            (folder / name).symlink_to(bert)
    (folder / "joint.json").write_text(json.dumps({"parts": ["one", "two"]}), encoding="utf-8")
    bias = np.linspace(-0.02, 0.02, len(weight), dtype=np.float32)
    save_file({"weight": weight.astype(np.float16), "bias": bias}, folder / "joint.safetensors")
    return folder


def test_its_vectors_are_the_parts_side_by_side_through_the_map(bert: Path, tmp_path: Path) -> None:
    encoder = load_encoder(str(bert))
    weight = np.random.default_rng(3).normal(size=(24, 2 * encoder.dimensions)).astype(np.float16)
    joint = load_encoder(str(joint_of(tmp_path / "joint", bert, weight)))
    rows = joint.encode(TEXTS)
    assert isinstance(joint, Encoder) and joint.name == "joint"
    assert rows.shape == (len(TEXTS), 24) and rows.dtype == np.float32 and joint.dimensions == 24
    apart = encoder.encode(TEXTS)
    expected = np.hstack([apart, apart]) @ weight.astype(np.float32).T + np.linspace(-0.02, 0.02, 24)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(rows, expected, atol=1e-4)
    assert joint.encode([]).shape == (0, 24)
    other = load_encoder(str(joint_of(tmp_path / "joint", bert, -weight)))
    assert other.version != joint.version


def test_a_folder_that_is_not_whole_is_refused_with_a_reason(bert: Path, tmp_path: Path) -> None:
    encoder = load_encoder(str(bert))
    folder = joint_of(tmp_path / "joint", bert, np.ones((4, encoder.dimensions)))
    with pytest.raises(
        EncoderError, match=f"takes {encoder.dimensions} numbers, its parts give {2 * encoder.dimensions}"
    ):
        load_encoder(str(folder))
    with pytest.raises(EncoderError, match="light runtime alone"):
        load_encoder(str(folder), runtime="sentence-transformers")
    (folder / "two").unlink()
    with pytest.raises(EncoderError, match="two"):
        load_encoder(str(folder))
    (folder / "joint.json").write_text("{}", encoding="utf-8")
    with pytest.raises(EncoderError, match="not a joint encoder"):
        load_encoder(str(folder))
