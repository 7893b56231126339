"""What a lifecycle is: statuses, and the moves that its table has. A move that is not in the table does not happen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from jieti.domain.errors import MoveNotAllowed


class Actor(StrEnum):
    """Who makes a move, seen from the record (an identity may be several of these to one record)."""

    OWNER = "owner"  # active member of the organisation that owns the record (for a deal: of the buying enterprise)
    SOLVER = "solver"  # the author of a proposal or result; for a deal: member of the selling organisation
    TRANSFER_OFFICE = "transfer_office"
    OFFICER = "officer"  # of the record's county
    BROKER = "broker"  # serving the record's county
    PROVINCE = "province"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Transition:
    verb: str
    source: str
    target: str
    actors: frozenset[Actor]
    reason_required: bool = False


class Lifecycle:
    """A named table of transitions. At most one transition per (source, verb)."""

    def __init__(self, name: str, initial: str, statuses: Collection[str], transitions: Collection[Transition]) -> None:
        self.name = name
        self.initial = initial
        self.statuses = tuple(statuses)
        self.transitions = tuple(transitions)
        self._by_key: dict[tuple[str, str], Transition] = {}
        for transition in self.transitions:
            key = (transition.source, transition.verb)
            if key in self._by_key or not {transition.source, transition.target} <= set(self.statuses):
                raise ValueError(f"{name}: bad row {transition}")
            self._by_key[key] = transition

    def find(self, source: str, verb: str, actors: Collection[Actor], reason: str = "") -> Transition:
        """The row for this move.

        Raises MoveNotAllowed: `no_such_move` (not in the table), `wrong_actor`, `reason_required`.
        """
        transition = self._by_key.get((source, verb))
        if transition is None:
            raise MoveNotAllowed("no_such_move", lifecycle=self.name, source=source, verb=verb)
        if not transition.actors & set(actors):
            raise MoveNotAllowed("wrong_actor", lifecycle=self.name, source=source, verb=verb)
        if transition.reason_required and not reason.strip():
            raise MoveNotAllowed("reason_required", lifecycle=self.name, source=source, verb=verb)
        return transition

    def open_to(self, source: str, actors: Collection[Actor]) -> tuple[Transition, ...]:
        """The moves that these actors may make from this status, in the table's order."""
        mine = set(actors)
        return tuple(t for t in self.transitions if t.source == source and t.actors & mine)


def row(verb: str, sources: str, target: str, *actors: Actor, reason: bool = False) -> list[Transition]:
    """One row for several sources (space-separated)."""
    return [Transition(verb, source, target, frozenset(actors), reason) for source in sources.split()]
