"""The outbox topic "match": refresh the matches of what changed."""

from __future__ import annotations

from jieti.bootstrap import House
from jieti.services.matching import Matching


def handle(house: House, subject_kind: str, subject_id: int) -> None:
    """Raises EngineUnavailable: the row stays in the outbox then."""
    matching = Matching(house.database, house.search, house.matcher)
    {
        "challenge": matching.refresh_challenge,
        "result": matching.refresh_result,
        "expert": matching.refresh_expert,
    }[subject_kind](subject_id)
