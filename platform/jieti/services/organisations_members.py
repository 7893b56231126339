"""Who may act for an organisation: its administrators approve, invite, appoint and remove members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from jieti.domain.errors import Invalid, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import Membership, OrganisationKind
from jieti.persistence.models import Invitation, Organisation, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import find_user, role_row
from jieti.services.mail import queue_mail
from jieti.services.organisations import administrators, find, leave
from jieti.services.organisations_input import role_in

INVITATION_HOLDS = dt.timedelta(days=14)
SHOWN = 200  # members on the page; an organisation with more than this looks for one by name


@dataclass(frozen=True, slots=True)
class MemberList:
    organisation: Organisation
    pending: Sequence[User]
    active: Sequence[User]
    invitations: Sequence[Invitation]
    may_manage: bool


class Members:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._session = uow.session
        self._identity = identity

    def list(self, ref: str) -> MemberList:
        """Seen by the organisation's active members. Raises NotVisible."""
        require(self._identity, Permission.MANAGE_MEMBERS)
        organisation = find(self._session, ref)
        if organisation.id != self._identity.organisation_id:
            raise NotVisible("organisation", ref)
        statement = (
            select(User)
            .where(User.organisation_id == organisation.id, User.membership != Membership.REJECTED.value)
            .options(selectinload(User.roles))
            .order_by(User.name, User.id)
            .limit(SHOWN)
        )
        users = self._session.scalars(statement).all()
        invitations = self._session.scalars(
            select(Invitation)
            .where(
                Invitation.organisation_id == organisation.id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > utcnow(),
            )
            .order_by(Invitation.id.desc())
            .limit(SHOWN)
        ).all()
        return MemberList(
            organisation,
            [u for u in users if u.membership == Membership.PENDING.value],
            [u for u in users if u.membership == Membership.ACTIVE.value],
            invitations,
            self._identity.organisation_admin,
        )

    def approve(self, ref: str, user_ref: str) -> User:
        organisation, user = self._member(ref, user_ref, Membership.PENDING)
        user.membership = Membership.ACTIVE.value
        self._uow.record("member.approve", "organisation", organisation.id, self._identity, data={"user": user.ref})
        self._uow.notify([user.id], "member.approved", "/today", {"organisation": organisation.name})
        return user

    def reject(self, ref: str, user_ref: str) -> User:
        organisation, user = self._member(ref, user_ref, Membership.PENDING)
        user.membership = Membership.REJECTED.value
        self._uow.record("member.reject", "organisation", organisation.id, self._identity, data={"user": user.ref})
        self._uow.notify([user.id], "member.rejected", "/account/organisation", {"organisation": organisation.name})
        return user

    def set_admin(self, ref: str, user_ref: str, admin: bool) -> User:
        """Raises NotAllowed (`last_admin`): an organisation keeps one."""
        organisation, user = self._member(ref, user_ref, Membership.ACTIVE)
        if not admin:
            self._keep_one_admin(organisation, user)
        user.organisation_admin = admin
        name = "member.appoint" if admin else "member.dismiss"
        self._uow.record(name, "organisation", organisation.id, self._identity, data={"user": user.ref})
        return user

    def remove(self, ref: str, user_ref: str) -> User:
        """The member loses the organisation, not the account. Raises NotAllowed (`last_admin`)."""
        organisation, user = self._member(ref, user_ref, Membership.ACTIVE)
        self._keep_one_admin(organisation, user)
        leave(user)
        self._uow.record("member.remove", "organisation", organisation.id, self._identity, data={"user": user.ref})
        return user

    def invite(self, ref: str, email: str, role: str = "", *, admin: bool = False, locale: str = "zh") -> Invitation:
        """A letter with a link that holds for 14 days; an earlier one to the same address is withdrawn.

        `email` is validated by the form. Raises Invalid (`member_already`): said of this organisation's own members only.
        """
        organisation = self._managed(ref)
        address = email.strip().lower()
        known = find_user(self._session, address)
        if (
            known is not None
            and known.organisation_id == organisation.id
            and known.membership == Membership.ACTIVE.value
        ):
            raise Invalid([Problem("email", "member_already", {"name": known.name})])
        earlier = select(Invitation).where(
            Invitation.organisation_id == organisation.id,
            Invitation.email == address,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        for one in self._session.scalars(earlier):
            one.revoked_at = utcnow()
        invitation = Invitation(
            organisation_id=organisation.id,
            email=address,
            role=role_in(OrganisationKind(organisation.kind), role).value,
            admin=admin,
            invited_by_id=self._identity.user_id,
            expires_at=utcnow() + INVITATION_HOLDS,
        )
        self._session.add(invitation)
        self._session.flush()
        queue_mail(self._uow, "invitation", "invitation", invitation.id, locale=locale)
        self._uow.record("member.invite", "organisation", organisation.id, self._identity, data={"to": invitation.ref})
        return invitation

    def revoke(self, ref: str, invitation_ref: str) -> None:
        organisation = self._managed(ref)
        invitation = self._session.scalar(
            select(Invitation).where(
                Invitation.ref == invitation_ref,
                Invitation.organisation_id == organisation.id,
                Invitation.accepted_at.is_(None),
            )
        )
        if invitation is None:
            raise NotVisible("invitation", invitation_ref)
        invitation.revoked_at = utcnow()

    def set_role(self, ref: str, user_ref: str, role: str) -> User:
        organisation, user = self._member(ref, user_ref, Membership.ACTIVE)
        user.roles = [role_row(self._session, role_in(OrganisationKind(organisation.kind), role))]
        return user

    def _managed(self, ref: str) -> Organisation:
        require(self._identity, Permission.MANAGE_MEMBERS)
        organisation = find(self._session, ref)
        if organisation.id != self._identity.organisation_id or not self._identity.organisation_admin:
            raise NotVisible("organisation", ref)
        return organisation

    def _member(self, ref: str, user_ref: str, membership: Membership) -> tuple[Organisation, User]:
        organisation = self._managed(ref)
        user = self._session.scalar(
            select(User).where(
                User.ref == user_ref, User.organisation_id == organisation.id, User.membership == membership.value
            )
        )
        if user is None:
            raise NotVisible("member", user_ref)
        return organisation, user

    def _keep_one_admin(self, organisation: Organisation, user: User) -> None:
        if user.organisation_admin and administrators(self._session, organisation.id) == [user.id]:
            raise NotAllowed("last_admin")
