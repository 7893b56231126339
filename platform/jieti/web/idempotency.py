"""A form sent twice is done once (double click, reload, a phone's retry).

A form carries a hidden `idempotency_key` (macro `forms.keys`). The view, inside its unit of work:

    with committing() as uow:
        done = already_done(uow)          # the second sending: go where the first led
        if done: return redirect(done)
        …service…
        return redirect(remember(uow, url_for(…)))

SQLite serialises writers, PostgreSQL's unique constraint refuses the second: either way one is written.
"""

from __future__ import annotations

import datetime as dt

from flask import request
from sqlalchemy import delete, select

from jieti.persistence.models import IdempotencyKey, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.web.context import identity

KEPT = dt.timedelta(days=7)


def _key() -> str:
    return request.form.get("idempotency_key", "")[:64]


def already_done(uow: UnitOfWork) -> str | None:
    """Where the first sending of this form led, or None if this is the first."""
    who = identity()
    if not _key() or who.user_id is None:
        return None
    statement = select(IdempotencyKey.location).where(
        IdempotencyKey.user_id == who.user_id, IdempotencyKey.key == _key()
    )
    return uow.session.scalar(statement)


def remember(uow: UnitOfWork, location: str) -> str:
    """Keep the key with the place it led to, in the same transaction; returns the place."""
    who = identity()
    if _key() and who.user_id is not None:
        uow.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < utcnow() - KEPT))
        uow.session.add(IdempotencyKey(user_id=who.user_id, key=_key(), location=location))
        uow.session.flush()
    return location
