"""The county bureau verifies the organisations of its counties; a bureau itself is verified by the province (or on the server)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from jieti.domain import uscc as codes
from jieti.domain.errors import Conflict, Invalid, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import OrganisationKind, Role, Verification
from jieti.persistence.models import Organisation, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.organisations import administrators, find
from jieti.services.organisations_input import one_line

PAGE_SIZE = 20
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class OrganisationList:
    rows: Sequence[Organisation]
    total: int
    page: int
    counts: dict[str, int]  # by verification status, within the county

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Case:
    """One organisation before the officer. `alike`: others with the same name; `check_digit` of the code holds."""

    organisation: Organisation
    check_digit: bool
    alike: Sequence[Organisation]
    people: Sequence[User]


class VerificationDesk:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._session = uow.session
        self._identity = identity

    def list(self, *, status: str = "", text: str = "", page: int = 1) -> OrganisationList:
        """Oldest first among the waiting, by name otherwise. Raises NotAllowed."""
        require(self._identity, Permission.VERIFY_ORGANISATION)
        mine = self._mine()
        counts = dict(
            self._session.execute(
                select(Organisation.verification, func.count()).where(mine).group_by(Organisation.verification)
            ).all()
        )
        conditions = [mine]
        if status in set(Verification):
            conditions.append(Organisation.verification == status)
        typed = one_line(text)[:120]
        if typed:
            conditions.append(
                or_(Organisation.name.icontains(typed, autoescape=True), Organisation.uscc == codes.normalise(typed))
            )
        total = self._session.scalar(select(func.count()).select_from(Organisation).where(*conditions)) or 0
        page = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
        order = (Organisation.created_at,) if status == Verification.PENDING else (Organisation.sort_key,)
        rows = self._session.scalars(
            select(Organisation)
            .where(*conditions)
            .order_by(*order, Organisation.id)
            .limit(PAGE_SIZE)
            .offset((page - 1) * PAGE_SIZE)
        ).all()
        return OrganisationList(rows, total, page, counts)

    def case(self, ref: str) -> Case:
        """Raises NotVisible for an organisation that is not this officer's to verify."""
        organisation = self._mine_by_ref(ref)
        alike = self._session.scalars(
            select(Organisation)
            .where(Organisation.name == organisation.name, Organisation.id != organisation.id)
            .order_by(Organisation.id)
            .limit(5)
        ).all()
        people = self._session.scalars(
            select(User).where(User.organisation_id == organisation.id).order_by(User.id).limit(10)
        ).all()
        return Case(organisation, codes.check_digit_holds(organisation.uscc), alike, people)

    def verify(self, ref: str, version: int | None = None) -> Organisation:
        organisation = self._current(ref, version)
        return self._decide(organisation, Verification.VERIFIED, "")

    def reject(self, ref: str, reason: str, version: int | None = None) -> Organisation:
        """Raises Invalid (`reason_required`, `too_long`), NotVisible."""
        organisation = self._current(ref, version)
        said = reason.strip()
        if not said:
            raise Invalid([Problem("reason", "reason_required")])
        if len(said) > LONGEST_REASON:
            raise Invalid(
                [Problem("reason", "too_long", {"limit": LONGEST_REASON, "over": len(said) - LONGEST_REASON})]
            )
        return self._decide(organisation, Verification.REJECTED, said)

    def _current(self, ref: str, version: int | None) -> Organisation:
        """What is decided is what was read: changed meanwhile, the officer looks again."""
        organisation = self._mine_by_ref(ref)
        if version is not None and organisation.version != version:
            raise Conflict("organisation_changed", version=organisation.version)
        return organisation

    def _decide(self, organisation: Organisation, outcome: Verification, reason: str) -> Organisation:
        before = organisation.verification
        organisation.verification = outcome.value
        organisation.verification_reason = reason
        verb = "verify" if outcome is Verification.VERIFIED else "reject"
        self._uow.record(
            f"organisation.{verb}",
            "organisation",
            organisation.id,
            self._identity,
            from_status=before,
            to_status=outcome.value,
            reason=reason,
            region_code=organisation.region_code,
        )
        kind = "organisation.verified" if outcome is Verification.VERIFIED else "organisation.rejected"
        self._uow.notify(
            administrators(self._session, organisation.id),
            kind,
            f"/organisations/{organisation.ref}",
            {"organisation": organisation.name, "reason": reason},
        )
        self._session.flush()
        return organisation

    def _mine_by_ref(self, ref: str) -> Organisation:
        require(self._identity, Permission.VERIFY_ORGANISATION)
        organisation = self._session.scalar(select(Organisation).where(Organisation.ref == ref, self._mine()))
        if organisation is None:
            raise NotVisible("organisation", ref)
        return organisation

    def _mine(self) -> ColumnElement[bool]:
        """Officers: all but bureaus, in the counties they serve. The province: bureaus."""
        bureau = Organisation.kind == OrganisationKind.TECH_BUREAU.value
        mine: list[ColumnElement[bool]] = []
        if Role.OFFICER in self._identity.roles and self._identity.verified:
            mine.append(and_(~bureau, Organisation.region_code.in_(sorted(self._identity.regions))))
        if Role.PROVINCE in self._identity.roles and self._identity.active_member:
            mine.append(bureau)
        return or_(*mine) if mine else bureau & ~bureau


def verify_on_server(uow: UnitOfWork, ref: str, identity: Identity) -> Organisation:
    """For the command line: any organisation, bureaus too."""
    organisation = find(uow.session, ref)
    before = organisation.verification
    organisation.verification = Verification.VERIFIED.value
    organisation.verification_reason = ""
    uow.record(
        "organisation.verify",
        "organisation",
        organisation.id,
        identity,
        from_status=before,
        to_status=organisation.verification,
        region_code=organisation.region_code,
    )
    return organisation
