"""An encoder is not measured on needs that it has learned from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from matcher.encoder import load_encoder
from matcher.encoders.cached import CachedEncoder
from matcher.encoders.joint import JOINT, judged_in, write_joint
from matcher.encoders.learned import id_key, judged_needs
from matcher.encoders.port import Vectors
from matcher.evaluation.out_of_fold import OutOfFold, SeenNeeds, unseen_cosines
from matcher.evaluation.run import Corpus
from matcher.types import Need, Offer

CORPUS = Corpus(
    [Need("a", ""), Need("b", "")], [Offer("r", ""), Offer("q", ""), Offer("p", "")], {"a": {"r": 4}, "b": {"q": 1}}
)
SCORES = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, -0.6]], dtype=np.float32)


@dataclass
class Learned:
    judged: frozenset[int]
    name: str = "learned"
    version: str = "v"
    dimensions: int = 2

    def encode(self, texts: list[str], batch_size: int = 16) -> Vectors:
        raise AssertionError("it is not to be asked")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "out_of_fold.npz"
    OutOfFold.of("v", CORPUS, SCORES).save(path)
    return path


def test_needs_that_were_learned_from_are_measured_by_others(kept: Path) -> None:
    encoder = CachedEncoder(Learned(frozenset({id_key("a"), id_key("z")})))
    scores = unseen_cosines(encoder, CORPUS, kept)
    assert scores is not None and np.allclose(scores, SCORES, atol=1e-4)
    turned = Corpus(CORPUS.needs[1:], CORPUS.results[:0:-1], {"b": {"q": 1}})
    assert unseen_cosines(encoder, turned, kept) is None, "the encoder's own cosines do for b"
    assert OutOfFold.load(kept).scores_of(turned) == pytest.approx(np.array([[-0.6, 0.5]]), abs=1e-4)


def test_without_others_it_is_refused(kept: Path, tmp_path: Path) -> None:
    seen = frozenset({id_key("a")})
    with pytest.raises(SeenNeeds, match="no cosines by one that has not"):
        unseen_cosines(Learned(seen), CORPUS, tmp_path / "none.npz")
    with pytest.raises(SeenNeeds, match="no cosines by one that has not"):
        unseen_cosines(Learned(seen, version="another"), CORPUS, kept)
    more = Corpus([*CORPUS.needs, Need("new", "")], CORPUS.results, {})
    with pytest.raises(SeenNeeds, match="for other needs and results only"):
        unseen_cosines(Learned(seen), more, kept)
    assert unseen_cosines(Learned(frozenset()), CORPUS, kept) is None


def test_the_folder_of_an_encoder_says_what_it_learned_from(tmp_path: Path) -> None:
    write_joint(tmp_path, ["one"], {"weight": np.ones((1, 1)), "bias": np.ones(1)}, [7, 3])
    assert judged_in(tmp_path) == {3, 7}
    (tmp_path / JOINT).write_text('{"parts": []}', encoding="utf-8")
    assert judged_in(tmp_path) == frozenset() == judged_in(tmp_path / "none")


def test_an_encoder_that_says_nothing_has_learned_from_none(bert: Path) -> None:
    assert judged_needs(load_encoder(str(bert))) == frozenset()
