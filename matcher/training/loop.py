"""The training of one encoder, from material to weights."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from matcher.evaluation.metrics import gains_of
from matcher.training.late import LateInteraction
from matcher.training.losses import against_others, in_batch, within_need
from matcher.training.material import Material
from matcher.training.network import Network
from matcher.training.partners import Partners
from matcher.training.rate import warm_then_falling
from matcher.training.settings import Settings

GOOD = float(gains_of(3))
"""Gain from which a result is good."""
SAMPLE = 300
"""Texts whose mean is taken off where vectors are to be centred."""
SYNC = 25
"""Steps after which partners average their weights."""


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
        self.alike: list[list[int]] | None = None
        """Of each abstract others near it, where they are wanted."""


def train(
    base: Path,
    material: Material,
    settings: Settings,
    seed: int,
    report: Callable[[str], None] = lambda _line: None,
    start: dict[str, Tensor] | None = None,
    partners: Partners = Partners(),  # noqa: B008 (frozen)
) -> dict[str, Tensor]:
    """Weights of the base, or those to `start` with, trained on the material. Deterministic for a seed, a number of
    threads and of partners."""
    torch.manual_seed(seed + partners.number)
    order, lot = random.Random(seed), random.Random(seed + 1000 * (partners.number + 1))
    network = Network(base, settings.frozen, settings.dropout, start)
    pieces = _Pieces(network, material, settings)
    if start is None:
        network.centre([*_some(pieces.results), *(whole for _title, whole in _some(pieces.needs))])
    if settings.alike:
        pieces.alike = _nearest(network, pieces.abstracts, settings.alike)
    late = _late(network, pieces, material) if settings.late else None
    needs = sorted(material.gains)
    needs += sorted(material.given & material.gains.keys()) * (settings.given_times - 1)
    steps = settings.epochs * math.ceil(len(partners.share(needs)) / settings.needs)
    groups = _groups(network, late, settings.rate)
    learning: list[Tensor] = [value for group in groups for value in group["params"]]
    optimiser = torch.optim.AdamW(groups, lr=settings.rate)
    fall = steps * max(settings.horizon, settings.epochs) // settings.epochs
    warm = max(1, int(fall * settings.warm))
    schedule = warm_then_falling(optimiser, warm, fall)
    network.model.train()
    step = 0
    for epoch in range(settings.epochs):
        order.shuffle(needs)
        mine = partners.share(needs)
        total = 0.0
        for first in range(0, len(mine), settings.needs):
            batch = list(dict.fromkeys(mine[first : first + settings.needs]))
            loss = _needs_loss(network, late, pieces, material, batch, settings, lot)
            if step % 2 == 0 and len(material.papers) >= settings.papers:
                loss = loss + settings.papers_weight * _papers_loss(network, late, pieces, settings, lot)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            step += 1
            if step % SYNC == 0 or step == steps:
                partners.average(learning)
        report(f"epoch {epoch + 1} of {settings.epochs}: loss {total * settings.needs / len(mine):.3f}")
    return network.weights()


def _groups(network: Network, late: LateInteraction | None, rate: float) -> list[dict[str, Any]]:
    """What learns, with its decay and rate: late interaction's few numbers have far to go."""
    named = network.parameters() + ([("map.weight", late.map.weight), ("map.bias", late.map.bias)] if late else [])
    groups: list[dict[str, Any]] = [
        {"params": [value for _name, value in named if value.ndim > 1], "weight_decay": 0.01},
        {"params": [value for _name, value in named if value.ndim <= 1], "weight_decay": 0.0},
    ]
    if late:
        groups.append({"params": [late.weights], "weight_decay": 0.0, "lr": 20 * rate})
        groups.append({"params": [late.scales], "weight_decay": 0.0, "lr": 100 * rate})
    return groups


