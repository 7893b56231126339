"""People's verdicts and signed deals as judged pairs, for the next training: the format of matcher/evaluation/data.py.

A pair (challenge, result) gets one level, of the strongest thing that is known of it:

1. a deal of the pair with a signed contract that was not cancelled: 4;
2. else the verdict of a broker, else of the challenge's firm, else of an officer, else of the offer's own side; of several
   in one role the latest. Fits: 3. Does not fit: 1 where the reason is the topic (领域) or another one; 2 where the topic
   is right and something else is in the way (indicators, maturity, taken, region or mode).

The order is that of the labels the models were first fitted on, which are transfer staff's. Only public listings take part
(a withdrawn one was taken back), and results alone: an expert's page is text about a person. No names of people, no
contacts, no notes; ways to reach somebody that stand in the text itself are cut out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day, china_midnight
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.lifecycles.deal import SIGNED
from jieti.domain.vocabulary import RejectionReason, Role
from jieti.persistence.models import Challenge, Contract, Deal, Match, MatchVerdict, Organisation, Result
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching_texts import need_of, offer_of_result

BATCH = 200
"""Pairs read at once: what is held in memory, beside the numbers of the listings written so far."""
BOUND = sorted(SIGNED | {"settled"})
"""Stages of a deal whose contract stands."""
AUTHORITY = (Role.BROKER.value, Role.ENTERPRISE.value, Role.OFFICER.value, Role.RESEARCHER.value)
BESIDE_THE_TOPIC = frozenset(
    {RejectionReason.INDICATORS, RejectionReason.MATURITY, RejectionReason.TAKEN, RejectionReason.REGION_OR_MODE}
)
_WAYS_TO_REACH = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d.])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d|\.\d)|(?<![\d.])0\d{2,3}[ -]\d{7,8}(?:-\d{1,6})?(?!\d|\.\d)"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judged pair with where it comes from. `level`: 1..4, as staff's labels. `given`: the matcher's level at the time."""

    need: str
    result: str
    level: int
    source: str  # signed, fits or does_not_fit
    reason: str
    role: str
    given: int | None
    matcher_version: str
    judged_on: dt.date


@dataclass(frozen=True, slots=True)
class Listing:
    """A need or a result as one line of its file."""

    id: str
    title: str
    body: str
    keywords: tuple[str, ...]
    sealed: bool = False


@dataclass
class Tally:
    """What was left out, and how much was written."""

    pairs: int = 0
    needs: int = 0
    results: int = 0
    not_public: int = 0
    levels: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """A judgement, and the two texts where they were not given before."""

    judgement: Judgement
    need: Listing | None
    result: Listing | None


