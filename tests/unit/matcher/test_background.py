"""A need's cosines are read from its background: order kept, crowded subjects brought down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.background import NEIGHBOURS, Background, background_of
from matcher.features import FeatureMaker
from matcher.lexical import Lexical
from matcher.pipeline import Matcher
from matcher.types import Need, Offer


def test_the_largest_are_averaged_and_excluded_ones_are_not() -> None:
    cosines = np.linspace(0, 1, 101)[None, :].repeat(2, axis=0)
    cosines[1, -1] = -np.inf
    first, second = background_of(cosines)
    assert first == pytest.approx(np.linspace(0.91, 1, 10).mean(), abs=1e-6)
    assert second == pytest.approx(np.linspace(0.90, 0.99, 10).mean(), abs=1e-6)


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="10 results are needed"):
        background_of(np.zeros((1, NEIGHBOURS - 1)))


def test_it_comes_back_from_its_folder(tmp_path: Path) -> None:
    vectors = np.eye(12, 32, dtype=np.float32)
    Background(vectors, "v1", 0.5).save(tmp_path)
    read = Background.load(tmp_path)
    assert read.encoder == "v1" and read.usual == pytest.approx(0.5)
    assert np.allclose(read.vectors, vectors, atol=1e-3), "8 bits"


def test_the_order_within_a_need_stays_and_the_shift_is_one_for_all_its_pairs() -> None:
    matcher = Matcher.load()
    assert matcher.features.background is not None
    bare = FeatureMaker(
        matcher.encoder, Lexical(matcher.features.lexical.statistics, matcher.features.lexical.tokenizer)
    )
    need = Need("n", "高韧性尼龙增韧改性", "要求抗冲击强度提高，用于汽车零件。")
    offers = [Offer("a", "尼龙66增韧改性技术"), Offer("b", "茶叶采摘机器人"), Offer("c", "高流动性增韧尼龙复合材料")]
    shifted = matcher.features.pairs(matcher.features.needs([need])[0], matcher.features.offers(offers))
    plain = bare.pairs(bare.needs([need])[0], bare.offers(offers))
    difference = shifted[:, 0] - plain[:, 0]
    assert np.ptp(difference) < 1e-6
    assert np.array_equal(shifted[:, 1:], plain[:, 1:])


def test_a_background_of_another_encoder_is_left_aside() -> None:
    matcher = Matcher.load()
    other = Background(np.eye(20, 512, dtype=np.float32), "another", 0.4)
    made = Matcher(matcher.encoder, matcher.ranker, matcher.features.lexical.statistics, background=other)
    assert made.features.background is None