def _some(pieces: dict[str, Any]) -> list[Any]:
    """Some SAMPLE of them, evenly."""
    return [pieces[one] for one in sorted(pieces)[:: max(1, len(pieces) // SAMPLE)]]


def _late(network: Network, pieces: _Pieces, material: Material) -> LateInteraction:
    late = LateInteraction(network.model.config.hidden_size, network.model.config.vocab_size)
    results = [pieces.results[result] for result in sorted(pieces.results)]
    wholes = [pieces.needs[need][1] for need in sorted(material.gains)]
    with network.at_rest():
        sample = network.states(_some(pieces.results))
    late.start([*results, *wholes, *pieces.abstracts], sample)
    return late


def _needs_loss(
    network: Network,
    late: LateInteraction | None,
    pieces: _Pieces,
    material: Material,
    needs: Sequence[str],
    settings: Settings,
    lot: random.Random,
) -> Tensor:
    chosen = [(number, *pair) for number, need in enumerate(needs) for pair in _chosen(material, need, settings, lot)]
    own = [result for _number, result, _level in chosen]
    rows = own + lot.sample(sorted(pieces.results), settings.others)
    titles, wholes = [pieces.needs[need][0] for need in needs], [pieces.needs[need][1] for need in needs]
    scores = _scores(network, late, titles, wholes, [pieces.results[result] for result in rows], settings.scale)
    loss = torch.zeros(())
    for number, need in enumerate(needs):
        mine = torch.tensor([place for place, (whose, *_pair) in enumerate(chosen) if whose == number])
        gains = torch.tensor([gain for whose, _result, gain in chosen if whose == number])
        judged = material.gains[need]
        others = torch.tensor([place for place, result in enumerate(rows) if result not in judged], dtype=torch.long)
        for weight, given in zip((1.0, settings.late), scores, strict=False):
            loss = loss + weight * within_need(given[number, mine], gains)
            random_ones = against_others(given[number, mine], gains, given[number, others])
            loss = loss + weight * settings.others_weight * random_ones
    return loss / len(needs)


def _scores(
    network: Network,
    late: LateInteraction | None,
    titles: Sequence[list[int]],
    wholes: Sequence[list[int]] | None,
    found: Sequence[list[int]],
    scale: float,
) -> list[Tensor]:
    """(askers, found): cosines times the scale, and the scores of late interaction where it takes part. `wholes`: None where the
    titles are all there is."""
    if late is None:
        asked = network.encode([*titles, *(wholes or [])])
        asked = F.normalize(asked.view(-1, len(titles), asked.shape[-1]).sum(0), dim=-1)
        return [asked @ network.encode(found).T * scale]
    of_titles, of_found = network.states(titles), network.states(found)
    of_wholes = of_titles if wholes is None else network.states(wholes)
    asked = F.normalize(of_titles.vectors + of_wholes.vectors, dim=-1)
    return [asked @ of_found.vectors.T * scale, late(of_titles, of_wholes, of_found)]


def _chosen(material: Material, need: str, settings: Settings, lot: random.Random) -> list[tuple[str, float]]:
    judged = sorted(material.gains[need].items())
    lot.shuffle(judged)
    good_first = sorted(judged, key=lambda pair: pair[1] < GOOD)
    return good_first[: settings.judged]


def _papers_loss(
    network: Network, late: LateInteraction | None, pieces: _Pieces, settings: Settings, lot: random.Random
) -> Tensor:
    papers = _papers(pieces, settings, lot)
    asking = [(pieces.keywords if lot.random() < settings.keywords else pieces.titles)[paper] for paper in papers]
    found = [pieces.abstracts[paper] for paper in papers]
    scores = _scores(network, late, asking, None, found, settings.papers_scale)
    weights = (1.0, settings.late * settings.late_papers)
    return torch.stack([weight * in_batch(given) for weight, given in zip(weights, scores, strict=False)]).sum()


def _papers(pieces: _Pieces, settings: Settings, lot: random.Random) -> list[int]:
    if pieces.alike is None:
        return lot.sample(range(len(pieces.abstracts)), settings.papers)
    first = lot.randrange(len(pieces.abstracts))
    return [first, *lot.sample(pieces.alike[first], settings.papers - 1)]


def _nearest(network: Network, abstracts: Sequence[list[int]], count: int) -> list[list[int]]:
    """Of each abstract the `count` nearest other ones, by the vectors that the training starts with."""
    with network.at_rest():
        vectors = network.encode(abstracts)
    cosines = vectors @ vectors.T
    cosines.fill_diagonal_(-1)
    nearest: list[list[int]] = cosines.topk(min(count, len(abstracts) - 1)).indices.tolist()
    return nearest
