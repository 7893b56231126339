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

from matcher.encoder import Encoder, EncoderError, document_text, encode_needs, encode_offers, load_encoder
from matcher.encoders import SHIPPED
from matcher.types import Need, Offer

TEXTS = [
    "技术需求",
    "PA66增韧改性，耐温 -40℃~120℃，使用寿命不少于2000 h",
    "",
    "Machine vision 钢板表面缺陷检测 α-Fe₂O₃",
    "高盐废水零排放，膜分离与蒸发结晶。" * 60,
    "𠮷😀\x00 ﬁ",
]


def test_the_light_runtime_agrees_with_sentence_transformers(encoder: Encoder) -> None:
    reference = load_encoder(str(SHIPPED), runtime="sentence-transformers")
    assert type(reference) is not type(encoder)
    cosines = (encoder.encode(TEXTS) * reference.encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.9999


def test_a_folder_that_leaves_lower_casing_to_its_wrapper_is_lower_cased_all_the_same(
    encoder: Encoder, tmp_path: Path
) -> None:
    folder = tmp_path / "cased"
    shutil.copytree(SHIPPED, folder, copy_function=os.symlink)
    tokenizer = json.loads((SHIPPED / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["normalizer"]["lowercase"] = False
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))["do_lower_case"]
    cased = load_encoder(str(folder), runtime="numpy")
    assert (encoder.encode(TEXTS) * cased.encode(TEXTS)).sum(axis=1).min() > 0.99999


def test_rows_are_unit_vectors_in_order_whatever_the_batch(encoder: Encoder) -> None:
    whole = encoder.encode(TEXTS)
    assert whole.shape == (len(TEXTS), encoder.dimensions) and whole.dtype == np.float32
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    single = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (whole * single).sum(axis=1).min() > 0.99999
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_threads_may_encode_at_the_same_time(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    got: list[np.ndarray] = []
    workers = [threading.Thread(target=lambda: got.append(encoder.encode(TEXTS))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(np.allclose(expected, rows, atol=1e-5) for rows in got) and len(got) == 3


def test_the_shipped_folder_is_small_and_licensed() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file())
    assert size < 45_000_000
    assert "MIT License" in (SHIPPED / "LICENSE").read_text(encoding="utf-8")
    assert "BAAI" in (SHIPPED / "README.md").read_text(encoding="utf-8")


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
    with pytest.raises(EncoderError, match="first-token pooling"):
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
