"""What the encoder learns to make small. Scores are cosines times a scale; all losses are scalars.

Pairwise logistic loss: Burges et al., Learning to rank using gradient descent (ICML 2005). Contrastive loss with the
batch's other texts as negatives: van den Oord et al., Representation learning with contrastive predictive coding (2018).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def gains(levels: Tensor) -> Tensor:
    """2^(level-1)-1, as in the measure that is trained for (nDCG)."""
    return 2.0 ** (levels - 1) - 1


def within_need(scores: Tensor, levels: Tensor) -> Tensor:
    """(n,) scores and judged levels of one need's results: each better one above each worse one, weighted by the root of
    their gains' difference. 0 where all levels are alike."""
    gain = gains(levels)
    difference = (gain[:, None] - gain[None, :]).clamp(min=0)
    weight = difference.sqrt()
    total = weight.sum()
    if not float(total):
        return scores.sum() * 0
    return (weight * F.softplus(scores[None, :] - scores[:, None])).sum() / total


def against_others(scores: Tensor, levels: Tensor, others: Tensor) -> Tensor:
    """Each of the need's own results of level 2 and more above all results that nobody judged for it, weighted by gain."""
    gain = gains(levels)
    if not float(gain.sum()) or not len(others):
        return scores.sum() * 0
    return (gain * F.softplus(torch.logsumexp(others, 0) - scores)).sum() / gain.sum()


def in_batch(asking: Tensor, found: Tensor, scale: float) -> Tensor:
    """(n, d) and (n, d) unit vectors: row i finds row i among all, both ways."""
    scores = asking @ found.T * scale
    right = torch.arange(len(scores))
    return (F.cross_entropy(scores, right) + F.cross_entropy(scores.T, right)) / 2
