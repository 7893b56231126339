"""Off-the-shelf encoders behind the protocol."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.encoders import Encoder
from matcher.evaluation.peers import BGE, E5, MODELS, PeerMissing, load_peer

TEXTS = ["高强铝合金薄壁件的精密铸造工艺", "铝合金铸造", "茶叶采摘机器人视觉识别"]


@pytest.mark.parametrize("name", [E5, BGE])
def test_a_peer_finds_the_nearer_text(name: str) -> None:
    if name == BGE and not (MODELS / BGE).is_dir():
        pytest.skip(f"no {BGE} beside the project")
    peer = load_peer(name)
    assert isinstance(peer.needs, Encoder)
    assert isinstance(peer.results, Encoder)
    assert peer.results.name == peer.name == name
    asked = peer.needs.encode(TEXTS[:1])
    found = peer.results.encode(TEXTS)
    assert asked.shape == (1, peer.needs.dimensions)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    cosines = (found @ asked[0]).tolist()
    assert cosines[0] > cosines[1] > cosines[2]


def test_e5_has_another_prefix_for_what_asks_than_for_what_is_found() -> None:
    peer = load_peer(E5)
    assert peer.needs.version != peer.results.version
    assert not np.allclose(peer.needs.encode(TEXTS[:1]), peer.results.encode(TEXTS[:1]), atol=0.01)


def test_odd_texts_get_vectors_and_batches_do_not_matter() -> None:
    encoder = load_peer(E5).results
    texts = ["", "铝\0合金", "half \ud800 a character", "长" * 700, *TEXTS]
    rows = encoder.encode(texts)
    assert np.isfinite(rows).all()
    assert not np.allclose(rows[1], encoder.encode(["铝"])[0], atol=0.001)
    np.testing.assert_allclose(rows, encoder.encode(texts, batch_size=1), atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_a_peer_that_is_not_there_says_what_to_get(tmp_path: Path) -> None:
    with pytest.raises(PeerMissing, match=BGE):
        load_peer(BGE, models=tmp_path)
    with pytest.raises(ValueError, match="word2vec"):
        load_peer("word2vec")


def test_e5_in_32_bits_through_sentence_transformers_has_the_same_vectors(tmp_path: Path) -> None:
    from matcher.encoders.sentence_transformer import SentenceTransformerEncoder
    from matcher.evaluation.e5_weights import write_e5

    write_e5(tmp_path)
    ours = SentenceTransformerEncoder(str(tmp_path), max_tokens=512)
    texts = [*TEXTS, "耐温　－４０℃～１２０℃，½\n寿命\t≥2000 h，PA66/GF30"]
    cosines = (ours.encode([f"passage: {text}" for text in texts]) * load_peer(E5).results.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.999
