"""An organisation's public page: is it to be trusted, what does it offer, does it answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import ColumnElement, func, select

from jieti.domain.errors import NotVisible
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.permissions import Permission, permissions_of
from jieti.domain.vocabulary import Membership, OrganisationKind, Role, Verification
from jieti.persistence.models import Challenge, Event, Organisation, Proposal, Result, User
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.browse import Entry, Rows
from jieti.services.organisations import find
from search.ports import Kind

SHOWN = 20
ANSWERS = 200
"""The median is taken over this many latest answers."""

_QUESTIONS = frozenset({"proposal.submit"})
_PROPOSAL_ANSWERS = frozenset({"proposal.shortlist", "proposal.accept", "proposal.decline"})
_REVIEW_QUESTIONS = frozenset({"challenge.submit", "result.confirm"})
_REVIEW_ANSWERS = frozenset(
    f"{kind}.{verb}"
    for kind, verbs in {"challenge": "approve ask_changes reject", "result": "list ask_changes reject"}.items()
    for verb in verbs.split()
)


@dataclass(frozen=True, slots=True)
class ReplyTime:
    """Median time from a question to its first answer, and over how many answers. None where there was none."""

    median: dt.timedelta | None
    answers: int


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    organisation: Organisation
    challenges: Sequence[Entry]
    challenge_count: int
    results: Sequence[Entry]
    result_count: int
    reply: ReplyTime
    own: bool
    may_edit: bool
    may_verify: bool
    members: int


def reply_time(events: Iterable[tuple[int, str, dt.datetime, bool]], questions: frozenset[str]) -> ReplyTime:
    """From (subject, event, time, is it an answer) in order of time: each question with the first answer after it.

    A second question before the answer (a corrected submission) starts the waiting anew; an unanswered one does not count.
    """
    asked: dict[int, dt.datetime] = {}
    waits: list[dt.timedelta] = []
    for subject, name, at, answer in events:
        if name in questions:
            asked[subject] = at
        elif answer and subject in asked:
            waits.append(at - asked.pop(subject))
    seconds = [wait.total_seconds() for wait in waits]
    return ReplyTime(dt.timedelta(seconds=median(seconds)) if seconds else None, len(waits))


class OrganisationPages:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._session = uow.session
        self._identity = identity
        self._rows = Rows(uow, identity)

    def show(self, ref: str) -> OrganisationPage:
        """Raises NotVisible; an organisation that is not verified is seen by its people, the county and the province only."""
        organisation = find(self._session, ref)
        who = self._identity
        own = who.organisation_id == organisation.id
        county = bool(who.tokens & {f"officer:{organisation.region_code}", f"broker:{organisation.region_code}"})
        if organisation.verification != Verification.VERIFIED.value and not (
            own or county or who.system or Role.PROVINCE in who.roles
        ):
            raise NotVisible("organisation", ref)
        challenges = self._challenges(organisation, own or county)
        results = (Result.organisation_id == organisation.id) & Result.status.in_(sorted(result_states.MATCHABLE))
        verifies = Permission.VERIFY_ORGANISATION in permissions_of(who)
        bureau = organisation.kind == OrganisationKind.TECH_BUREAU.value
        return OrganisationPage(
            organisation=organisation,
            challenges=self._page(Kind.CHALLENGE, challenges),
            challenge_count=self._rows.count(challenges & visible(Challenge, who), Kind.CHALLENGE),
            results=self._page(Kind.RESULT, results),
            result_count=self._rows.count(results & visible(Result, who), Kind.RESULT),
            reply=self._reply_time(organisation),
            own=own and who.active_member,
            may_edit=own and who.active_member and who.organisation_admin,
            may_verify=verifies and (Role.PROVINCE in who.roles if bureau else organisation.region_code in who.regions),
            members=self._members(organisation.id) if own else 0,
        )

    def _challenges(self, organisation: Organisation, named: bool) -> ColumnElement[bool]:
        """An anonymous firm's challenges would name it here: only those who may know see them."""
        condition = (Challenge.organisation_id == organisation.id) & Challenge.status.in_(
            sorted(challenge_states.MATCHABLE)
        )
        return condition if named else condition & Challenge.anonymous.is_(False)

    def _page(self, kind: Kind, condition: ColumnElement[bool]) -> Sequence[Entry]:
        if kind is Kind.CHALLENGE:
            challenges = select(Challenge).where(condition, visible(Challenge, self._identity))
            newest = challenges.order_by(Challenge.published_at.desc(), Challenge.id.desc()).limit(SHOWN)
            return self._rows.dressed(kind, self._rows.load(kind, newest), {})
        results = select(Result).where(condition, visible(Result, self._identity))
        latest = results.order_by(Result.published_at.desc(), Result.id.desc()).limit(SHOWN)
        return self._rows.dressed(kind, self._rows.load(kind, latest), {})

    def _members(self, organisation_id: int) -> int:
        statement = select(func.count()).where(
            User.organisation_id == organisation_id, User.membership == Membership.ACTIVE.value
        )
        return self._session.scalar(statement) or 0

    def _reply_time(self, organisation: Organisation) -> ReplyTime:
        """A firm: from a proposal handed in to its answer. A bureau: from a submission in its county to the decision."""
        if organisation.kind == OrganisationKind.TECH_BUREAU.value:
            regions = sorted({organisation.region_code, *organisation.served_regions})
            names = (*_REVIEW_QUESTIONS, *_REVIEW_ANSWERS)
            statement = select(Event.subject_kind, Event.subject_id, Event.name, Event.at).where(
                Event.name.in_(names), Event.region_code.in_(regions)
            )
            questions, answers = _REVIEW_QUESTIONS, _REVIEW_ANSWERS
        elif organisation.kind == OrganisationKind.ENTERPRISE.value:
            statement = (
                select(Event.subject_kind, Event.subject_id, Event.name, Event.at)
                .join(Proposal, (Event.subject_kind == "proposal") & (Event.subject_id == Proposal.id))
                .join(Challenge, Proposal.challenge_id == Challenge.id)
                .where(Challenge.organisation_id == organisation.id, Event.name.in_((*_QUESTIONS, *_PROPOSAL_ANSWERS)))
            )
            questions, answers = _QUESTIONS, _PROPOSAL_ANSWERS
        else:
            return ReplyTime(None, 0)
        latest = self._session.execute(statement.order_by(Event.at.desc(), Event.id.desc()).limit(2 * ANSWERS)).all()
        numbers: dict[tuple[str, int], int] = {}
        events = [
            (numbers.setdefault((kind, subject), len(numbers)), name, at, name in answers)
            for kind, subject, name, at in reversed(latest)
        ]
        return reply_time(events, questions)
