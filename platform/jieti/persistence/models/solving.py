"""邀请解题: a firm asks an expert to look at one of its challenges."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jieti.persistence.models.base import Base, new_ref, utcnow
from jieti.persistence.models.listing import Challenge, Expert


class SolverInvitation(Base):
    """One a pair: asking again after it was withdrawn renews the row."""

    __tablename__ = "solver_invitation"
    __table_args__ = (UniqueConstraint("challenge_id", "expert_id"), Index(None, "expert_id", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    withdrawn_at: Mapped[dt.datetime | None]  # by the firm
    declined_at: Mapped[dt.datetime | None]  # by the expert

    challenge: Mapped[Challenge] = relationship(lazy="raise_on_sql")
    expert: Mapped[Expert] = relationship(lazy="raise_on_sql")

    @property
    def standing(self) -> bool:
        return self.withdrawn_at is None and self.declined_at is None
