"""Computing matches: read the truth, ask the engine for candidates, rank, store with reasons and versions.

Runs in the worker. Nothing is computed inside a write transaction: read and close, compute, then write in one short
unit of work. A match has two scores: `open` from open text alone (what others see and are notified by) and `full` from
all text (for the sealed audience). Sealed text is used on the query side only and never reaches the index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from jieti.domain.dates import china_day
from jieti.domain.identity import PUBLIC
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.regions import SHANHAI_PAIRS, accelerated, regions
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Expert, Result, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching_store import MatchStore, Pair
from jieti.services.matching_texts import need_of, offer_of_expert, offer_of_result
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
Scores = Mapping[str, Computed]


class Matching:
    def __init__(
        self,
        database: Database,
        search: SearchEngine,
        matcher: Matcher,
        *,
        challenge_statuses: Collection[str] = challenge_states.MATCHABLE,
        result_statuses: Collection[str] = result_states.MATCHABLE,
    ) -> None:
        """Statuses: of the challenges that look for a match, and of the results that offer one."""
        self._challenge_statuses = challenge_statuses
        self._result_statuses = result_statuses
        self._database = database
        self._search = search
        self._matcher = matcher
        self._store = MatchStore(database, matcher.version)
        self._policy = county_policy(china_day(utcnow()))

    def refresh_challenge(self, challenge_id: int) -> int:
        """Match one challenge against results and experts; returns how many matches stand.

        Raises EngineUnavailable (nothing is changed then).
        """
        with UnitOfWork(self._database, read=True) as uow:
            challenge = uow.session.get(Challenge, challenge_id)
        if challenge is None:
            return 0
        if challenge.status not in self._challenge_statuses:
            self._store.retire_challenge(challenge)
            return 0
        total = 0
        for kind in (Kind.RESULT, Kind.EXPERT):
            by_open, by_full = self._candidates(challenge, kind)
            rows, offers = self._offers(kind, [*by_open, *by_full])
            pairs = self._rank(challenge, offers, kind, frozenset(by_open))
            total += self._store.of_challenge(challenge, kind, [(rows[ref], pair) for ref, pair in pairs.items()])
        return total

    def refresh_result(self, result_id: int) -> int:
        """Match one result against the challenges that are looking; returns how many matches stand."""
        with UnitOfWork(self._database, read=True) as uow:
            result = uow.session.get(Result, result_id)
        if result is None:
            return 0
        if result.status not in self._result_statuses:
            self._store.retire_result(result)
            return 0
        return self._refresh_offer(result, offer_of_result(result))

    def refresh_expert(self, expert_id: int) -> int:
        with UnitOfWork(self._database, read=True) as uow:
            expert = uow.session.get(Expert, expert_id)
            titles = listed_titles(uow, [expert_id])
        if expert is None:
            return 0
        if not expert.listed:
            self._store.retire_expert(expert)
            return 0
        return self._refresh_offer(expert, offer_of_expert(expert, titles.get(expert_id, ())))

    # -- candidates --------------------------------------------------------------------------------------------------

    def _candidates(self, challenge: Challenge, kind: Kind) -> tuple[list[str], list[str]]:
        """References found by the open text, and those that only the sealed text finds."""
        audience = frozenset({PUBLIC})

        def found(need: Need) -> list[str]:
            return [c.ref for c in self._matcher.candidates(need, self._search, kind, audience, size=CANDIDATES)]

        open_need, full_need = _needs(challenge)
        by_open = found(open_need)
        if full_need is open_need:
            return by_open, []
        known = set(by_open)
        return by_open, [ref for ref in found(full_need) if ref not in known]

    def _offers(self, kind: Kind, refs: Sequence[str]) -> tuple[dict[str, Result | Expert], list[Offer]]:
        """The candidates as they stand in the database now (the index may lag), and in the matcher's terms."""
        with UnitOfWork(self._database, read=True) as uow:
            rows: dict[str, Result | Expert]
            if kind is Kind.RESULT:
                statement = select(Result).where(Result.ref.in_(refs), Result.status.in_(self._result_statuses))
                rows = {row.ref: row for row in uow.session.scalars(statement)}
                return rows, [offer_of_result(row) for row in rows.values() if isinstance(row, Result)]
            experts = list(uow.session.scalars(select(Expert).where(Expert.ref.in_(refs), Expert.listed)))
            titles = listed_titles(uow, [e.id for e in experts])
            rows = {e.ref: e for e in experts}
            return rows, [offer_of_expert(e, titles.get(e.id, ())) for e in experts]

    # -- ranking -----------------------------------------------------------------------------------------------------

    def _rank(
        self, challenge: Challenge, offers: Sequence[Offer], kind: Kind, by_open: Collection[str]
    ) -> dict[str, Pair]:
        """Scores for all candidates; explanations only for those worth keeping. By the offer's reference."""
        vectors = self._search.vectors(kind, [offer.id for offer in offers])

        def ranked(need: Need, chosen: Sequence[Offer], explain: bool, policy: bool = True) -> dict[str, Computed]:
            context = self._policy if policy else None
            found = self._matcher.rank(need, chosen, explain=explain, offer_vectors=vectors, policy=context)
            return {match.offer_id: match for match in found}

        def plain(need: Need, matches: Scores) -> dict[str, float]:
            moved = [offer for offer in chosen if _moved_by_policy(matches[offer.id])]
            return (
                {ref: match.score for ref, match in ranked(need, moved, False, policy=False).items()} if moved else {}
            )

        open_need, full_need = _needs(challenge)
        opened = ranked(open_need, offers, False)
        full = opened if full_need is open_need else ranked(full_need, offers, False)
        shown = _best({ref: match for ref, match in opened.items() if ref in by_open})
        worth = dict.fromkeys([*shown, *_best(full)])
        chosen = [offer for offer in offers if offer.id in worth]
        opened = ranked(open_need, chosen, True)
        full = opened if full_need is open_need else ranked(full_need, chosen, True)
        open_plain = plain(open_need, opened)
        full_plain = open_plain if full_need is open_need else plain(full_need, full)
        return {
            ref: Pair(opened[ref], full[ref], ref in shown, open_plain.get(ref), full_plain.get(ref)) for ref in worth
        }

    def _refresh_offer(self, row: Result | Expert, offer: Offer) -> int:
        """The same pairs from the offer's side."""
        vector = self._matcher.encode_offer(offer)
        text = "\n".join((offer.title, " ".join(offer.keywords), offer.body))
        found = self._search.candidates(
            Kind.CHALLENGE, text=text, vector=vector, audience=frozenset({PUBLIC}), size=CANDIDATES
        )
        with UnitOfWork(self._database, read=True) as uow:
            statement = select(Challenge).where(
                Challenge.ref.in_([c.ref for c in found]), Challenge.status.in_(self._challenge_statuses)
            )
            challenges = {challenge.ref: challenge for challenge in uow.session.scalars(statement)}
        pairs = self._rank_challenges(offer, list(challenges.values()))
        return self._store.of_offer(row, [(challenges[ref], pair) for ref, pair in pairs.items()])

    def _rank_challenges(self, offer: Offer, challenges: Sequence[Challenge]) -> dict[str, Pair]:
        """By the challenge's reference."""
        needs = {challenge.ref: _needs(challenge) for challenge in challenges}
        vectors = self._search.vectors(Kind.CHALLENGE, list(needs))  # made of open text

        def ranked(refs: Collection[str], side: int, explain: bool, policy: bool = True) -> dict[str, Computed]:
            chosen = [needs[ref][side] for ref in refs]
            known = vectors if side == 0 else None
            context = self._policy if policy else None
            found = self._matcher.rank_needs(offer, chosen, explain=explain, need_vectors=known, policy=context)
            return {match.need_id: match for match in found}

        def plain(matches: Scores, side: int) -> dict[str, float]:
            moved = [ref for ref, match in matches.items() if _moved_by_policy(match)]
            return (
                {ref: match.score for ref, match in ranked(moved, side, False, policy=False).items()} if moved else {}
            )

        sealed = {ref for ref, (open_need, full_need) in needs.items() if full_need is not open_need}
        opened = ranked(list(needs), 0, False)
        shown = _best(opened)
        worth = dict.fromkeys([*shown, *_best({**opened, **ranked(sorted(sealed), 1, False)})])
        opened = ranked(list(worth), 0, True)
        with_sealed = ranked([ref for ref in worth if ref in sealed], 1, True)
        full = {**opened, **with_sealed}
        open_plain = plain(opened, 0)
        full_plain = {ref: score for ref, score in open_plain.items() if ref not in sealed} | plain(with_sealed, 1)
        return {
            ref: Pair(opened[ref], full[ref], ref in shown, open_plain.get(ref), full_plain.get(ref)) for ref in worth
        }


def county_policy(on: dt.date) -> PolicyContext:
    """What the county policies say on this day: 加快发展县 and 山海协作, weighed and shown as such by the matcher."""
    return PolicyContext(
        accelerated=frozenset(code for code in regions() if accelerated(code, on)), shanhai=SHANHAI_PAIRS, on=on
    )


def _moved_by_policy(match: Computed) -> bool:
    return any(c.value and c.name.startswith("policy.") for c in match.explanation.contributions)


def _needs(challenge: Challenge) -> tuple[Need, Need]:
    """(open, full): one and the same where nothing is sealed."""
    open_need = need_of(challenge, with_sealed=False)
    return open_need, need_of(challenge, with_sealed=True) if challenge.has_sealed else open_need


def _best(scores: Scores) -> list[str]:
    """The best references, at most KEPT, none below WORTH_KEEPING."""
    worth = [ref for ref, match in scores.items() if match.level >= WORTH_KEEPING]
    return sorted(worth, key=lambda ref: (scores[ref].level, scores[ref].score), reverse=True)[:KEPT]
