"""The unit of work: one transaction, and the only place that commits.

Use it as a context manager: `with UnitOfWork(database) as uow: Service(uow, …).do(…)` commits at the clean end of
the block and rolls back on an exception. Audit events, outbox rows and notifications written through it share the
transaction of what caused them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from jieti.domain.identity import Identity
from jieti.persistence.database import Database
from jieti.persistence.models import Event, Notification, OutboxRow, RecordAudience, utcnow


class UnitOfWork:
    def __init__(self, database: Database, *, read: bool = False, session: Session | None = None) -> None:
        self.session = session or database.session(read=read)
        self.read = read

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                self.session.rollback()
            elif not self.read:
                self.commit()
            # A reading session is only closed: rolling back would expire what was read, and it is used afterwards.
        finally:
            self.session.close()

    def commit(self) -> None:
        self.session.commit()

    def rollback(self) -> None:
        self.session.rollback()

    def record(
        self,
        name: str,
        subject_kind: str,
        subject_id: int,
        identity: Identity,
        *,
        from_status: str = "",
        to_status: str = "",
        reason: str = "",
        data: Mapping[str, Any] | None = None,
        region_code: str = "",
        field: str = "",
        at: dt.datetime | None = None,
    ) -> Event:
        """Append an audit event. `data` must hold no sealed text."""
        row = Event(
            name=name,
            subject_kind=subject_kind,
            subject_id=subject_id,
            actor_id=identity.user_id,
            actor_name=identity.name,
            actor_organisation=identity.organisation_name,
            from_status=from_status,
            to_status=to_status,
            reason=reason,
            data=dict(data or {}),
            region_code=region_code,
            field=field,
            at=at or utcnow(),
        )
        self.session.add(row)
        return row

    def enqueue(self, topic: str, subject_kind: str, subject_id: int, data: Mapping[str, Any] | None = None) -> None:
        """Promise work for the worker. A promise that waits already (same topic and subject, not yet tried) serves for both."""
        if data is None:
            waiting = self.session.scalar(
                select(OutboxRow.id).where(
                    OutboxRow.topic == topic,
                    OutboxRow.subject_kind == subject_kind,
                    OutboxRow.subject_id == subject_id,
                    OutboxRow.attempts == 0,
                )
            )
            if waiting is not None:
                # A worker may be at work on that row right now with what it read before: renewing its id makes it run again.
                self.session.execute(delete(OutboxRow).where(OutboxRow.id == waiting))
        self.session.add(
            OutboxRow(topic=topic, subject_kind=subject_kind, subject_id=subject_id, data=dict(data or {}))
        )

    def notify(self, user_ids: Iterable[int], kind: str, url: str, params: Mapping[str, Any] | None = None) -> None:
        """An in-app notification for each of these users (each once). `params` must hold no sealed text."""
        for user_id in dict.fromkeys(user_ids):
            self.session.add(Notification(user_id=user_id, kind=kind, url=url, params=dict(params or {})))

    def set_audience(self, record_kind: str, record_id: int, tokens: Iterable[str]) -> None:
        """Rewrite the SQL form of a record's audience."""
        self.set_audiences(record_kind, {record_id: tokens})

    def set_audiences(self, record_kind: str, audiences: Mapping[int, Iterable[str]]) -> None:
        """Rewrite many, in two statements."""
        self.session.execute(
            delete(RecordAudience).where(
                RecordAudience.record_kind == record_kind, RecordAudience.record_id.in_(list(audiences))
            )
        )
        rows = [
            {"record_kind": record_kind, "record_id": record_id, "token": token}
            for record_id, tokens in audiences.items()
            for token in sorted(set(tokens))
        ]
        if rows:
            self.session.execute(insert(RecordAudience), rows)
