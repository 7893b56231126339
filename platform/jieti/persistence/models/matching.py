"""Computed matches and what people said of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jieti.persistence.models.base import Base, new_ref, utcnow
from jieti.persistence.models.listing import Challenge, Expert, Result


class Match(Base):
    """A challenge and what could solve it: a result or an expert (one of the two).

    `open_*` come from open text alone: all that people outside the sealed audience see, rank and are notified by.
    `full_*` come from all text, for the sealed audience. Explanations: `dataclasses.asdict(matcher.types.Explanation)`.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("challenge_id", "result_id"),
        UniqueConstraint("challenge_id", "expert_id"),
        CheckConstraint("(result_id IS NULL) <> (expert_id IS NULL)", name="one_offer"),
        Index(None, "challenge_id", "open_level", "open_score"),
        Index(None, "result_id", "open_level", "open_score"),
        Index(None, "expert_id", "open_level", "open_score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"))
    open_score: Mapped[float]
    open_level: Mapped[int]  # 4 强, 3 较强, 2 弱, 1 无
    open_explanation: Mapped[dict[str, Any]]
    open_plain: Mapped[float | None]  # the score without policy weights; None: none took part, it is the score itself
    full_score: Mapped[float]
    full_level: Mapped[int]
    full_explanation: Mapped[dict[str, Any]]
    full_plain: Mapped[float | None]
    matcher_version: Mapped[str] = mapped_column(String(80))
    challenge_version: Mapped[int]
    offer_version: Mapped[int]
    current: Mapped[bool] = mapped_column(
        default=True
    )  # False: no longer among the best, kept for its verdicts and deals
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    refreshed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    challenge: Mapped[Challenge] = relationship(lazy="raise_on_sql")
    result: Mapped[Result | None] = relationship(lazy="raise_on_sql")
    expert: Mapped[Expert | None] = relationship(lazy="raise_on_sql")


class MatchVerdict(Base):
    """合适 / 不合适, by one person; the newest of a person counts.

    `level`, `matcher_version`, `role` are as they were at that moment: a match is refreshed, and people change roles. The
    level is the open one, which sealed text has no part in: counts of verdicts are public.
    """

    __tablename__ = "match_verdict"
    __table_args__ = (UniqueConstraint("match_id", "user_id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    fits: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(20), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[int] = mapped_column(default=0)
    matcher_version: Mapped[str] = mapped_column(String(80), default="")
    role: Mapped[str] = mapped_column(String(20), default="")  # a domain.vocabulary.Role
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
