"""What the encoder learns to make small. Scores are cosines times a scale; all losses are scalars.

Pairwise logistic loss: Burges et al., Learning to rank using gradient descent (ICML 2005). Contrastive loss with the
batch's other texts as negatives: van den Oord et al., Representation learning with contrastive predictive coding (2018).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def within_need(scores: Tensor, gain: Tensor) -> Tensor:
    """(n,) scores and gains of one need's results: each better one above each worse one, weighted by the root of their
    gains' difference. 0 where all gains are alike."""
    difference = (gain[:, None] - gain[None, :]).clamp(min=0)
    weight = difference.sqrt()
    total = weight.sum()
    if not float(total):
        return scores.sum() * 0
    return (weight * F.softplus(scores[None, :] - scores[:, None])).sum() / total


def against_others(scores: Tensor, gain: Tensor, others: Tensor) -> Tensor:
    """Each of the need's own results that has a gain above all results that nobody judged for it, weighted by gain."""
    if not float(gain.sum()) or not len(others):
        return scores.sum() * 0
    return (gain * F.softplus(torch.logsumexp(others, 0) - scores)).sum() / gain.sum()


def in_batch(scores: Tensor) -> Tensor:
    """(n, n): row i finds column i among all, both ways."""
    right = torch.arange(len(scores))
    return (F.cross_entropy(scores, right) + F.cross_entropy(scores.T, right)) / 2
