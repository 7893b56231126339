"""Late interaction: each token of one text with the nearest token of the other (Khattab and Zaharia, ColBERT, SIGIR 2020).

It serves the training alone: what it learns from the same scores as the text's one vector shapes the layers that both are read from.
Nothing of it ships, since beside the trained vector it orders results no better (docs/matching.md).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from matcher.training.network import States

LEAST_RARITY = 0.3
SCALE = 12.0
"""To start with: of either direction, before a loss."""


class LateInteraction(nn.Module):
    """Tokens are compared by the cosine of their states after a linear map, the identity to start with, and weighted by word piece."""

    def __init__(self, width: int, pieces: int) -> None:
        super().__init__()
        self.map = nn.Linear(width, width)
        self.weights = nn.Parameter(torch.zeros(pieces))
        self.scales = nn.Parameter(torch.full((2,), SCALE))
        with torch.no_grad():
            self.map.weight.copy_(torch.eye(width))
            self.map.bias.zero_()

    @torch.no_grad()
    def start(self, rows: Iterable[list[int]], sample: States) -> None:
        """Pieces weigh by their rarity in `rows` to start with, and the mean of the sample's tokens is taken off."""
        counts, texts = torch.ones_like(self.weights), 0
        for row in rows:
            counts[torch.tensor(sorted(set(row)))] += 1
            texts += 1
        rarity = torch.log(texts / counts).clamp(min=LEAST_RARITY)
        self.weights.copy_(torch.log(torch.expm1(rarity)))  # softplus undoes it
        self.map.bias.copy_(-sample.hidden[sample.pieces > 0].mean(0))

    def forward(self, titles: States, wholes: States, found: States) -> Tensor:
        """(n, m) for n askers, by title and by whole text, and m texts: the found one's tokens in the whole, and the title's in the
        found one."""
        of_titles, of_wholes, of_found = self._tokens(titles), self._tokens(wholes), self._tokens(found)
        return self.scales[0] * _nearest(of_found, of_wholes).T + self.scales[1] * _nearest(of_titles, of_found)

    def _tokens(self, states: States) -> tuple[Tensor, Tensor]:
        """(n, length, d) unit vectors and (n, length) weights, 0 where no word piece stands."""
        weights = torch.where(states.pieces > 0, F.softplus(self.weights[states.pieces]), torch.zeros(()))
        return F.normalize(self.map(states.hidden), dim=-1), weights


def _nearest(of: tuple[Tensor, Tensor], among: tuple[Tensor, Tensor]) -> Tensor:
    """(a, b): the mean over the tokens of each of a texts, by weight, of the cosine with the nearest token of each of b."""
    (tokens, weights), (others, theirs) = of, among
    cosines = torch.einsum("ald,bmd->ablm", tokens, others).masked_fill((theirs == 0)[None, :, None, :], -1.0)
    return (cosines.amax(-1) * weights[:, None]).sum(-1) / weights.sum(-1).clamp(min=1e-6)[:, None]
