"""Users: created, given roles, found. Passwords are argon2id, hashed here as Flask-Security verifies them."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable

from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieti.domain.errors import Invalid, Problem
from jieti.domain.vocabulary import Membership
from jieti.domain.vocabulary import Role as RoleName
from jieti.persistence.models import Organisation, Role, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork

PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 128
DEMO_EMAILS: dict[str, str] = {
    "enterprise": "demo.enterprise@example.com",
    "researcher": "demo.researcher@example.com",
    "officer": "demo.officer@example.com",
    "broker": "demo.broker@example.com",
}
"""The four accounts that the sign-in page offers in demo mode."""


def hash_password(password: str, hasher: PasswordHasher | None = None) -> str:
    """argon2id of the NFKD form: the normalisation that Flask-Security applies before it verifies."""
    return (hasher or PasswordHasher()).hash(unicodedata.normalize("NFKD", password))


def find_user(session: Session, email: str) -> User | None:
    """By e-mail, whatever the case."""
    return session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def role_row(session: Session, role: RoleName) -> Role:
    """The row of a role; the table fills itself at first use."""
    row = session.scalar(select(Role).where(Role.name == role.value))
    if row is None:
        row = Role(name=role.value)
        session.add(row)
        session.flush()
    return row


def create_user(
    uow: UnitOfWork,
    *,
    email: str,
    password: str | None,
    name: str,
    organisation: Organisation | None = None,
    roles: Iterable[RoleName] = (),
    admin: bool = False,
    membership: Membership = Membership.ACTIVE,
    confirmed: bool = True,
    title: str = "",
    phone: str = "",
    password_hash: str | None = None,
) -> User:
    """A user, flushed (its id is set). Without a password nobody can sign in by one: the reset mail sets it.

    `password_hash` (of `hash_password`) spares the slow hash where many share one password (demo, tests).
    Raises Invalid (`email_taken`).
    """
    session = uow.session
    address = email.strip().lower()
    if find_user(session, address) is not None:
        raise Invalid([Problem("email", "email_taken", {"email": address})])
    user = User(
        email=address,
        password=password_hash or (hash_password(password) if password is not None else None),
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=utcnow() if confirmed else None,
        name=name,
        title=title,
        phone=phone,
        organisation_id=organisation.id if organisation is not None else None,
        membership=membership.value if organisation is not None else Membership.PENDING.value,
        organisation_admin=admin,
        roles=[role_row(session, role) for role in dict.fromkeys(roles)],
    )
    session.add(user)
    session.flush()
    return user
