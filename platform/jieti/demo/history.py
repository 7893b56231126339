"""Playing a listing's past: the shortest way through its lifecycle's table to the status it has today."""

from __future__ import annotations

from collections import deque

from jieti.domain.lifecycles import Lifecycle, Transition


def way_to(lifecycle: Lifecycle, target: str, start: str | None = None) -> list[Transition]:
    """The shortest list of moves from `start` (default: the initial status) to `target`.

    Raises ValueError where the table has no way.
    """
    first = start or lifecycle.initial
    ways: dict[str, list[Transition]] = {first: []}
    queue = deque([first])
    while queue:
        status = queue.popleft()
        if status == target:
            return ways[status]
        for transition in lifecycle.transitions:
            if transition.source == status and transition.target not in ways:
                ways[transition.target] = [*ways[status], transition]
                queue.append(transition.target)
    raise ValueError(f"{lifecycle.name}: no way from {first} to {target}")
