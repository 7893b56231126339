"""Whom to tell: the users behind a role, an organisation, a county."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieti.domain.vocabulary import Membership, Verification
from jieti.domain.vocabulary import Role as RoleName
from jieti.persistence.models import Challenge, Organisation, Proposal, Result, Role, User

_WAITING = ("submitted", "qualified", "shortlisted")


def members(session: Session, organisation_id: int) -> list[int]:
    """Active members of an organisation."""
    statement = select(User.id).where(
        User.organisation_id == organisation_id, User.membership == Membership.ACTIVE.value, User.active
    )
    return list(session.scalars(statement.order_by(User.id)))


def with_role(session: Session, role: RoleName, organisation_id: int | None = None) -> list[tuple[int, Organisation]]:
    """(user, organisation) of the active members of verified organisations that have this role."""
    statement = (
        select(User.id, Organisation)
        .join(Organisation, User.organisation_id == Organisation.id)
        .where(
            User.roles.any(Role.name == role.value),
            User.membership == Membership.ACTIVE.value,
            User.active,
            Organisation.verification == Verification.VERIFIED.value,
        )
        .order_by(User.id)
    )
    if organisation_id is not None:
        statement = statement.where(Organisation.id == organisation_id)
    return [(user_id, organisation) for user_id, organisation in session.execute(statement)]


def officers(session: Session, region_code: str) -> list[int]:
    """Officers who serve this county (a bureau may serve several; the list is short, so it is filtered here)."""
    return [
        user_id
        for user_id, bureau in with_role(session, RoleName.OFFICER)
        if region_code == bureau.region_code or region_code in bureau.served_regions
    ]


def transfer_office(session: Session, organisation_id: int) -> list[int]:
    return [user_id for user_id, _office in with_role(session, RoleName.TRANSFER_OFFICE, organisation_id)]


def owners(session: Session, listing: Challenge | Result) -> list[int]:
    """Of a challenge: the firm's members. Of a result: its author, else the organisation's members."""
    if isinstance(listing, Result) and listing.created_by_id is not None:
        return [listing.created_by_id]
    return members(session, listing.organisation_id)


def proposers(session: Session, challenge_id: int) -> list[int]:
    """Authors of proposals to this challenge that are not decided yet."""
    statement = select(Proposal.author_id).where(Proposal.challenge_id == challenge_id, Proposal.status.in_(_WAITING))
    return list(session.scalars(statement.order_by(Proposal.id)))
