"""How many threads NumPy's matrix products may use.

More than one is not the default anywhere: on a busy machine OpenBLAS's threads wait for each other by spinning (docs/matching.md).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any


class BlasThreads:
    """Call it to hold all products within the block to that number of threads."""

    def __init__(self, most: int) -> None:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

        # Once: it reads the process's memory map, which takes as long as encoding a title.
        self._pools = ThreadpoolController()
        self._most = most

    def __call__(self) -> AbstractContextManager[Any]:
        limits: AbstractContextManager[Any] = self._pools.limit(limits=self._most, user_api="blas")
        return limits
