"""Challenges whose deadline has passed expire by themselves; their owners are told and may extend them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from jieti.domain.dates import china_day
from jieti.domain.identity import SYSTEM
from jieti.domain.lifecycles.challenge import MATCHABLE
from jieti.persistence.models import Challenge, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.moves import Moves

BATCH = 200


def expire_due(
    uow: UnitOfWork,
    clock: Callable[[], dt.datetime] = utcnow,
    *,
    url_of: Callable[[Challenge], str] = lambda challenge: f"/challenges/{challenge.ref}",
) -> int:
    """Expire up to BATCH challenges by the platform itself; returns how many (BATCH: call again). Caller commits.

    The deadline's own day, in China, still counts.
    """
    now = clock()
    statement = (
        select(Challenge)
        .where(Challenge.status.in_(sorted(MATCHABLE)), Challenge.deadline < china_day(now))
        .order_by(Challenge.deadline, Challenge.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    moves = Moves(uow, SYSTEM)
    due = list(uow.session.scalars(statement))
    for challenge in due:
        moves.challenge(challenge, "expire", at=now)
        told = recipients.owners(uow.session, challenge)
        uow.notify(told, "challenge_expired", url_of(challenge), {"title": challenge.title})
    return len(due)
