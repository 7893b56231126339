"""我的需求, 我的成果, 本校成果: what waits for the reader first, then what they are writing, then the rest, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Challenge, Proposal, Result
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork

PAGE_SIZE = 20
_UNDECIDED = ("submitted", "qualified", "shortlisted")


@dataclass(frozen=True, slots=True)
class MyRow:
    """`acting`: it waits for the reader. `title` is what was typed where nothing is accepted yet."""

    record: Any
    title: str
    acting: bool
    proposal_count: int = 0
    waiting_proposals: int = 0


@dataclass(frozen=True, slots=True)
class MyPage:
    rows: tuple[MyRow, ...]
    total: int
    acting: int
    number: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


class MyListings:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._session = uow.session
        self._identity = identity

    def challenges(self, page: int = 1, *, size: int = PAGE_SIZE) -> MyPage:
        """The firm's own. Acting: to be mended, expired, or with proposals that wait for a decision."""
        require(self._identity, Permission.POST_CHALLENGE)
        waiting = (
            select(func.count())
            .where(Proposal.challenge_id == Challenge.id, Proposal.status.in_(_UNDECIDED))
            .correlate(Challenge)
            .scalar_subquery()
        )
        answered = (
            select(func.count())
            .where(Proposal.challenge_id == Challenge.id, Proposal.status.not_in(("draft", "withdrawn")))
            .correlate(Challenge)
            .scalar_subquery()
        )
        acting = or_(
            Challenge.status.in_(("needs_fix", "expired")),
            and_(Challenge.status.in_(("published", "reviewing")), waiting > 0),
        )
        mine = and_(Challenge.organisation_id == self._identity.organisation_id, visible(Challenge, self._identity))
        number, total, acting_total = self._counts(Challenge, mine, acting, page, size)
        statement = (
            select(Challenge, acting, answered, waiting)
            .where(mine)
            .order_by(*_order(Challenge, acting))
            .limit(size)
            .offset((number - 1) * size)
        )
        rows = tuple(
            MyRow(record, _title("challenge", record), bool(acts), int(count), int(undecided))
            for record, acts, count, undecided in self._session.execute(statement)
        )
        return MyPage(rows, total, acting_total, number, size)

    def results(self, page: int = 1, *, whole_organisation: bool = False, size: int = PAGE_SIZE) -> MyPage:
        """The author's own; or the university's, for its transfer office, those to be confirmed first."""
        require(self._identity, Permission.POST_RESULT)
        office = whole_organisation and Role.TRANSFER_OFFICE in self._identity.roles
        owned: ColumnElement[bool] = Result.organisation_id == self._identity.organisation_id
        if office:
            mine = and_(owned, or_(Result.status != "draft", Result.created_by_id == self._identity.user_id))
            acting = Result.status == "submitted"
        else:
            mine = and_(owned, Result.created_by_id == self._identity.user_id)
            acting = Result.status == "needs_fix"
        mine = and_(mine, visible(Result, self._identity))
        number, total, acting_total = self._counts(Result, mine, acting, page, size)
        statement = (
            select(Result, acting).where(mine).order_by(*_order(Result, acting)).limit(size).offset((number - 1) * size)
        )
        rows = tuple(
            MyRow(record, _title("result", record), bool(acts)) for record, acts in self._session.execute(statement)
        )
        return MyPage(rows, total, acting_total, number, size)

    def _counts(self, model: Any, mine: Any, acting: Any, page: int, size: int) -> tuple[int, int, int]:
        counts = select(func.count(), func.sum(case((acting, 1), else_=0))).select_from(model).where(mine)
        total, acting_total = self._session.execute(counts).one()
        last = max(1, -(-int(total) // size))
        return min(max(1, page), last), int(total), int(acting_total or 0)


def _order(model: Any, acting: Any) -> tuple[Any, ...]:
    group = case((acting, 0), (model.status == "draft", 1), else_=2)
    return group, model.updated_at.desc(), model.id.desc()


def _title(kind: str, record: Challenge | Result) -> str:
    """The accepted title, or the one being typed; "" where there is none yet."""
    if record.title:
        return record.title
    first = "problem" if kind == "challenge" else "basics"
    return str((record.draft or {}).get(first, {}).get("title", "")).strip()
