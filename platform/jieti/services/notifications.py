"""In-app notifications: a person's own list, read marks, and the reminder of next steps that are overdue.

Writing one is `UnitOfWork.notify`; the interface words it (`web/notification_words.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, exists, func, select, update

from jieti.domain.dates import china_day
from jieti.domain.errors import NotVisible
from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Deal, DealParticipant, Event, Notification, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals import Clock, deal_url

PAGE_SIZE = 30
REMINDERS_A_RUN = 200


@dataclass(frozen=True, slots=True)
class NotificationPage:
    items: Sequence[Notification]
    number: int
    pages: int
    total: int
    unread: int


class Notifications:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def page(self, *, number: int = 1, unread_only: bool = False, size: int = PAGE_SIZE) -> NotificationPage:
        """Unread first, newest first. Three queries."""
        require(self._identity, Permission.SIGNED_IN)
        session = self._uow.session
        where = [Notification.user_id == self._identity.user_id]
        unread = session.scalar(select(func.count()).where(*where, Notification.read_at.is_(None))) or 0
        if unread_only:
            where.append(Notification.read_at.is_(None))
        total = session.scalar(select(func.count()).where(*where)) or 0
        pages = max(1, -(-total // size))
        number = min(max(1, number), pages)
        items = session.scalars(
            select(Notification)
            .where(*where)
            .order_by(Notification.read_at.is_not(None), Notification.created_at.desc(), Notification.id.desc())
            .limit(size)
            .offset((number - 1) * size)
        ).all()
        return NotificationPage(items, number, pages, total, unread)

    def mark_read(self, ref: str) -> Notification:
        """Raises NotVisible for anyone else's."""
        require(self._identity, Permission.SIGNED_IN)
        row = self._uow.session.scalars(
            select(Notification).where(Notification.ref == ref, Notification.user_id == self._identity.user_id)
        ).first()
        if row is None:
            raise NotVisible("notification", ref)
        if row.read_at is None:
            row.read_at = self._clock()
        return row

    def mark_all_read(self) -> int:
        """How many were unread."""
        require(self._identity, Permission.SIGNED_IN)
        result = self._uow.session.execute(
            update(Notification)
            .where(Notification.user_id == self._identity.user_id, Notification.read_at.is_(None))
            .values(read_at=self._clock())
        )
        return int(getattr(result, "rowcount", 0))


def remind_due(uow: UnitOfWork, clock: Clock = utcnow) -> int:
    """Tell everyone on a deal whose next step's day has passed, once a next step; returns how many deals were reminded of.

    For the worker's schedule (system). A changed step or day counts as a new next step.
    """
    today = china_day(clock())
    session = uow.session
    reminded = exists().where(
        Event.subject_kind == "deal",
        Event.subject_id == Deal.id,
        Event.name == "deal.remind",
        Event.data["next_step_on"].as_string() == cast(Deal.next_step_on, String),
        Event.data["next_step"].as_string() == Deal.next_step,
    )
    deals = session.scalars(
        select(Deal)
        .where(Deal.stage.not_in(sorted(ENDED)), Deal.next_step_on < today, ~reminded)
        .order_by(Deal.next_step_on, Deal.id)
        .limit(REMINDERS_A_RUN)
    ).all()
    people: dict[int, list[int]] = {deal.id: [deal.broker_id] for deal in deals}
    if people:
        statement = select(DealParticipant.deal_id, DealParticipant.user_id).where(DealParticipant.deal_id.in_(people))
        for deal_id, user_id in session.execute(statement):
            people[deal_id].append(user_id)
    for deal in deals:
        on = deal.next_step_on.isoformat() if deal.next_step_on else ""
        uow.record(
            "deal.remind",
            "deal",
            deal.id,
            SYSTEM,
            data={"next_step": deal.next_step, "next_step_on": on},
            region_code=deal.region_code,
            at=clock(),
        )
        uow.notify(
            people[deal.id],
            "deal_next_step_due",
            deal_url(deal.ref),
            {"title": deal.title, "next_step": deal.next_step, "on": on},
        )
    return len(deals)
