"""Organisations and their users. Users and roles carry Flask-Security's columns."""

from __future__ import annotations

import datetime as dt

from flask_security.models.sqla import FsModels, FsRoleMixin, FsUserMixin
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jieti.domain.vocabulary import Membership, Verification
from jieti.persistence.models.base import Base, new_ref, utcnow

FsModels.set_db_info(base_model=Base, user_table_name="user_account", role_table_name="role")  # type: ignore[no-untyped-call]


class Organisation(Base):
    __tablename__ = "organisation"
    __table_args__ = (Index(None, "kind", "verification", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), index=True)
    sort_key: Mapped[str] = mapped_column(String(240), default="")  # pinyin: neither database collates Chinese
    uscc: Mapped[str] = mapped_column(String(18), index=True)
    region_code: Mapped[str] = mapped_column(String(6), index=True)
    served_regions: Mapped[list[str]] = mapped_column(default=list)  # of a bureau or broker agency: counties it serves
    address: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    intro: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    verification: Mapped[str] = mapped_column(String(12), default=Verification.PENDING.value)
    verification_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    users: Mapped[list[User]] = relationship(back_populates="organisation")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Role(Base, FsRoleMixin):
    __tablename__ = "role"


class User(Base, FsUserMixin):
    __tablename__ = "user_account"
    webauthn = ()  # passkeys are not offered; the mixin would want their table wherever that package is installed

    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    name: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    membership: Mapped[str] = mapped_column(String(12), default=Membership.PENDING.value)
    organisation_admin: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    theme: Mapped[str] = mapped_column(String(8), default="light")
    density: Mapped[str] = mapped_column(String(8), default="normal")
    shortcuts: Mapped[bool] = mapped_column(default=True)

    organisation: Mapped[Organisation | None] = relationship(back_populates="users")


class Invitation(Base):
    """A member asks someone into the organisation by e-mail. The link in the mail proves the address."""

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "organisation_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str] = mapped_column(String(255), index=True)
    role: Mapped[str] = mapped_column(String(20))
    admin: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    invited_by: Mapped[User] = relationship(lazy="raise_on_sql")
