"""The training of one encoder, from material to weights."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from matcher.evaluation.metrics import gains_of
from matcher.training.losses import against_others, in_batch, within_need
from matcher.training.material import Material
from matcher.training.network import Network

GOOD = float(gains_of(3))
"""Gain from which a result is good."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was found best in the time there was (docs/matching.md)."""

    epochs: int = 2
    rate: float = 5e-5
    """Of AdamW, after a tenth of the steps; then falling in a line."""
    horizon: int = 0
    """Epochs after which the rate would be 0: more than `epochs` where the weights are averaged afterwards; 0: as many."""
    frozen: int = 2
    dropout: float = 0.1
    needs: int = 2
    """In one step."""
    judged: int = 24
    """Results of one need in one step: the good ones first, the others by lot."""
    others: int = 28
    """Results at random in one step."""
    papers: int = 8
    """In every other step."""
    alike: int = 0
    """From how many papers next to one drawn by lot the others of a step are drawn; 0: from all. Papers of one subject are harder to
    tell apart."""
    scale: float = 15.0
    """Of cosines, before a loss."""
    papers_scale: float = 20.0
    others_weight: float = 0.3
    papers_weight: float = 0.9
    keywords: float = 0.4
    """Share of the papers that are asked for by their keywords, not by their title."""
    title_pieces: int = 64
    need_pieces: int = 144
    result_pieces: int = 40
    abstract_pieces: int = 112


PARTS = (Settings(epochs=3), Settings(epochs=2))
"""First, from the base: one training for each of the first two parts of our own needs. The first part is the larger."""
HALVES = 2 * (Settings(epochs=1, rate=3e-5, frozen=0, papers=10, papers_weight=1.2),)
"""Then, from the mean of those, all layers: one training for each half of these parts' needs."""
_LAST = Settings(
    epochs=2, horizon=3, rate=8e-5, frozen=0, needs=6, others=0,
    papers=10, alike=30, papers_weight=1.0, keywords=0.5, need_pieces=128,
)  # fmt: skip
WHOLES = (_LAST, _LAST)
"""Last, from the mean of those, all layers: two trainings on all needs that differ by lot. Six needs in a step are each other's results
at random."""
BASE_SHARE = 0.4
"""Of the base's weights in what is shipped. More of it finds abstracts by their keywords better, less of it orders results better
(docs/matching.md)."""
JUDGED = Settings(rate=3e-5)
"""For what experts judged, after those."""


class _Pieces:
    """All texts as word pieces, cut once."""

    def __init__(self, network: Network, material: Material, settings: Settings) -> None:
        titles = network.pieces([title for title, _whole in material.needs.values()], settings.title_pieces)
        wholes = network.pieces([whole for _title, whole in material.needs.values()], settings.need_pieces)
        self.needs = dict(zip(material.needs, zip(titles, wholes, strict=True), strict=True))
        results = network.pieces(list(material.results.values()), settings.result_pieces)
        self.results = dict(zip(material.results, results, strict=True))
        papers = material.papers
        self.titles = network.pieces([paper.title for paper in papers], settings.title_pieces)
        self.keywords = network.pieces([paper.keywords for paper in papers], settings.title_pieces)
        self.abstracts = network.pieces([paper.abstract for paper in papers], settings.abstract_pieces)
        self.alike = _nearest(network, self.abstracts, settings.alike) if settings.alike else None


def train(
    base: Path,
    material: Material,
    settings: Settings,
    seed: int,
    report: Callable[[str], None] = lambda _line: None,
    start: dict[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """Weights of the base, or those to `start` with, trained on the material. Deterministic for a seed and a number of
    threads."""
    torch.manual_seed(seed)
    lot = random.Random(seed)
    network = Network(base, settings.frozen, settings.dropout, start)
    pieces = _Pieces(network, material, settings)
    needs = sorted(material.gains)
    steps = settings.epochs * math.ceil(len(needs) / settings.needs)
    matrices = [value for _name, value in network.parameters() if value.ndim > 1]
    vectors = [value for _name, value in network.parameters() if value.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=settings.rate)
    fall = steps * max(settings.horizon, settings.epochs) // settings.epochs
    warm = max(1, fall // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm) * max(0.02, 1 - step / fall)
    )
    network.model.train()
    step = 0
    for epoch in range(settings.epochs):
        lot.shuffle(needs)
        total = 0.0
        for first in range(0, len(needs), settings.needs):
            loss = _needs_loss(network, pieces, material, needs[first : first + settings.needs], settings, lot)
            if step % 2 == 0 and len(material.papers) >= settings.papers:
                loss = loss + settings.papers_weight * _papers_loss(network, pieces, settings, lot)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*matrices, *vectors], 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            step += 1
        report(f"epoch {epoch + 1} of {settings.epochs}: loss {total * settings.needs / len(needs):.3f}")
    return network.weights()


def _needs_loss(
    network: Network,
    pieces: _Pieces,
    material: Material,
    needs: Sequence[str],
    settings: Settings,
    lot: random.Random,
) -> Tensor:
    chosen = [(number, *pair) for number, need in enumerate(needs) for pair in _chosen(material, need, settings, lot)]
    own = [result for _number, result, _level in chosen]
    rows = own + lot.sample(sorted(pieces.results), settings.others)
    asked = network.encode([pieces.needs[need][0] for need in needs] + [pieces.needs[need][1] for need in needs])
    asked = torch.nn.functional.normalize(asked[: len(needs)] + asked[len(needs) :], dim=-1)
    scores = asked @ network.encode([pieces.results[result] for result in rows]).T * settings.scale
    loss = asked.sum() * 0
    for number, need in enumerate(needs):
        mine = torch.tensor([place for place, (whose, *_pair) in enumerate(chosen) if whose == number])
        gains = torch.tensor([gain for whose, _result, gain in chosen if whose == number])
        judged = material.gains[need]
        others = torch.tensor([place for place, result in enumerate(rows) if result not in judged])
        loss = loss + within_need(scores[number, mine], gains)
        loss = loss + settings.others_weight * against_others(scores[number, mine], gains, scores[number, others])
    return loss / len(needs)


def _chosen(material: Material, need: str, settings: Settings, lot: random.Random) -> list[tuple[str, float]]:
    judged = sorted(material.gains[need].items())
    lot.shuffle(judged)
    good_first = sorted(judged, key=lambda pair: pair[1] < GOOD)
    return good_first[: settings.judged]


def _papers_loss(network: Network, pieces: _Pieces, settings: Settings, lot: random.Random) -> Tensor:
    papers = _papers(pieces, settings, lot)
    asking = [(pieces.keywords if lot.random() < settings.keywords else pieces.titles)[paper] for paper in papers]
    found = network.encode([pieces.abstracts[paper] for paper in papers])
    return in_batch(network.encode(asking), found, settings.papers_scale)


def _papers(pieces: _Pieces, settings: Settings, lot: random.Random) -> list[int]:
    if pieces.alike is None:
        return lot.sample(range(len(pieces.abstracts)), settings.papers)
    first = lot.randrange(len(pieces.abstracts))
    return [first, *lot.sample(pieces.alike[first], settings.papers - 1)]


def _nearest(network: Network, abstracts: Sequence[list[int]], count: int) -> list[list[int]]:
    """Of each abstract the `count` nearest other ones, by the vectors that the training starts with."""
    network.model.eval()
    with torch.no_grad():
        vectors = network.encode(abstracts)
    network.model.train()
    cosines = vectors @ vectors.T
    cosines.fill_diagonal_(-1)
    nearest: list[list[int]] = cosines.topk(min(count, len(abstracts) - 1)).indices.tolist()
    return nearest
