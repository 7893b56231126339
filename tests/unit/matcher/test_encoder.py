"""The shipped encoder: its runtime agrees with sentence-transformers', its folder is small and carries its licence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from matcher.encoder import Encoder, EncoderError, document_text, encode_needs, encode_offers, load_encoder
from matcher.encoders import SHIPPED
from matcher.encoders.eight_bits import pack, scale_of, unpack, unpack_rows
from matcher.encoders.numpy_bert import _batches
from matcher.types import Need, Offer

TEXTS = [
    "技术需求",
    "PA66增韧改性，耐温 -40℃~120℃，使用寿命不少于2000 h",
    "",
    "Machine vision 钢板表面缺陷检测 α-Fe₂O₃",
    "高盐废水零排放，膜分离与蒸发结晶。" * 60,
    "𠮷😀\x00 ﬁ",
]


@pytest.mark.parametrize("name", ["bge-small-zh", "e5-small"])
def test_the_light_runtime_agrees_with_sentence_transformers(parts: dict[str, Path], name: str) -> None:
    light = load_encoder(str(parts[name]))
    reference = load_encoder(str(parts[name]), runtime="sentence-transformers")
    assert type(reference) is not type(light)
    assert (light.encode(TEXTS) * reference.encode(TEXTS)).sum(axis=1).min() > 0.9999
    shipped = load_encoder(str(SHIPPED / name))
    assert np.allclose(shipped.encode(TEXTS), light.encode(TEXTS), atol=1e-5), "8 bits are computed in 32"


def test_a_folder_that_leaves_lower_casing_to_its_wrapper_is_lower_cased_all_the_same(
    bert: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cased"
    shutil.copytree(bert, folder, copy_function=os.symlink)
    tokenizer = json.loads((bert / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["normalizer"]["lowercase"] = False
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))["do_lower_case"]
    cased = load_encoder(str(folder), runtime="numpy")
    assert (load_encoder(str(bert)).encode(TEXTS) * cased.encode(TEXTS)).sum(axis=1).min() > 0.99999


def test_mean_pooling_and_a_prompt_agree_with_sentence_transformers_too(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mean"
    shutil.copytree(bert, folder)
    pooling = json.loads((folder / "1_Pooling/config.json").read_text(encoding="utf-8"))
    pooling |= {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling), encoding="utf-8")
    without = load_encoder(str(folder), runtime="numpy")
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    light = load_encoder(str(folder))
    reference = load_encoder(str(folder), runtime="sentence-transformers")
    assert type(reference) is not type(light)
    assert (light.encode(TEXTS) * reference.encode(TEXTS)).sum(axis=1).min() > 0.9999
    assert light.version != without.version
    assert (light.encode(TEXTS) * without.encode(TEXTS)).sum(axis=1).min() < 0.99


def test_weights_in_8_bits_take_a_quarter_of_the_place_and_give_the_same_vectors(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "eight"
    shutil.copytree(bert, folder)
    path = folder / "model.safetensors"
    weights, before = load_file(path), path.stat().st_size
    noise = np.random.default_rng(2)
    moved = {name: value * noise.normal(1, 0.01, value.shape).astype(np.float32) for name, value in weights.items()}
    save_file(moved, path)
    whole = load_encoder(str(folder))
    save_file(pack(moved), path)
    assert path.stat().st_size < 0.27 * before
    eight = load_encoder(str(folder))
    assert 0.999 < (whole.encode(TEXTS) * eight.encode(TEXTS)).sum(axis=1).min() < 0.999999
    assert eight.version != whole.version


def test_a_matrix_in_8_bits_is_off_by_half_a_step_at_most() -> None:
    rows = np.random.default_rng(1).normal(size=(7, 64)).astype(np.float32)
    rows[3] = 0
    rows[5, 40] = 50
    weights = {"a.weight": rows, "a.bias": rows[0], "positions": np.arange(3)}
    packed = pack(weights)
    assert packed["a.weight"].dtype == np.int8 and packed["a.weight"].max() == 127
    whole = unpack(packed)
    assert whole.keys() == weights.keys() and whole["positions"] is weights["positions"]
    step = np.repeat(packed[scale_of("a.weight")].astype(np.float32), 32, axis=1)
    assert np.all(np.abs(whole["a.weight"] - rows) <= 0.6 * step) and not whole["a.weight"][3].any()
    assert step[5, 0] < 0.05 < step[5, 40], "a large weight coarsens its block alone"
    chosen = np.array([[6, 3], [0, 0]])
    some = unpack_rows(packed["a.weight"], packed[scale_of("a.weight")], chosen)
    assert np.array_equal(some, whole["a.weight"][chosen])
    with pytest.raises(ValueError, match="multiple of 32"):
        pack({"b": rows[:, :40]})


def test_rows_are_unit_vectors_in_order_whatever_the_batch(encoder: Encoder) -> None:
    whole = encoder.encode(TEXTS)
    assert whole.shape == (len(TEXTS), encoder.dimensions) and whole.dtype == np.float32
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    single = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (whole * single).sum(axis=1).min() > 0.99999
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_texts_of_very_different_lengths_are_not_padded_to_the_longest() -> None:
    lengths = [3, 250, 240, 100, 90, 4, 3, 30, 28, 27]
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    batches = list(_batches(order, lengths, 3))
    assert [[lengths[row] for row in batch] for batch in batches] == [
        [250, 240], [100, 90], [30, 28, 27], [4, 3, 3],
    ]  # fmt: skip
    assert list(_batches(list(range(4)), [300] * 4, 16)) == [[0], [1], [2], [3]], (
        "a batch has no more than so many tokens"
    )
    assert list(_batches([], [], 16)) == []


def test_threads_may_encode_at_the_same_time(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    got: list[np.ndarray] = []
    workers = [threading.Thread(target=lambda: got.append(encoder.encode(TEXTS))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(np.allclose(expected, rows, atol=1e-5) for rows in got) and len(got) == 3


def test_the_shipped_models_are_small_and_licensed() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.parent.rglob("*") if path.is_file())
    assert size <= 60_000_000
    licence = (SHIPPED / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in licence and "BAAI" in licence and "Microsoft" in licence
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert SHIPPED.name in card and "BAAI" in card and "multilingual-e5-small" in card


def test_loading_it_imports_no_pytorch_and_stays_small() -> None:
    code = (
        "import sys; from matcher.pipeline import Matcher; from matcher.types import Need, Offer\n"
        "m = Matcher.load(); m.rank(Need('n', '耐磨涂层'), [Offer('o', '激光熔覆耐磨涂层')])\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 450_000  # kB, the whole process at its largest


def test_what_cannot_be_loaded_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no such folder"):
        load_encoder(str(tmp_path / "absent"))
    with pytest.raises(EncoderError, match="first-token or mean pooling"):
        load_encoder(str(tmp_path), runtime="numpy")


def test_a_listing_vector_is_the_unit_sum_of_title_and_text(encoder: Encoder) -> None:
    offer = Offer("o", "耐磨涂层", "激光熔覆制备碳化钨涂层。", ("碳化钨",))
    title, text = encoder.encode(["耐磨涂层", document_text(offer.title, offer.body, offer.keywords)])
    expected = (title + text) / np.linalg.norm(title + text)
    assert np.allclose(encode_offers(encoder, [offer])[0], expected, atol=1e-5)
    only_title = encode_offers(encoder, [Offer("o", "耐磨涂层")])[0]
    assert np.allclose(only_title, title, atol=1e-5)


def test_sealed_text_changes_a_need_only_where_it_is_given(encoder: Encoder) -> None:
    open_need = Need("n", "涂层寿命太短", "模具表面涂层容易脱落。")
    sealed = Need("n", "涂层寿命太短", "模具表面涂层容易脱落。", sealed="冷锻模具，AlCrN，现用某型设备。")
    vectors = encode_needs(encoder, [open_need, sealed])
    assert (vectors[0] * vectors[1]).sum() < 0.999


def test_repeated_sentences_are_encoded_once() -> None:
    assert document_text("题", "要求耐磨。要求耐磨。") == "题 要求耐磨。"
