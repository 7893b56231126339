"""The county's figures, recomputed from events: how a published challenge went on to matched, contacted, signed.

The definition (shown on the page as 怎么算的): the cohort is the challenges whose *first* `challenge.publish` event lies
in the period and in the county. Of these, *matched* have a `match.found` event, *contacted* have a deal with a
`deal.open` event, *signed* have a deal with a `deal.sign_contract` event, each whenever it happened. Amounts are the
`contract_value` and `tech_value` (万元) that the signing events carry (a later correction's, where there is one). Nothing is counted that has no event, and every
figure can be opened to its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Subquery, func, select

from jieti.domain.dates import china_day, china_midnight
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Challenge, Deal, Event, Organisation
from jieti.persistence.unit_of_work import UnitOfWork

STAGES = ("published", "matched", "contacted", "signed")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Selection:
    """What is counted: publication days (both included, in China), and a field where one is chosen."""

    since: dt.date
    until: dt.date
    field: str = ""

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """Naive UTC, half open."""
        return china_midnight(self.since), china_midnight(self.until + dt.timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Row:
    """One challenge of the cohort, with the moments of its stages (naive UTC) and the amounts signed (万元)."""

    id: int
    ref: str
    title: str
    organisation: str
    field: str
    published_at: dt.datetime
    matched_at: dt.datetime | None
    contacted_at: dt.datetime | None
    signed_at: dt.datetime | None
    contract_value: Decimal = Decimal(0)
    tech_value: Decimal = Decimal(0)

    @property
    def month(self) -> str:
        return china_day(self.published_at).strftime("%Y-%m")

    def reached(self, stage: str) -> bool:
        return getattr(self, f"{stage}_at") is not None


@dataclass(slots=True)
class Tally:
    published: int = 0
    matched: int = 0
    contacted: int = 0
    signed: int = 0
    contract_value: Decimal = Decimal(0)
    tech_value: Decimal = Decimal(0)

    def add(self, row: Row) -> None:
        for stage in STAGES:
            if row.reached(stage):
                setattr(self, stage, getattr(self, stage) + 1)
        self.contract_value += row.contract_value
        self.tech_value += row.tech_value


@dataclass(frozen=True, slots=True)
class Figures:
    total: Tally
    by_month: dict[str, Tally] = field(default_factory=dict)
    by_field: dict[str, Tally] = field(default_factory=dict)


class FiguresService:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._identity = identity

    def figures(self, selection: Selection) -> Figures:
        """The funnel, by month of publication and by field."""
        require(self._identity, Permission.SEE_FIGURES)
        total, by_month, by_field = Tally(), dict[str, Tally](), dict[str, Tally]()
        for row in self._cohort(selection):
            total.add(row)
            by_month.setdefault(row.month, Tally()).add(row)
            by_field.setdefault(row.field, Tally()).add(row)
        months = dict(sorted(by_month.items(), reverse=True))
        fields = dict(sorted(by_field.items(), key=lambda item: (-item[1].published, item[0])))
        return Figures(total, months, fields)

    def rows(self, selection: Selection, stage: str, page: int = 1) -> tuple[list[Row], int]:
        """The challenges behind one figure, newest first: (a page of them, how many in all)."""
        require(self._identity, Permission.SEE_FIGURES)
        reached = [row for row in self._cohort(selection) if row.reached(stage if stage in STAGES else "published")]
        start = (max(page, 1) - 1) * PAGE_SIZE
        return reached[start : start + PAGE_SIZE], len(reached)

    def all_rows(self, selection: Selection) -> Iterator[Row]:
        """For exports, streamed."""
        require(self._identity, Permission.SEE_FIGURES)
        yield from self._cohort(selection)

    # -- the query ---------------------------------------------------------------------------------------------------

    def _cohort(self, selection: Selection) -> Iterator[Row]:
        since, until = selection.bounds
        published = self._first("challenge.publish")
        matched = self._first("match.found")
        contacted = self._first_of_deals("deal.open")
        signed = self._first_of_deals("deal.sign_contract")
        statement = (
            select(
                Challenge.id,
                Challenge.ref,
                Challenge.title,
                Organisation.name,
                Challenge.field,
                published.c.at,
                matched.c.at,
                contacted.c.at,
                signed.c.at,
            )
            .join(published, published.c.challenge_id == Challenge.id)
            .join(Organisation, Organisation.id == Challenge.organisation_id)
            .outerjoin(matched, matched.c.challenge_id == Challenge.id)
            .outerjoin(contacted, contacted.c.challenge_id == Challenge.id)
            .outerjoin(signed, signed.c.challenge_id == Challenge.id)
            .where(published.c.at >= since, published.c.at < until)
            .order_by(published.c.at.desc(), Challenge.id)
            .execution_options(yield_per=500)
        )
        if selection.field:
            statement = statement.where(Challenge.field == selection.field)
        amounts = self._amounts()
        nothing = (Decimal(0), Decimal(0))
        for values in self._uow.session.execute(statement):
            values_and_amounts: tuple[Any, ...] = (*values, *amounts.get(values[0], nothing))
            yield Row(*values_and_amounts)

    def _region(self) -> tuple[object, ...]:
        """Officers see their counties, the province sees all."""
        if Role.PROVINCE in self._identity.roles:
            return ()
        return (Event.region_code.in_(sorted(self._identity.regions)),)

    def _first(self, name: str) -> Subquery:
        return (
            select(Event.subject_id.label("challenge_id"), func.min(Event.at).label("at"))
            .where(Event.name == name, Event.subject_kind == "challenge", *self._region())  # type: ignore[arg-type]
            .group_by(Event.subject_id)
            .subquery()
        )

    def _first_of_deals(self, name: str) -> Subquery:
        return (
            select(Deal.challenge_id.label("challenge_id"), func.min(Event.at).label("at"))
            .join(Deal, Deal.id == Event.subject_id)
            .where(Event.name == name, Event.subject_kind == "deal", *self._region())  # type: ignore[arg-type]
            .group_by(Deal.challenge_id)
            .subquery()
        )

    def _amounts(self) -> dict[int, tuple[Decimal, Decimal]]:
        """Signed amounts by challenge: each deal's newest signing or correction, summed over a challenge's deals."""
        statement = (
            select(Deal.challenge_id, Deal.id, Event.data)
            .join(Deal, Deal.id == Event.subject_id)
            .where(
                Event.name.in_(("deal.sign_contract", "deal.correct_contract")),
                Event.subject_kind == "deal",
                *self._region(),  # type: ignore[arg-type]
            )
            .order_by(Event.at, Event.id)
        )
        newest = {(row[0], row[1]): row[2] for row in self._uow.session.execute(statement)}
        sums: dict[int, tuple[Decimal, Decimal]] = {}
        for (challenge_id, _deal_id), data in newest.items():
            contract, tech = sums.get(challenge_id, (Decimal(0), Decimal(0)))
            sums[challenge_id] = (
                contract + Decimal(data.get("contract_value") or 0),
                tech + Decimal(data.get("tech_value") or 0),
            )
        return sums


def month_choices(today: dt.date, count: int = 12) -> Sequence[str]:
    """This month and the ones before it, as YYYY-MM."""
    months = []
    year, month = today.year, today.month
    for _ in range(count):
        months.append(f"{year}-{month:02d}")
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return months