class Feedback:
    """For the operator at the server's command line: it reads past the audiences, and says so by asking for no identity."""

    def __init__(self, uow: UnitOfWork, *, since: dt.date | None = None, with_sealed: bool = False) -> None:
        self._uow = uow
        self._since = None if since is None else china_midnight(since)
        self._since_day = since
        self._with_sealed = with_sealed
        self.tally = Tally()
        self._written: tuple[set[int], set[int]] = (set(), set())

    def count(self) -> int:
        """Pairs to look at, for the progress bar: at least as many as are written."""
        judged = select(func.count()).select_from(Match).where(self._judged())
        signed = select(func.count()).select_from(Deal).where(self._signed(), ~self._has_verdict())
        return (self._uow.session.scalar(judged) or 0) + (self._uow.session.scalar(signed) or 0)

    def pairs(self) -> Iterator[Pair | None]:
        """Every judged pair once; None for one that is left out (it counts for the progress)."""
        yield from self._of_matches()
        yield from self._of_deals()

    # -- pairs with a verdict ----------------------------------------------------------------------------------------

    def _of_matches(self) -> Iterator[Pair | None]:
        last = 0
        while True:
            matches = self._uow.session.scalars(
                select(Match).where(self._judged(), Match.id > last).order_by(Match.id).limit(BATCH)
            ).all()
            if not matches:
                return
            last = matches[-1].id
            verdicts = self._verdicts([m.id for m in matches])
            signed = self._signed_on([(m.challenge_id, m.result_id or 0) for m in matches])
            listings = self._listings([m.challenge_id for m in matches], [m.result_id or 0 for m in matches])
            for match in matches:
                day = signed.get((match.challenge_id, match.result_id or 0))
                verdict = verdicts[match.id]
                yield self._pair(match.challenge_id, match.result_id or 0, listings, day, verdict)
            self._uow.session.expunge_all()

    def _judged(self) -> ColumnElement[bool]:
        verdict = exists().where(MatchVerdict.match_id == Match.id, *self._verdict_since())
        return and_(Match.result_id.is_not(None), verdict)

    def _verdict_since(self) -> tuple[ColumnElement[bool], ...]:
        return () if self._since is None else (MatchVerdict.at >= self._since,)

    def _verdicts(self, ids: Sequence[int]) -> dict[int, MatchVerdict]:
        """The most authoritative one of each match."""
        best: dict[int, MatchVerdict] = {}
        for verdict in self._uow.session.scalars(
            select(MatchVerdict).where(MatchVerdict.match_id.in_(ids), *self._verdict_since())
        ):
            known = best.get(verdict.match_id)
            if known is None or _weight(verdict) > _weight(known):
                best[verdict.match_id] = verdict
        return best

    # -- signed deals without a verdict: a firm's old challenges -----------------------------------------------------

    def _of_deals(self) -> Iterator[Pair | None]:
        last, told = 0, set[tuple[int, int]]()
        while True:
            deals = self._uow.session.execute(
                select(Deal.id, Deal.challenge_id, Deal.result_id)
                .where(self._signed(), ~self._has_verdict(), Deal.id > last)
                .order_by(Deal.id)
                .limit(BATCH)
            ).all()
            if not deals:
                return
            last = deals[-1][0]
            pairs = [(row[1], row[2] or 0) for row in deals]
            signed = self._signed_on(pairs)
            listings = self._listings([p[0] for p in pairs], [p[1] for p in pairs])
            for pair in pairs:
                if pair in told:  # signed twice: one pair
                    yield None
                    continue
                told.add(pair)
                yield self._pair(*pair, listings, signed[pair], None)
            self._uow.session.expunge_all()

    def _signed(self) -> ColumnElement[bool]:
        contract = exists().where(Contract.deal_id == Deal.id, *self._contract_since())
        return and_(Deal.stage.in_(BOUND), Deal.result_id.is_not(None), contract)

    def _contract_since(self) -> tuple[ColumnElement[bool], ...]:
        return () if self._since_day is None else (Contract.signed_on >= self._since_day,)

    def _has_verdict(self) -> ColumnElement[bool]:
        return exists().where(
            Match.challenge_id == Deal.challenge_id, Match.result_id == Deal.result_id, self._judged()
        )

    def _signed_on(self, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], dt.date]:
        """The day of the pair's contract, whenever that was: a fitting verdict of today is of the deal of last year."""
        rows = self._uow.session.execute(
            select(Deal.challenge_id, Deal.result_id, func.max(Contract.signed_on))
            .join(Contract, Contract.deal_id == Deal.id)
            .where(Deal.stage.in_(BOUND), tuple_(Deal.challenge_id, Deal.result_id).in_(pairs))
            .group_by(Deal.challenge_id, Deal.result_id)
        )
        return {(row[0], row[1] or 0): row[2] for row in rows}

    # -- texts -------------------------------------------------------------------------------------------------------

    def _pair(
        self,
        challenge_id: int,
        result_id: int,
        listings: tuple[dict[int, Challenge], dict[int, Result]],
        signed_on: dt.date | None,
        verdict: MatchVerdict | None,
    ) -> Pair | None:
        challenge, result = listings[0].get(challenge_id), listings[1].get(result_id)
        if challenge is None or result is None:
            self.tally.not_public += 1
            return None
        judgement = _judgement(challenge.ref, result.ref, signed_on, verdict)
        tally, (needs, results) = self.tally, self._written
        tally.pairs += 1
        tally.levels[judgement.level] = tally.levels.get(judgement.level, 0) + 1
        need = offer = None
        if challenge_id not in needs:
            needs.add(challenge_id)
            tally.needs += 1
            need = self._need(challenge)
        if result_id not in results:
            results.add(result_id)
            tally.results += 1
            offer = self._result(result)
        return Pair(judgement, need, offer)

    def _listings(
        self, challenges: Sequence[int], results: Sequence[int]
    ) -> tuple[dict[int, Challenge], dict[int, Result]]:
        """The public ones among them."""
        session = self._uow.session
        needs = session.scalars(
            select(Challenge)
            .where(Challenge.id.in_(challenges), Challenge.status.in_(sorted(challenge_states.PUBLIC)))
            .options(joinedload(Challenge.organisation), joinedload(Challenge.created_by))
        )
        offers = session.scalars(
            select(Result)
            .where(Result.id.in_(results), Result.status.in_(sorted(result_states.PUBLIC)))
            .options(joinedload(Result.organisation), joinedload(Result.created_by))
        )
        return {c.id: c for c in needs}, {r.id: r for r in offers}

    def _need(self, challenge: Challenge) -> Listing:
        need = need_of(challenge, with_sealed=self._with_sealed)
        sealed = self._with_sealed and challenge.has_sealed
        names = _people(challenge, challenge.organisation if challenge.anonymous else None)
        body = "\n".join(filter(None, (need.body, need.sealed)))
        return _listing(need.id, need.title, body, need.keywords, names, sealed)

    def _result(self, result: Result) -> Listing:
        offer = offer_of_result(result)
        return _listing(offer.id, offer.title, offer.body, offer.keywords, _people(result, None), False)


