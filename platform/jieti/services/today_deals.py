"""Deals among the things of today: the leaders' next steps, and for the two sides what is theirs to do or to wait for."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from jieti.domain.identity import Identity
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Challenge, Deal, Result
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals_lists import Scope, in_scope
from jieti.services.today_rows import LIMIT, Row, Rows

SIDES_TURN = {"performing": "accept_work", "accepted": "settle_deal"}
"""Stages in which the buyer has the next word."""


def deal_rows(uow: UnitOfWork, who: Identity, day: dt.date) -> Rows:
    """Two queries. An officer sees the county's deals that are due by the week's end, everyone else their own."""
    found = Rows()
    scope = Scope.COUNTY if Role.OFFICER in who.roles and who.verified else Scope.MINE
    where: list[ColumnElement[bool]] = [in_scope(who, scope), Deal.stage.not_in(sorted(ENDED))]
    deals = uow.session.scalars(
        select(Deal)
        .where(*where)
        .options(joinedload(Deal.buyer), joinedload(Deal.seller), joinedload(Deal.broker))
        .order_by(Deal.next_step_on.is_(None), Deal.next_step_on, Deal.id)
        .limit(LIMIT + 1)
    ).all()
    found.open_deals = uow.session.scalar(select(func.count()).select_from(Deal).where(*where)) or 0
    found.take([_row(deal, who, scope) for deal in deals], "deals")
    return found


def _row(deal: Deal, who: Identity, scope: Scope) -> Row:
    leads = deal.broker_id == who.user_id or scope is Scope.COUNTY
    buys = deal.buyer_id == who.organisation_id
    turn = SIDES_TURN.get(deal.stage) if buys and not leads else None
    other = deal.seller if buys else deal.buyer
    return Row(
        turn or ("follow_deal" if leads else "prepare_step"),
        "deal",
        deal.ref,
        deal.title,
        from_whom=deal.broker.name
        if scope is Scope.COUNTY and deal.broker_id != who.user_id
        else other.name
        if other
        else "",
        due=deal.next_step_on,
        note=deal.next_step,
        now=turn is not None,
        rank=2 if leads else 3,
        since=deal.stage_since,
    )


def urgent_count(uow: UnitOfWork, who: Identity, day: dt.date) -> int:
    """For the top bar of every page: deals due by today, and what was returned to be mended. One statement."""
    if not who.active_member:
        return 0
    scope = Scope.COUNTY if Role.OFFICER in who.roles and who.verified else Scope.MINE
    due = select(func.count()).where(in_scope(who, scope), Deal.stage.not_in(sorted(ENDED)), Deal.next_step_on <= day)
    challenges = select(func.count()).where(
        Challenge.organisation_id == who.organisation_id, Challenge.status == "needs_fix"
    )
    results = select(func.count()).where(Result.created_by_id == who.user_id, Result.status == "needs_fix")
    row = uow.session.execute(
        select(due.scalar_subquery() + challenges.scalar_subquery() + results.scalar_subquery())
    ).one()
    return int(row[0])
