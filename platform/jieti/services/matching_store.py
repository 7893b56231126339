"""Writing computed matches, and telling the people concerned: by the open score alone.

That a match exists can tell as much as its level. So the offer's side is in a match's audience only where the pair
would have been kept by open text alone (`Pair.shown`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from jieti.domain.audience import match_audience
from jieti.domain.identity import SYSTEM
from jieti.domain.vocabulary import Membership
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Event, Expert, Match, Result, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from matcher.types import Level
from matcher.types import Match as Computed
from search.ports import Kind

WORTH_TELLING = Level.FAIR
_ENDED_IN_A_CONTRACT = frozenset({"awarded", "signed", "solving", "solved", "contracted"})


@dataclass(frozen=True, slots=True)
class Pair:
    """One computed pair: by open text, and by all text (the same where nothing is sealed)."""

    open: Computed
    full: Computed
    shown: bool  # would be kept by open text alone
    open_plain: float | None = None  # the scores without policy weights, where some took part
    full_plain: float | None = None


Item = tuple[Challenge, Result | Expert, Pair]


class MatchStore:
    def __init__(self, database: Database, matcher_version: str) -> None:
        self._database = database
        self._version = matcher_version

    def of_challenge(self, challenge: Challenge, kind: Kind, found: Sequence[tuple[Result | Expert, Pair]]) -> int:
        """Replace the challenge's standing matches of this kind; nothing happens where it was changed meanwhile
        (its own outbox row is waiting then). Returns how many stand."""
        column = Match.result_id if kind is Kind.RESULT else Match.expert_id
        with UnitOfWork(self._database) as uow:
            fresh = uow.session.get(Challenge, challenge.id)
            if fresh is None or fresh.version != challenge.version:
                return 0
            mine = (Match.challenge_id == challenge.id, column.is_not(None))
            self._retire(uow, *mine, column.not_in([row.id for row, _pair in found]))
            self._write(uow, [(fresh, row, pair) for row, pair in found], *mine)
        return len(found)

    def of_offer(self, row: Result | Expert, found: Sequence[tuple[Challenge, Pair]]) -> int:
        """Replace the offer's standing matches."""
        column = Match.result_id if isinstance(row, Result) else Match.expert_id
        with UnitOfWork(self._database) as uow:
            self._retire(uow, column == row.id, Match.challenge_id.not_in([c.id for c, _pair in found]))
            self._write(uow, [(challenge, row, pair) for challenge, pair in found], column == row.id)
        return len(found)

    def retire_challenge(self, challenge: Challenge) -> None:
        """It is not looking any more: its matches are kept for their verdicts and deals, but stand no longer.

        Matches of what ended in a contract stay: they say how it came about.
        """
        self._retire_all(challenge.status, Match.challenge_id == challenge.id)

    def retire_result(self, result: Result) -> None:
        self._retire_all(result.status, Match.result_id == result.id)

    def retire_expert(self, expert: Expert) -> None:
        self._retire_all("", Match.expert_id == expert.id)

    # -- inner -------------------------------------------------------------------------------------------------------

    def _retire_all(self, status: str, condition: ColumnElement[bool]) -> None:
        if status not in _ENDED_IN_A_CONTRACT:
            with UnitOfWork(self._database) as uow:
                self._retire(uow, condition)

    @staticmethod
    def _retire(uow: UnitOfWork, *conditions: ColumnElement[bool]) -> None:
        uow.session.execute(update(Match).where(*conditions).values(current=False))

    def _write(self, uow: UnitOfWork, items: Sequence[Item], *mine: ColumnElement[bool]) -> None:
        known = {_key(match): match for match in uow.session.scalars(select(Match).where(*mine))}
        written: list[tuple[Item, Match, bool]] = []
        for challenge, row, pair in items:
            ids = {"result_id" if isinstance(row, Result) else "expert_id": row.id}
            match = known.get((challenge.id, ids.get("result_id"), ids.get("expert_id")))
            new = match is None
            if match is None:
                match = Match(challenge_id=challenge.id, **ids)
                uow.session.add(match)
            self._fill(match, challenge, row, pair)
            written.append(((challenge, row, pair), match, new))
        uow.session.flush()
        uow.set_audiences("match", {match.id: _audience(item) for item, match, _new in written})
        telling: dict[int, list[tuple[Item, Match]]] = {}
        for item, match, new in written:
            if new and item[2].shown and match.open_level >= WORTH_TELLING:
                telling.setdefault(match.challenge_id, []).append((item, match))
        for told in telling.values():
            _tell(uow, told[0][0][0], told)

    def _fill(self, match: Match, challenge: Challenge, row: Result | Expert, pair: Pair) -> None:
        match.open_score, match.open_level = pair.open.score, int(pair.open.level)
        match.open_explanation = asdict(pair.open.explanation)
        match.open_plain, match.full_plain = pair.open_plain, pair.full_plain
        match.full_score, match.full_level = pair.full.score, int(pair.full.level)
        match.full_explanation = match.open_explanation if pair.full is pair.open else asdict(pair.full.explanation)
        match.matcher_version = self._version
        match.challenge_version, match.offer_version = challenge.version, row.version
        match.current = True
        match.refreshed_at = utcnow()


def _key(match: Match) -> tuple[int, int | None, int | None]:
    return match.challenge_id, match.result_id, match.expert_id


def _person(row: Result | Expert) -> int | None:
    return row.created_by_id if isinstance(row, Result) else row.user_id


def _audience(item: Item) -> frozenset[str]:
    challenge, row, pair = item
    return match_audience(
        challenge_organisation_id=challenge.organisation_id,
        challenge_region=challenge.region_code,
        offer_organisation_id=row.organisation_id if pair.shown else None,
        offer_user_id=_person(row) if pair.shown else None,
    )


def _tell(uow: UnitOfWork, challenge: Challenge, told: Sequence[tuple[Item, Match]]) -> None:
    """Notify the firm and the offers' people of new good matches; note a challenge's first for the figures."""
    levels = [match.open_level for _item, match in told]
    if not _found_before(uow, challenge):
        uow.record(
            "match.found", "challenge", challenge.id, SYSTEM,
            region_code=challenge.region_code, field=challenge.field,
            data={"count": len(told), "level": max(levels)},
        )  # fmt: skip
    members: Any = select(User.id).where(
        User.organisation_id == challenge.organisation_id, User.membership == Membership.ACTIVE.value
    )
    counts = {"title": challenge.title, "count": len(told), "strong": levels.count(Level.STRONG)}
    uow.notify(uow.session.scalars(members), "matches_found", f"/challenges/{challenge.ref}/matches", counts)
    for (_challenge, row, _pair), match in told:
        person = _person(row)
        if person is not None:
            params = {"title": challenge.title, "level": match.open_level}
            kind = "match_for_you" if isinstance(row, Result) else "match_for_expert"
            uow.notify([person], kind, f"/matches/{match.ref}", params)


def _found_before(uow: UnitOfWork, challenge: Challenge) -> bool:
    statement = select(Event.id).where(
        Event.subject_kind == "challenge", Event.subject_id == challenge.id, Event.name == "match.found"
    )
    return uow.session.scalar(statement.limit(1)) is not None
