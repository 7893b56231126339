"""Computing matches: read the truth, ask the engine for candidates, rank, store with reasons and versions.

Runs in the worker. Nothing is computed inside a write transaction: read and close, compute, then write in one short
unit of work. A match has two scores: `open` from open text alone (what others see and are notified by) and `full` from
all text (for the sealed audience). Sealed text is used on the query side only and never reaches the index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update

from jieti.domain.dates import china_day
from jieti.domain.identity import PUBLIC, SYSTEM
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.regions import SHANHAI_PAIRS, accelerated, regions
from jieti.domain.vocabulary import Membership
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Event, Expert, Match, Result, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching_texts import need_of, offer_of_expert, offer_of_result
from jieti.services.moves import Moves
from jieti.services.projection import listed_titles
from matcher.pipeline import Matcher
from matcher.policy import PolicyContext
from matcher.types import Level, Need, Offer
from matcher.types import Match as Computed
from search.ports import Kind, SearchEngine

KEPT = 20
"""Matches kept a challenge and kind (and challenges kept an offer)."""
CANDIDATES = 200
WORTH_KEEPING = Level.WEAK
WORTH_TELLING = Level.FAIR


@dataclass(frozen=True, slots=True)
class Pair:
    """One computed pair: by open text, and by all text (the same where nothing is sealed)."""

    open: Computed
    full: Computed


class Matching:
    def __init__(self, database: Database, search: SearchEngine, matcher: Matcher) -> None:
        self._database = database
        self._search = search
        self._matcher = matcher
        self._policy = county_policy(china_day(utcnow()))

    def refresh_challenge(self, challenge_id: int) -> int:
        """Match one challenge against results and experts; returns how many matches stand.

        Raises EngineUnavailable (nothing is changed then).
        """
        with UnitOfWork(self._database, read=True) as uow:
            challenge = uow.session.get(Challenge, challenge_id)
        if challenge is None:
            return 0
        if challenge.status not in challenge_states.MATCHABLE:
            self._retire(Match.challenge_id == challenge_id, unless_signed=challenge.status)
            return 0
        total = 0
        for kind in (Kind.RESULT, Kind.EXPERT):
            refs = self._candidates(challenge, kind)
            rows, offers = self._offers(kind, refs)
            pairs = self._rank(challenge, offers, kind)
            total += self._store_for_challenge(challenge, kind, rows, pairs)
        return total

    def refresh_result(self, result_id: int) -> int:
        """Match one result against the challenges that are looking; returns how many matches stand."""
        with UnitOfWork(self._database, read=True) as uow:
            result = uow.session.get(Result, result_id)
        if result is None:
            return 0
        if result.status not in result_states.MATCHABLE:
            self._retire(Match.result_id == result_id, unless_signed=result.status)
            return 0
        return self._refresh_offer(Kind.RESULT, result, offer_of_result(result))

    def refresh_expert(self, expert_id: int) -> int:
        with UnitOfWork(self._database, read=True) as uow:
            expert = uow.session.get(Expert, expert_id)
            titles = listed_titles(uow, [expert_id])
        if expert is None:
            return 0
        if not expert.listed:
            self._retire(Match.expert_id == expert_id)
            return 0
        return self._refresh_offer(Kind.EXPERT, expert, offer_of_expert(expert, titles.get(expert_id, ())))

    # -- candidates and ranking --------------------------------------------------------------------------------------

    def _candidates(self, challenge: Challenge, kind: Kind) -> list[str]:
        needs = [need_of(challenge, with_sealed=False)]
        if challenge.has_sealed:
            needs.append(need_of(challenge, with_sealed=True))
        refs: dict[str, None] = {}
        for need in needs:
            found = self._matcher.candidates(need, self._search, kind, frozenset({PUBLIC}), size=CANDIDATES)
            refs.update(dict.fromkeys(c.ref for c in found))
        return list(refs)

    def _offers(self, kind: Kind, refs: Sequence[str]) -> tuple[dict[str, Result | Expert], list[Offer]]:
        """The candidates as they stand in the database now (the index may lag), and in the matcher's terms."""
        with UnitOfWork(self._database, read=True) as uow:
            rows: dict[str, Result | Expert]
            if kind is Kind.RESULT:
                statement = select(Result).where(Result.ref.in_(refs), Result.status.in_(result_states.MATCHABLE))
                rows = {row.ref: row for row in uow.session.scalars(statement)}
                offers = [offer_of_result(row) for row in rows.values() if isinstance(row, Result)]
            else:
                experts = list(uow.session.scalars(select(Expert).where(Expert.ref.in_(refs), Expert.listed)))
                titles = listed_titles(uow, [e.id for e in experts])
                rows = {e.ref: e for e in experts}
                offers = [offer_of_expert(e, titles.get(e.id, ())) for e in experts]
        return rows, offers

    def _rank(self, challenge: Challenge, offers: Sequence[Offer], kind: Kind) -> dict[str, Pair]:
        """Scores for all candidates; explanations only for those worth keeping. By the offer's reference."""
        vectors = self._search.vectors(kind, [offer.id for offer in offers])

        def ranked(need: Need, chosen: Sequence[Offer], explain: bool) -> dict[str, Computed]:
            found = self._matcher.rank(need, chosen, explain=explain, offer_vectors=vectors, policy=self._policy)
            return {match.offer_id: match for match in found}

        open_need, full_need = _needs(challenge)
        opened = ranked(open_need, offers, False)
        full = opened if full_need is open_need else ranked(full_need, offers, False)
        worth = _worth_keeping(opened, full)
        chosen = [offer for offer in offers if offer.id in worth]
        opened = ranked(open_need, chosen, True)
        full = opened if full_need is open_need else ranked(full_need, chosen, True)
        return {ref: Pair(opened[ref], full[ref]) for ref in worth}

    def _rank_challenges(self, offer: Offer, challenges: Sequence[Challenge]) -> dict[str, Pair]:
        """The same pairs' scores from the offer's side. By the challenge's reference."""
        needs = {challenge.ref: _needs(challenge) for challenge in challenges}
        vectors = self._search.vectors(Kind.CHALLENGE, list(needs))  # made of open text

        def ranked(refs: Collection[str], side: int, explain: bool) -> dict[str, Computed]:
            chosen = [needs[ref][side] for ref in refs]
            known = vectors if side == 0 else None
            found = self._matcher.rank_needs(offer, chosen, explain=explain, need_vectors=known, policy=self._policy)
            return {match.need_id: match for match in found}

        sealed = [ref for ref, (open_need, full_need) in needs.items() if full_need is not open_need]
        opened = ranked(needs, 0, False)
        worth = _worth_keeping(opened, {**opened, **ranked(sealed, 1, False)})
        opened = ranked(worth, 0, True)
        full = {**opened, **ranked([ref for ref in worth if ref in sealed], 1, True)}
        return {ref: Pair(opened[ref], full[ref]) for ref in worth}

    # -- storing -----------------------------------------------------------------------------------------------------

    def _store_for_challenge(
        self, challenge: Challenge, kind: Kind, rows: Mapping[str, Result | Expert], kept: Mapping[str, Pair]
    ) -> int:
        column = Match.result_id if kind is Kind.RESULT else Match.expert_id
        with UnitOfWork(self._database) as uow:
            fresh = uow.session.get(Challenge, challenge.id)
            if fresh is None or fresh.version != challenge.version:
                return 0  # changed meanwhile: its own outbox row is waiting
            wanted = {rows[ref].id for ref in kept}
            uow.session.execute(
                update(Match)
                .where(Match.challenge_id == challenge.id, column.is_not(None), column.not_in(wanted))
                .values(current=False)
            )
            told = [self._store(uow, fresh, rows[ref], pair) for ref, pair in kept.items()]
            self._tell(uow, fresh, [match for match in told if match is not None])
        return len(kept)

    def _refresh_offer(self, kind: Kind, row: Result | Expert, offer: Offer) -> int:
        vector = self._matcher.encode_offer(offer)
        text = "\n".join((offer.title, " ".join(offer.keywords), offer.body))
        found = self._search.candidates(
            Kind.CHALLENGE, text=text, vector=vector, audience=frozenset({PUBLIC}), size=CANDIDATES
        )
        with UnitOfWork(self._database, read=True) as uow:
            statement = select(Challenge).where(
                Challenge.ref.in_([c.ref for c in found]), Challenge.status.in_(challenge_states.MATCHABLE)
            )
            challenges = list(uow.session.scalars(statement))
        pairs = self._rank_challenges(offer, challenges)
        kept = [(challenge, pairs[challenge.ref]) for challenge in challenges if challenge.ref in pairs]
        column = Match.result_id if kind is Kind.RESULT else Match.expert_id
        with UnitOfWork(self._database) as uow:
            uow.session.execute(
                update(Match)
                .where(column == row.id, Match.challenge_id.not_in([c.id for c, _pair in kept]))
                .values(current=False)
            )
            for challenge, pair in kept:
                match = self._store(uow, challenge, row, pair)
                self._tell(uow, challenge, [match] if match is not None else [])
        return len(kept)

    def _store(self, uow: UnitOfWork, challenge: Challenge, row: Result | Expert, pair: Pair) -> Match | None:
        """Insert or refresh one match; returns it where it is new and worth telling people of."""
        column = Match.result_id if isinstance(row, Result) else Match.expert_id
        match = uow.session.scalar(select(Match).where(Match.challenge_id == challenge.id, column == row.id))
        new = match is None
        if match is None:
            match = Match(challenge_id=challenge.id, **{column.key: row.id})
            uow.session.add(match)
        match.open_score, match.open_level = pair.open.score, int(pair.open.level)
        match.open_explanation = asdict(pair.open.explanation)
        match.full_score, match.full_level = pair.full.score, int(pair.full.level)
        match.full_explanation = asdict(pair.full.explanation)
        match.matcher_version = self._matcher.version
        match.challenge_version, match.offer_version = challenge.version, row.version
        match.current = True
        match.refreshed_at = utcnow()
        uow.session.flush()
        user_id = row.created_by_id if isinstance(row, Result) else row.user_id
        Moves(uow, SYSTEM).refresh_match(match, challenge, row.organisation_id, user_id)
        return match if new and pair.open.level >= WORTH_TELLING else None

    def _tell(self, uow: UnitOfWork, challenge: Challenge, matches: Sequence[Match]) -> None:
        """Notify the firm and the offers' people of new good matches, by the open score alone; note the first for the figures."""
        if not matches:
            return
        first = uow.session.scalar(
            select(Event.id)
            .where(Event.subject_kind == "challenge", Event.subject_id == challenge.id, Event.name == "match.found")
            .limit(1)
        )
        if first is None:
            uow.record(
                "match.found", "challenge", challenge.id, SYSTEM,
                region_code=challenge.region_code, field=challenge.field,
                data={"count": len(matches), "level": max(m.open_level for m in matches)},
            )  # fmt: skip
        owners = select(User.id).where(
            User.organisation_id == challenge.organisation_id, User.membership == Membership.ACTIVE.value
        )
        strong = sum(m.open_level == Level.STRONG for m in matches)
        uow.notify(
            uow.session.scalars(owners),
            "matches_found",
            f"/challenges/{challenge.ref}/matches",
            {"title": challenge.title, "count": len(matches), "strong": strong},
        )
        for match in matches:
            user_id = self._offer_user(uow, match)
            if user_id is not None:
                uow.notify(
                    [user_id],
                    "match_for_you",
                    f"/matches/{match.ref}",
                    {"title": challenge.title, "level": match.open_level},
                )

    @staticmethod
    def _offer_user(uow: UnitOfWork, match: Match) -> int | None:
        if match.result_id is not None:
            return uow.session.scalar(select(Result.created_by_id).where(Result.id == match.result_id))
        return uow.session.scalar(select(Expert.user_id).where(Expert.id == match.expert_id))

    def _retire(self, condition: Any, unless_signed: str = "") -> None:
        """A listing that is not looking any more: its matches are kept for their verdicts and deals, but stand no longer.

        Matches of what ended in a contract stay: they say how it came about.
        """
        if unless_signed in {"awarded", "signed", "solving", "solved", "contracted"}:
            return
        with UnitOfWork(self._database) as uow:
            uow.session.execute(update(Match).where(condition).values(current=False))


def county_policy(on: dt.date) -> PolicyContext:
    """What the county policies say on this day: 加快发展县 and 山海协作, weighed and shown as such by the matcher."""
    return PolicyContext(
        accelerated=frozenset(code for code in regions() if accelerated(code, on)), shanhai=SHANHAI_PAIRS
    )


def _needs(challenge: Challenge) -> tuple[Need, Need]:
    """(open, full): one and the same where nothing is sealed."""
    open_need = need_of(challenge, with_sealed=False)
    return open_need, need_of(challenge, with_sealed=True) if challenge.has_sealed else open_need


def _worth_keeping(opened: Mapping[str, Computed], full: Mapping[str, Computed]) -> list[str]:
    """The best by either score, at most KEPT, none below WORTH_KEEPING."""
    best = {ref: max((m.level, m.score), (full[ref].level, full[ref].score)) for ref, m in opened.items()}
    worth = [ref for ref, (level, _score) in best.items() if level >= WORTH_KEEPING]
    return sorted(worth, key=lambda ref: best[ref], reverse=True)[:KEPT]
