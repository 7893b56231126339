"""The training runs from material to weights, lowers what it is to lower, and keeps to what it may learn from."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from matcher.encoders.loading import SHIPPED
from matcher.training.loop import Settings, train
from matcher.training.losses import against_others, in_batch, within_need
from matcher.training.material import Material, Paper

SUBJECTS = ("尼龙增韧", "茶叶采摘", "废水脱氮", "轴承钢冶炼", "机器视觉检测", "锂电池热管理")
MATERIAL = Material(
    needs={f"n{i}": (subject, f"{subject}的工艺需要改进。") for i, subject in enumerate(SUBJECTS)},
    results={
        f"r{i}{k}": f"{subject}{word}" for i, subject in enumerate(SUBJECTS) for k, word in enumerate(("技术", "装置"))
    },
    judgements={f"n{i}": {f"r{i}0": 4, f"r{(i + 1) % 6}1": 1} for i in range(6)},
    papers=[Paper(f"{s}研究", s, f"本文研究{s}。") for s in SUBJECTS],
    folds={f"n{i}": i % 5 for i in range(6)},
)
SMALL = Settings(epochs=1, rate=1e-4, others=4, papers=3, dropout=0.0)


def test_a_fold_left_out_is_not_learned_from() -> None:
    kept = MATERIAL.without(0)
    assert set(kept.judgements) == {"n1", "n2", "n3", "n4"}
    assert set(kept.results) == set(MATERIAL.results)


def test_losses_fall_as_the_order_rights_itself() -> None:
    levels = torch.tensor([4, 2, 1])
    right, wrong = torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1.0, 2.0, 3.0])
    assert float(within_need(right, levels)) < float(within_need(wrong, levels))
    assert float(within_need(right, torch.tensor([1, 1, 1]))) == 0
    others = torch.tensor([0.0, 0.5])
    assert float(against_others(right, levels, others)) < float(against_others(right - 5, levels, others))
    assert float(against_others(right, torch.tensor([1, 1, 1]), others)) == 0
    same = torch.eye(3)
    assert float(in_batch(same, same, 20.0)) < 0.01 < float(in_batch(same, same.flip(0), 20.0))


def test_training_moves_the_upper_layers_alone_and_is_the_same_for_a_seed() -> None:
    said: list[str] = []
    first = train(SHIPPED, MATERIAL, SMALL, 3, said.append)
    assert len(said) == 1 and said[0].startswith("epoch 1 of 1: loss ")
    base = train(SHIPPED, MATERIAL, replace(SMALL, rate=0.0), 3)
    moved = {name for name, value in first.items() if not torch.equal(value, base[name])}
    assert moved and all(name.startswith(("encoder.layer.2.", "encoder.layer.3.")) for name in moved)
    again = train(SHIPPED, MATERIAL, SMALL, 3)
    assert all(torch.equal(value, again[name]) for name, value in first.items())


def test_an_epoch_lowers_the_loss() -> None:
    said: list[str] = []
    train(SHIPPED, MATERIAL, replace(SMALL, epochs=4, rate=3e-4), 1, said.append)
    first, *_others, last = (float(line.rsplit(" ", 1)[1]) for line in said)
    assert last < first


@pytest.mark.parametrize("level", [3, 4])
def test_good_results_are_never_left_out_by_lot(level: int) -> None:
    import random

    from matcher.training.loop import _chosen

    judged = {f"r{i}": 1 for i in range(40)} | {"good": level}
    material = replace(MATERIAL, judgements={"n0": judged})
    for seed in range(5):
        chosen = _chosen(material, "n0", SMALL, random.Random(seed))
        assert len(chosen) == SMALL.judged and ("good", level) in chosen
