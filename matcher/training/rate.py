"""How the learning rate goes over a training."""

from __future__ import annotations

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

LEAST = 0.02
"""Share of the rate that is left in the end."""


def warm_then_falling(optimiser: Optimizer, warm: int, steps: int) -> LambdaLR:
    """Rises over `warm` steps, and falls in a line that would be at 0 after `steps`."""
    return LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / warm) * max(LEAST, 1 - step / steps))
