"""What the house keeps of its own workings: audience, events, outbox, notifications, idempotency, imports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jieti.persistence.models.base import Base, new_ref, utcnow


class RecordAudience(Base):
    """audience(record), token by token, for the SQL form of the access rule. Rewritten at every move of the record."""

    __tablename__ = "record_audience"
    __table_args__ = (Index(None, "record_kind", "token", "record_id"),)

    record_kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), primary_key=True)


class Event(Base):
    """Append-only: what happened, to what, by whom, when, why. Figures are recomputed from these rows."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "at"),
        Index(None, "name", "region_code", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(
        String(40)
    )  # subject_kind.verb: challenge.publish, deal.sign_contract, match.found
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    from_status: Mapped[str] = mapped_column(String(20), default="")
    to_status: Mapped[str] = mapped_column(String(20), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str] = mapped_column(String(40), default="")
    actor_organisation: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    region_code: Mapped[str] = mapped_column(String(6), default="")
    field: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class OutboxRow(Base):
    """Work promised in the same transaction as its cause: ids, never payloads. One waiting row a (topic, subject)."""

    __tablename__ = "outbox"
    # AUTOINCREMENT: SQLite would give a removed row's id to the next one, and a worker that removes by id would remove a new promise.
    __table_args__ = (
        Index(None, "due_at", "id"),
        Index(None, "topic", "subject_kind", "subject_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))  # index, match, mail
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # mail: template name and parameters' ids
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Notification(Base):
    __tablename__ = "notification"
    __table_args__ = (Index(None, "user_id", "read_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(40))  # worded by the interface from kind and params
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    url: Mapped[str] = mapped_column(String(200), default="")
    read_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class IdempotencyKey(Base):
    """A form sent twice (double click, reload) is done once: the second finds where the first led."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    key: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)


class WorkerHeartbeat(Base):
    """One row a worker process, renewed while it lives: /healthz and doctor read it."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class ImportRun(Base):
    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    kind: Mapped[str] = mapped_column(String(12))  # challenge, result
    filename: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12), default="checking")  # checking, refused, imported, failed
    total: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # first 1,000: {row, field, code, params}
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    finished_at: Mapped[dt.datetime | None]
