"""Lists of deals and the board: overdue next steps first, since deals die of silence. Bounded queries, always paginated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from jieti.domain.dates import china_day
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import DEAL, Transition
from jieti.domain.lifecycles.deal import ENDED, STATUSES
from jieti.domain.permissions import Permission, permissions_of, require
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Contract, Deal, DealParticipant, utcnow
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.actors import deal_actors
from jieti.services.deals import WITH_PARTIES, Clock

PAGE_SIZE = 20
COLUMN_SIZE = 30
FOLDED_SIZE = 10

COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("intent", ("intent",)),
    ("agreed", ("agreed",)),
    ("nda_signed", ("nda_signed",)),
    ("contract_signed", ("contract_signed",)),
    ("registering", ("registering", "registered", "not_registered")),
    ("performing", ("performing", "changed", "disputed", "accepted")),
    ("settled", ("settled",)),
    ("declined", ("declined", "cancelled")),
)
"""The board's columns by the stage that a card dropped there goes to, and the stages each shows; ended ones are folded."""


class Scope(StrEnum):
    MINE = "mine"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class DealRow:
    """One deal in a list. `amount`: 合同成交额 where signed, else the challenge's budget (None: 面议), in 万元."""

    deal: Deal
    amount: Decimal | None
    signed: bool
    overdue: bool
    moves: tuple[Transition, ...] = ()


@dataclass(frozen=True, slots=True)
class DealPage:
    rows: Sequence[DealRow]
    number: int
    pages: int
    total: int
    overdue: int
    by_stage: dict[str, int]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    status: str
    rows: Sequence[DealRow]
    count: int  # of all, shown or not
    folded: bool


def scopes_of(identity: Identity) -> tuple[Scope, ...]:
    """The scopes a person may look at, their own first choice first."""
    if identity.roles & {Role.OFFICER, Role.PROVINCE}:
        return (Scope.COUNTY, Scope.MINE)
    return (Scope.MINE,)


def in_scope(identity: Identity, scope: Scope) -> ColumnElement[bool]:
    """MINE: led by me, with me on it, or of my organisation. COUNTY: all of the counties served (the province: all)."""
    if scope is Scope.COUNTY:
        if Role.PROVINCE in identity.roles:
            return visible(Deal, identity)
        return and_(Deal.region_code.in_(sorted(identity.regions)), visible(Deal, identity))
    if identity.user_id is None:
        return false()
    takes_part = exists().where(DealParticipant.deal_id == Deal.id, DealParticipant.user_id == identity.user_id)
    mine: list[ColumnElement[bool]] = [Deal.broker_id == identity.user_id, takes_part]
    if identity.organisation_id is not None and identity.active_member:
        mine += [Deal.buyer_id == identity.organisation_id, Deal.seller_id == identity.organisation_id]
    return and_(or_(*mine), visible(Deal, identity))


class DealLists:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._today = china_day(clock())

    def page(
        self, scope: Scope, *, stages: Sequence[str] = (), overdue: bool = False, number: int = 1, size: int = PAGE_SIZE
    ) -> DealPage:
        """Overdue first, then by next step, ended ones last. An unknown stage narrows nothing."""
        require(self._identity, Permission.SEE_DEALS)
        scope = scope if scope in scopes_of(self._identity) else Scope.MINE
        base = in_scope(self._identity, scope)
        session = self._uow.session
        running = Deal.stage.not_in(sorted(ENDED))
        late = and_(running, Deal.next_step_on < self._today)
        counts: dict[str, int] = dict(
            session.execute(select(Deal.stage, func.count()).where(base).group_by(Deal.stage)).all()
        )
        late_count = session.scalar(select(func.count()).select_from(Deal).where(base, late)) or 0
        where = [base]
        known = [stage for stage in stages if stage in STATUSES]
        if known:
            where.append(Deal.stage.in_(known))
        if overdue:
            where.append(late)
        total = session.scalar(select(func.count()).select_from(Deal).where(*where)) or 0
        pages = max(1, -(-total // size))
        number = min(max(1, number), pages)
        deals = session.scalars(
            select(Deal)
            .where(*where)
            .options(*WITH_PARTIES)
            .order_by(
                case((running, 0), else_=1),
                Deal.next_step_on.is_(None),
                case((running, Deal.next_step_on)),
                Deal.updated_at.desc(),
                Deal.id,
            )
            .limit(size)
            .offset((number - 1) * size)
        ).all()
        return DealPage(self._rows(deals), number, pages, total, late_count, counts)

    def board(self, scope: Scope) -> list[BoardColumn]:
        """All columns, at most COLUMN_SIZE cards each (FOLDED_SIZE of the ended): the rest is in the list."""
        require(self._identity, Permission.SEE_DEALS)
        scope = scope if scope in scopes_of(self._identity) else Scope.MINE
        base = in_scope(self._identity, scope)
        session = self._uow.session
        column = case(*((Deal.stage.in_(stages), name) for name, stages in COLUMNS), else_="")
        place = func.row_number().over(
            partition_by=column,
            order_by=(Deal.next_step_on.is_(None), Deal.next_step_on, Deal.updated_at.desc(), Deal.id),
        )
        ranked = select(Deal.id, column.label("column"), place.label("place")).where(base).subquery()
        limit = case((ranked.c.column.in_(["settled", "declined"]), FOLDED_SIZE), else_=COLUMN_SIZE)
        deals = session.scalars(
            select(Deal)
            .join(ranked, ranked.c.id == Deal.id)
            .where(ranked.c.place <= limit)
            .options(*WITH_PARTIES)
            .order_by(ranked.c.place)
        ).all()
        counts: dict[str, int] = dict(
            session.execute(select(Deal.stage, func.count()).where(base).group_by(Deal.stage)).all()
        )
        rows = self._rows(deals, moves=Permission.MOVE_DEAL in permissions_of(self._identity))
        return [
            BoardColumn(
                status=name,
                rows=[row for row in rows if row.deal.stage in stages],
                count=sum(counts.get(stage, 0) for stage in stages),
                folded=set(stages) <= ENDED,
            )
            for name, stages in COLUMNS
        ]

    def _rows(self, deals: Sequence[Deal], *, moves: bool = False) -> list[DealRow]:
        values = self._contract_values([deal.id for deal in deals])
        return [
            DealRow(
                deal=deal,
                amount=values.get(deal.id, deal.challenge.budget),
                signed=deal.id in values,
                overdue=is_overdue(deal, self._today),
                moves=DEAL.open_to(deal.stage, deal_actors(self._identity, deal)) if moves else (),
            )
            for deal in deals
        ]

    def _contract_values(self, ids: Sequence[int]) -> dict[int, Decimal]:
        if not ids:
            return {}
        rows = self._uow.session.execute(
            select(Contract.deal_id, Contract.contract_value).where(Contract.deal_id.in_(ids))
        )
        return dict(rows.all())


def is_overdue(deal: Deal, today: dt.date) -> bool:
    return deal.stage not in ENDED and deal.next_step_on is not None and deal.next_step_on < today
