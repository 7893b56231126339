"""Organisations of users: found, joined, registered, edited.

Whoever registers one becomes its administrator at once; its verification waits for the county bureau. Whoever joins
one waits for its administrator. Until an organisation is verified its people save and submit, and nothing of theirs is
published (the review queue warns).
"""

from __future__ import annotations

from pypinyin import lazy_pinyin
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from jieti.domain import uscc as codes
from jieti.domain.errors import Conflict, Invalid, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import Membership, OrganisationKind, Role, Verification
from jieti.persistence.models import Challenge, Expert, Organisation, OutboxRow, Result, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.accounts import role_row
from jieti.services.organisations_input import OrganisationInput, checked, one_line, role_in

FOUND = 10
_LIKE_ESCAPES = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def sort_key(name: str) -> str:
    """Pinyin, for lists: neither database sorts Chinese."""
    return " ".join(lazy_pinyin(name)).lower()[:240]


def find(session: Session, ref: str) -> Organisation:
    """Raises NotVisible."""
    organisation = session.scalar(select(Organisation).where(Organisation.ref == ref))
    if organisation is None:
        raise NotVisible("organisation", ref)
    return organisation


def administrators(session: Session, organisation_id: int) -> list[int]:
    statement = select(User.id).where(
        User.organisation_id == organisation_id,
        User.organisation_admin,
        User.membership == Membership.ACTIVE.value,
        User.active,
    )
    return list(session.scalars(statement.order_by(User.id)))


