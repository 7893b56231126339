"""Challenges, results, experts: the listings. Columns hold validated content only; what is being typed lives in `draft`.

Indicator, keyword, mode and IP rows are JSON: they are read and written whole with their listing, and searched through
the search engine, never by SQL (docs/adr).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from jieti.persistence.models.account import Organisation, User
from jieti.persistence.models.base import Base, new_ref, utcnow


class ListingColumns:
    """What challenges and results share."""

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    version: Mapped[int] = mapped_column(default=1)  # of the content; grows with each accepted change and each move
    title: Mapped[str] = mapped_column(String(200), default="")
    keywords: Mapped[list[str]] = mapped_column(default=list)
    indicators: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    modes: Mapped[list[str]] = mapped_column(default=list)
    field: Mapped[str] = mapped_column(String(40), default="")
    industry: Mapped[str] = mapped_column(String(4), default="")  # section letter, or letter + 2-digit 大类
    region_code: Mapped[str] = mapped_column(String(6), default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)  # raw form values by step, as typed
    draft_version: Mapped[int] = mapped_column(default=0)
    draft_saved_at: Mapped[dt.datetime | None]
    draft_saved_by: Mapped[str] = mapped_column(String(40), default="")
    import_key: Mapped[str | None] = mapped_column(
        String(120), index=True
    )  # id in an imported file: importing twice updates
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    submitted_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]

    @declared_attr
    def organisation_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("organisation.id"), index=True)

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user_account.id"), index=True)

    @declared_attr
    def organisation(cls) -> Mapped[Organisation]:
        return relationship(Organisation, lazy="raise_on_sql")

    @declared_attr
    def created_by(cls) -> Mapped[User | None]:
        return relationship(User, lazy="raise_on_sql")


class Challenge(ListingColumns, Base):
    __tablename__ = "challenge"
    __table_args__ = (
        Index(None, "status", "published_at"),
        Index(None, "region_code", "status"),
        Index(None, "status", "deadline"),
        Index(None, "organisation_id", "updated_at"),
    )

    main_problem: Mapped[str] = mapped_column(Text, default="")
    tech_requirements: Mapped[str] = mapped_column(Text, default="")
    expected_goal: Mapped[str] = mapped_column(Text, default="")
    sealed_text: Mapped[str] = mapped_column(Text, default="")
    sealed_indicators: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    activity_type: Mapped[str] = mapped_column(String(20), default="")
    trl_min: Mapped[int | None]
    budget: Mapped[Decimal | None]  # 万元; None: 面议
    deadline: Mapped[dt.date | None]
    ip_terms: Mapped[str] = mapped_column(Text, default="")
    solver_conditions: Mapped[str] = mapped_column(Text, default="")
    intended_partner: Mapped[str] = mapped_column(String(200), default="")
    anonymous: Mapped[bool] = mapped_column(default=False)  # the firm's name is not shown to others

    @property
    def has_sealed(self) -> bool:
        return bool(self.sealed_text or self.sealed_indicators)


class Result(ListingColumns, Base):
    __tablename__ = "result"
    __table_args__ = (
        Index(None, "status", "published_at"),
        Index(None, "region_code", "status"),
        Index(None, "organisation_id", "updated_at"),
    )

    summary: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    advantages: Mapped[str] = mapped_column(Text, default="")
    market: Mapped[str] = mapped_column(Text, default="")
    trl: Mapped[int | None]
    trl_scale: Mapped[str] = mapped_column(String(20), default="GB/T 22900")
    price: Mapped[Decimal | None]  # 万元; None: 面议
    ip_rows: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    awards: Mapped[str] = mapped_column(Text, default="")
    completed_on: Mapped[dt.date | None]
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"), index=True)


class Expert(Base):
    __tablename__ = "expert"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    version: Mapped[int] = mapped_column(default=1)
    listed: Mapped[bool] = mapped_column(default=False, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    sort_key: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(40), default="")
    directions: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[list[str]] = mapped_column(default=list)
    keywords: Mapped[list[str]] = mapped_column(default=list)
    provides: Mapped[str] = mapped_column(Text, default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    projects: Mapped[list[str]] = mapped_column(default=list)
    region_code: Mapped[str] = mapped_column(String(6), default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class ListingVersion(Base):
    """The content as it stood at each accepted version. Sealed fields are in the snapshot: show it to the sealed audience only."""

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("kind", "listing_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    listing_id: Mapped[int]
    version: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Attachment(Base):
    """A file of a listing, proposal or deal. `path` is relative to the upload folder, outside the web root."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[dt.datetime | None]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
