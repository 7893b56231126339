"""Accepting an invitation: the link came by mail, so it proves the address; it is good for that address only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jieti.domain.errors import Invalid, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.vocabulary import Membership, Role
from jieti.persistence.models import Invitation, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user, find_user, role_row
from jieti.services.identities import identity_of
from jieti.services.organisations_input import one_line

LONGEST_NAME = 40


class Invitations:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._session = uow.session
        self._identity = identity

    def open(self, ref: str) -> Invitation:
        """An invitation that still holds, its organisation loaded. Raises NotVisible (used, withdrawn, out of time too)."""
        invitation = self._session.scalar(
            select(Invitation).where(Invitation.ref == ref).options(joinedload(Invitation.organisation))
        )
        if (
            invitation is None
            or invitation.accepted_at is not None
            or invitation.revoked_at is not None
            or invitation.expires_at <= utcnow()
        ):
            raise NotVisible("invitation", ref)
        return invitation

    def has_account(self, invitation: Invitation) -> bool:
        """Known to the holder of the link only, whose address it is."""
        return find_user(self._session, invitation.email) is not None

    def accept(self, ref: str) -> User:
        """The signed-in person joins. Raises NotVisible, NotAllowed (`other_address`, `has_organisation`)."""
        invitation = self.open(ref)
        if self._identity.user_id is None or self._identity.email.lower() != invitation.email:
            raise NotAllowed("other_address", email=invitation.email)
        user = self._session.get_one(User, self._identity.user_id)
        elsewhere = user.organisation_id is not None and user.organisation_id != invitation.organisation_id
        if elsewhere and user.membership == Membership.ACTIVE.value:
            raise NotAllowed("has_organisation")
        return self._join(invitation, user)

    def accept_as_new(self, ref: str, *, name: str, password: str) -> User:
        """A new account for the invited address, confirmed by the link. `password` obeys the rule already.

        Raises NotVisible, Invalid (`required`, `too_long`, `email_taken`).
        """
        invitation = self.open(ref)
        clean = one_line(name)
        if not clean:
            raise Invalid([Problem("name", "required")])
        if len(clean) > LONGEST_NAME:
            raise Invalid([Problem("name", "too_long", {"limit": LONGEST_NAME, "over": len(clean) - LONGEST_NAME})])
        user = create_user(self._uow, email=invitation.email, password=password, name=clean)
        return self._join(invitation, user)

    def _join(self, invitation: Invitation, user: User) -> User:
        user.organisation_id = invitation.organisation_id
        user.membership = Membership.ACTIVE.value
        user.organisation_admin = invitation.admin
        user.roles = [role_row(self._session, Role(invitation.role))]
        user.confirmed_at = user.confirmed_at or utcnow()
        invitation.accepted_at = utcnow()
        self._session.flush()
        self._session.refresh(user, ["organisation"])
        self._uow.record(
            "member.accept", "organisation", invitation.organisation_id, identity_of(user), data={"user": user.ref}
        )
        self._uow.notify(
            [invitation.invited_by_id],
            "member.joined",
            f"/organisations/{invitation.organisation.ref}/members",
            {"name": user.name, "organisation": invitation.organisation.name},
        )
        return user
