"""The linear map that joins encoders trained apart.

Two models with different bases err differently, so that what both know orders results better than either (docs/matching.md). The map
learns from the parts' vectors as they are, with the losses of `matcher.training.losses`; `matcher.encoders.joint` computes with it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from matcher.encoders.port import Encoder
from matcher.training.losses import against_others, in_batch, within_need
from matcher.training.material import Material
from matcher.training.rate import warm_then_falling
from matcher.training.settings import JoinSettings

WARM = 50
"""Steps in which the rate rises."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All texts of a material as the parts' vectors side by side, (texts, sum of the parts' dimensions) each; needs and results in
    the order of their ids."""

    titles: Tensor
    wholes: Tensor
    results: Tensor
    paper_titles: Tensor
    paper_keywords: Tensor
    abstracts: Tensor
    widths: tuple[int, ...]
    """Dimensions of each part."""

    @classmethod
    def of(cls, encoders: Sequence[Encoder], material: Material) -> SideBySide:
        """Encode everything: minutes."""

        def rows(texts: Sequence[str]) -> Tensor:
            return torch.from_numpy(np.hstack([encoder.encode(texts) for encoder in encoders]))

        needs = [material.needs[need] for need in sorted(material.needs)]
        return cls(
            titles=rows([title for title, _whole in needs]),
            wholes=rows([whole for _title, whole in needs]),
            results=rows([material.results[result] for result in sorted(material.results)]),
            paper_titles=rows([paper.title for paper in material.papers]),
            paper_keywords=rows([paper.keywords for paper in material.papers]),
            abstracts=rows([paper.abstract for paper in material.papers]),
            widths=tuple(encoder.dimensions for encoder in encoders),
        )


class Map(nn.Module):
    """Takes the mean off, weighs the parts, and goes on linearly: to start with, to the directions in which results differ most."""

    def __init__(self, texts: SideBySide, settings: JoinSettings) -> None:
        super().__init__()
        self._dropout = settings.dropout
        self._mean = (texts.results.mean(0) + texts.wholes.mean(0)) / 2
        spreads = [
            part.square().sum(1).mean().sqrt()
            for part in torch.split(texts.results - self._mean, list(texts.widths), 1)
        ]
        self._scale = torch.cat(
            [
                (share / spread).expand(width)
                for share, spread, width in zip(settings.shares, spreads, texts.widths, strict=True)
            ]
        )
        self._linear = nn.Linear(sum(texts.widths), settings.dimensions)
        ready = (texts.results[::2] - self._mean) * self._scale
        with torch.no_grad():
            directions = torch.linalg.svd(ready, full_matrices=False).Vh[: settings.dimensions]
            self._linear.weight.zero_()[: len(directions)] = directions
            self._linear.bias.zero_()

    def forward(self, rows: Tensor) -> Tensor:
        """(n, sum of widths) to (n, d) unit vectors."""
        ready = F.dropout((rows - self._mean) * self._scale, self._dropout, self.training)
        return F.normalize(self._linear(ready), dim=-1)

    def folded(self) -> dict[str, Tensor]:
        """`weight` and `bias` of the same map as one linear one."""
        weight = self._linear.weight.detach() * self._scale
        return {"weight": weight, "bias": self._linear.bias.detach() - weight @ self._mean}


def cosines(texts: SideBySide, weights: Mapping[str, Tensor], needs: Sequence[int]) -> Tensor:
    """(needs, results): of these rows of needs, vectors made as `matcher.encoder` makes a listing's, with all results."""

    def unit(rows: Tensor) -> Tensor:
        return F.normalize(rows @ weights["weight"].T + weights["bias"], dim=-1)

    asked = F.normalize(unit(texts.titles[needs]) + unit(texts.wholes[needs]), dim=-1)
    return asked @ unit(texts.results).T


@dataclass(frozen=True, slots=True)
class _Example:
    """One need with its results, by their rows in SideBySide, and these results' gains."""

    need: int
    results: Tensor
    gains: Tensor


def join(
    texts: SideBySide,
    material: Material,
    settings: JoinSettings,
    seed: int,
    report: Callable[[str], None] = lambda _line: None,
) -> dict[str, Tensor]:
    """`weight` and `bias` learned from the material, whose texts' vectors are given. Deterministic for a seed and a number of
    threads."""
    torch.manual_seed(seed)
    lot = random.Random(seed)
    joint = Map(texts, settings)
    examples = _examples(material, settings.judged_times)
    optimiser = torch.optim.AdamW(joint.parameters(), lr=settings.rate, weight_decay=settings.decay)
    steps = settings.epochs * math.ceil(len(examples) / settings.needs)
    schedule = warm_then_falling(optimiser, WARM, steps)
    for epoch in range(settings.epochs):
        lot.shuffle(examples)
        total = 0.0
        for first in range(0, len(examples), settings.needs):
            loss = _needs_loss(joint, texts, examples[first : first + settings.needs], settings, lot)
            loss = loss + settings.papers_weight * _papers_loss(joint, texts, settings, lot)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        report(f"epoch {epoch + 1} of {settings.epochs}: loss {total * settings.needs / len(examples):.3f}")
    return joint.folded()


def _examples(material: Material, judged_times: int) -> list[_Example]:
    rows = {need: row for row, need in enumerate(sorted(material.needs))}
    places = {result: place for place, result in enumerate(sorted(material.results))}
    examples = []
    for need, judged in sorted(material.gains.items()):
        of_results = torch.tensor([places[result] for result in judged])
        example = _Example(rows[need], of_results, torch.tensor(list(judged.values())))
        examples += [example] * (judged_times if need in material.folds else 1)
    return examples


def _needs_loss(
    joint: Map, texts: SideBySide, examples: Sequence[_Example], settings: JoinSettings, lot: random.Random
) -> Tensor:
    needs = [example.need for example in examples]
    asked = F.normalize(joint(texts.titles[needs]) + joint(texts.wholes[needs]), dim=-1)
    count = len(texts.results)
    at_random = torch.tensor(lot.sample(range(count), min(settings.others, count)))
    others = joint(texts.results[at_random])
    loss = torch.zeros(())
    for one, example in zip(asked, examples, strict=True):
        given = joint(texts.results[example.results]) @ one * settings.scale
        unjudged = ~torch.isin(at_random, example.results)
        random_ones = against_others(given, example.gains, others[unjudged] @ one * settings.scale)
        loss = loss + within_need(given, example.gains) + settings.others_weight * random_ones
    return loss / len(examples)


def _papers_loss(joint: Map, texts: SideBySide, settings: JoinSettings, lot: random.Random) -> Tensor:
    count = len(texts.abstracts)
    if count < settings.papers:
        return torch.zeros(())
    chosen = lot.sample(range(count), settings.papers)
    asking = texts.paper_keywords if lot.random() < settings.keywords else texts.paper_titles
    return in_batch(joint(asking[chosen]) @ joint(texts.abstracts[chosen]).T * settings.papers_scale)
