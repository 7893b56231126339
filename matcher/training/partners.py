"""Processes that train one encoder together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Partners:
    """Of one process: which one it is, and of how many."""

    number: int = 0
    """From 0."""
    count: int = 1

    def share(self, needs: Sequence[str]) -> Sequence[str]:
        """This one's part: of the same length in all of them."""
        return needs[self.number : len(needs) // self.count * self.count : self.count]

    @torch.no_grad()
    def average(self, values: Sequence[Tensor]) -> None:
        """In place, over all processes; they must have joined a group of torch.distributed."""
        if self.count == 1:
            return
        flat = torch.cat([value.flatten() for value in values])
        torch.distributed.all_reduce(flat)
        flat /= self.count
        first = 0
        for value in values:
            value.copy_(flat[first : first + value.numel()].view_as(value))
            first += value.numel()