class Organisations:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._session = uow.session
        self._identity = identity

    def search(self, text: str, kind: OrganisationKind) -> list[Organisation]:
        """Those whose code is exactly this text, or whose name contains it; at most 10, rejected ones left out."""
        require(self._identity, Permission.SIGNED_IN)
        typed = one_line(text)[:120]
        if not typed:
            return []
        pattern = f"%{typed.translate(_LIKE_ESCAPES)}%"
        statement = (
            select(Organisation)
            .where(
                Organisation.kind == kind.value,
                Organisation.verification != Verification.REJECTED.value,
                or_(Organisation.uscc == codes.normalise(typed), Organisation.name.ilike(pattern, escape="\\")),
            )
            .order_by(func.length(Organisation.name), Organisation.sort_key, Organisation.id)
            .limit(FOUND)
        )
        return list(self._session.scalars(statement))

    def request_membership(self, ref: str, role: str = "") -> Organisation:
        """Ask to join; the organisation's administrators are told. Raises NotVisible, NotAllowed (`has_organisation`)."""
        user = self._homeless()
        organisation = find(self._session, ref)
        if organisation.verification == Verification.REJECTED.value:
            raise NotVisible("organisation", ref)
        user.organisation_id = organisation.id
        user.membership = Membership.PENDING.value
        user.organisation_admin = False
        self._take_role(user, role_in(OrganisationKind(organisation.kind), role))
        self._uow.record("member.request", "organisation", organisation.id, self._identity, data={"user": user.ref})
        self._uow.notify(
            administrators(self._session, organisation.id),
            "member.pending",
            f"/organisations/{organisation.ref}/members",
            {"name": user.name, "organisation": organisation.name},
        )
        return organisation

    def withdraw_request(self) -> None:
        """Raises NotAllowed (`no_request`) where none waits."""
        require(self._identity, Permission.SIGNED_IN)
        user = self._user()
        if user.organisation_id is None or user.membership == Membership.ACTIVE.value:
            raise NotAllowed("no_request")
        self._uow.record("member.withdraw", "organisation", user.organisation_id, self._identity)
        leave(user)

    def register(self, kind: OrganisationKind, values: OrganisationInput, role: str = "") -> Organisation:
        """A new organisation with this person as administrator; the county's officers are told.

        Raises Invalid (also `uscc_taken` with name and ref of the one that has this code), NotAllowed (`has_organisation`).
        """
        user = self._homeless()
        clean = checked(values)
        self._refuse_taken(clean.uscc, None)
        organisation = Organisation(
            kind=kind.value,
            name=clean.name,
            sort_key=sort_key(clean.name),
            uscc=clean.uscc,
            region_code=clean.region_code,
            address=clean.address,
            phone=clean.phone,
            contact_name=clean.contact_name,
            intro=clean.intro,
        )
        self._session.add(organisation)
        self._session.flush()
        user.organisation_id = organisation.id
        user.membership = Membership.ACTIVE.value
        user.organisation_admin = True
        self._take_role(user, role_in(kind, role))
        self._uow.record(
            "organisation.register", "organisation", organisation.id, self._identity, region_code=clean.region_code
        )
        self._ask_verification(organisation)
        return organisation

    def editable(self, ref: str) -> Organisation:
        """The organisation, if this person administers it. Raises NotVisible otherwise: a foreign one is not there."""
        require(self._identity, Permission.MANAGE_MEMBERS)
        organisation = find(self._session, ref)
        if organisation.id != self._identity.organisation_id or not self._identity.organisation_admin:
            raise NotVisible("organisation", ref)
        return organisation

    def edit(self, ref: str, values: OrganisationInput, version: int) -> Organisation:
        """Raises NotVisible, Conflict (edited meanwhile), Invalid. Another code resets the verification; another name or
        county tells the search index."""
        organisation = self.editable(ref)
        if organisation.version != version:
            raise Conflict("organisation_changed", version=organisation.version)
        clean = checked(values)
        self._refuse_taken(clean.uscc, organisation.id)
        recoded = organisation.uscc != clean.uscc
        renamed = organisation.name != clean.name or organisation.region_code != clean.region_code
        organisation.name, organisation.sort_key = clean.name, sort_key(clean.name)
        organisation.uscc, organisation.region_code = clean.uscc, clean.region_code
        organisation.phone, organisation.contact_name = clean.phone, clean.contact_name
        organisation.address, organisation.intro = clean.address, clean.intro
        rejected = organisation.verification == Verification.REJECTED.value
        if recoded or rejected:
            organisation.verification = Verification.PENDING.value
            organisation.verification_reason = ""
            self._ask_verification(organisation)
        if renamed:
            self._reindex(organisation.id)
        self._uow.record(
            "organisation.edit", "organisation", organisation.id, self._identity, data={"recoded": recoded}
        )
        self._session.flush()
        return organisation

    def _refuse_taken(self, code: str, own_id: int | None) -> None:
        statement = select(Organisation).where(Organisation.uscc == code)
        if own_id is not None:
            statement = statement.where(Organisation.id != own_id)
        other = self._session.scalars(statement.order_by(Organisation.id)).first()
        if other is not None:
            raise Invalid([Problem("uscc", "uscc_taken", {"name": other.name, "ref": other.ref})])

    def _ask_verification(self, organisation: Organisation) -> None:
        if organisation.kind == OrganisationKind.TECH_BUREAU.value:
            told = [user_id for user_id, _o in recipients.with_role(self._session, Role.PROVINCE)]
        else:
            told = recipients.officers(self._session, organisation.region_code)
        self._uow.notify(
            told,
            "organisation.pending",
            f"/organisations/{organisation.ref}/verification",
            {"organisation": organisation.name},
        )

    def _reindex(self, organisation_id: int) -> None:
        """All of the organisation's listings at once: `enqueue` asks one by one, and a university has thousands."""
        kinds: tuple[tuple[str, type[Challenge] | type[Result] | type[Expert]], ...] = (
            ("challenge", Challenge),
            ("result", Result),
            ("expert", Expert),
        )
        for kind, model in kinds:
            ids = self._session.scalars(select(model.id).where(model.organisation_id == organisation_id))
            self._session.add_all(OutboxRow(topic="index", subject_kind=kind, subject_id=i, data={}) for i in ids)

    def _user(self) -> User:
        return self._session.get_one(User, self._identity.user_id)

    def _homeless(self) -> User:
        """The person, who has no organisation yet (a rejected request does not count)."""
        require(self._identity, Permission.SIGNED_IN)
        user = self._user()
        if user.organisation_id is not None and user.membership != Membership.REJECTED.value:
            raise NotAllowed("has_organisation")
        return user

    def _take_role(self, user: User, role: Role) -> None:
        user.roles = [role_row(self._session, role)]


def leave(user: User) -> None:
    """Out of the organisation: no membership, no role in it."""
    user.organisation_id = None
    user.membership = Membership.PENDING.value
    user.organisation_admin = False
    user.roles = []