def _judgement(need: str, result: str, signed_on: dt.date | None, verdict: MatchVerdict | None) -> Judgement:
    source = "signed" if signed_on else "fits" if verdict and verdict.fits else "does_not_fit"
    day = signed_on or (china_day(verdict.at) if verdict else None)
    assert day is not None  # a pair comes of a contract or of a verdict
    return Judgement(
        need=need,
        result=result,
        level=level_of(
            signed=signed_on is not None, fits=bool(verdict and verdict.fits), reason=verdict.reason if verdict else ""
        ),
        source=source,
        reason=verdict.reason if verdict and source == "does_not_fit" else "",
        role=verdict.role if verdict and source != "signed" else "",
        given=verdict.level if verdict and verdict.level else None,
        matcher_version=verdict.matcher_version if verdict else "",
        judged_on=day,
    )


def level_of(*, signed: bool, fits: bool, reason: str) -> int:
    """4 signed; 3 fits; 2 the topic is right; 1 it is not."""
    if signed:
        return 4
    if fits:
        return 3
    return 2 if reason in BESIDE_THE_TOPIC else 1


def _weight(verdict: MatchVerdict) -> tuple[int, dt.datetime, int]:
    rank = AUTHORITY.index(verdict.role) if verdict.role in AUTHORITY else len(AUTHORITY)
    return -rank, verdict.at, verdict.id


def _people(listing: Challenge | Result, firm: Organisation | None) -> list[str]:
    """Names that must not leave with the text: the contact's, the author's, and a firm's that asked not to be named."""
    names = [listing.contact_name, listing.created_by.name if listing.created_by else "", firm.name if firm else ""]
    return [name.strip() for name in names if len(name.strip()) >= 2]


def _listing(name: str, title: str, body: str, keywords: Sequence[str], people: Sequence[str], sealed: bool) -> Listing:
    def clean(text: str) -> str:
        for person in people:
            text = text.replace(person, "")
        return _WAYS_TO_REACH.sub("", text)

    return Listing(name, clean(title), clean(body), tuple(clean(word) for word in keywords), sealed)
