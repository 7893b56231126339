"""Proposals, deals, contracts: the brokering workflow's records."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jieti.persistence.models.account import Organisation, User
from jieti.persistence.models.base import Base, new_ref, utcnow
from jieti.persistence.models.listing import Challenge, Expert, Result


class Proposal(Base):
    __tablename__ = "proposal"
    __table_args__ = (Index(None, "challenge_id", "status"), Index(None, "author_id", "updated_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result.id"))
    status: Mapped[str] = mapped_column(String(20), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    summary: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # {name, meets, value, evidence, when}
    team: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[Decimal | None]  # 万元; None: 面议
    schedule: Mapped[str] = mapped_column(Text, default="")
    ip_terms: Mapped[str] = mapped_column(Text, default="")
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    draft_version: Mapped[int] = mapped_column(default=0)
    draft_saved_at: Mapped[dt.datetime | None]
    submitted_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    challenge: Mapped[Challenge] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    result: Mapped[Result | None] = relationship(lazy="raise_on_sql")


class Deal(Base):
    __tablename__ = "deal"
    __table_args__ = (
        Index(None, "region_code", "stage", "next_step_on"),
        Index(None, "broker_id", "stage", "next_step_on"),
        Index(None, "buyer_id", "stage"),
        Index(None, "seller_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    title: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(20), default="intent")
    version: Mapped[int] = mapped_column(default=1)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), index=True)
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result.id"), index=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"), index=True)
    match_id: Mapped[int | None] = mapped_column(ForeignKey("match.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    broker_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    region_code: Mapped[str] = mapped_column(String(6))
    next_step: Mapped[str] = mapped_column(String(200), default="")
    next_step_on: Mapped[dt.date | None]
    stage_since: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    challenge: Mapped[Challenge] = relationship(lazy="raise_on_sql")
    result: Mapped[Result | None] = relationship(lazy="raise_on_sql")
    expert: Mapped[Expert | None] = relationship(lazy="raise_on_sql")
    buyer: Mapped[Organisation] = relationship(foreign_keys=[buyer_id], lazy="raise_on_sql")
    seller: Mapped[Organisation | None] = relationship(foreign_keys=[seller_id], lazy="raise_on_sql")
    broker: Mapped[User] = relationship(lazy="raise_on_sql")


class DealParticipant(Base):
    __tablename__ = "deal_participant"

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    side: Mapped[str] = mapped_column(String(12))  # buyer, seller, broker, officer
    added_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class DealNote(Base):
    __tablename__ = "deal_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    author: Mapped[User] = relationship(lazy="raise_on_sql")


class Contract(Base):
    """技术合同. 0 ≤ 技术交易额 ≤ 合同成交额, both in 万元."""

    __tablename__ = "contract"
    __table_args__ = (CheckConstraint("tech_value >= 0 AND tech_value <= contract_value", name="tech_value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[str] = mapped_column(String(40), default="")
    contract_value: Mapped[Decimal]
    tech_value: Mapped[Decimal]
    signed_on: Mapped[dt.date] = mapped_column(index=True)
    valid_from: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
