"""Experts: their public page, and the one they edit themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pypinyin import lazy_pinyin
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jieti.domain.errors import Conflict, Invalid, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import result as result_states
from jieti.domain.permissions import Permission, permissions_of, require
from jieti.domain.vocabulary import PriorityField
from jieti.persistence.models import Expert, Result, utcnow
from jieti.persistence.repositories.access import get_visible, visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.browse import Entry, Rows
from jieti.services.moves import Moves
from search.ports import Kind

RESULTS_SHOWN = 20
MAX_LONG = 5_000
MAX_PROJECTS, MAX_PROJECT = 30, 200
MAX_KEYWORDS, MAX_KEYWORD = 20, 30


@dataclass(frozen=True, slots=True)
class ExpertPage:
    expert: Expert
    results: Sequence[Entry]
    more_results: bool
    own: bool


@dataclass(frozen=True, slots=True)
class ExpertValues:
    """What an expert tells of themselves; texts as typed."""

    name: str
    title: str = ""
    directions: str = ""
    provides: str = ""
    bio: str = ""
    fields: Sequence[str] = ()
    keywords: Sequence[str] = ()
    projects: Sequence[str] = ()
    listed: bool = False


class Experts:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Callable[[], dt.datetime] = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def show(self, ref: str) -> ExpertPage:
        """Raises NotVisible."""
        require(self._identity, Permission.BROWSE)
        expert = get_visible(self._uow.session, Expert, ref, self._identity, joinedload(Expert.organisation))
        rows = Rows(self._uow, self._identity)
        theirs = (
            select(Result)
            .where(
                Result.expert_id == expert.id,
                Result.status.in_(sorted(result_states.PUBLIC)),
                visible(Result, self._identity),
            )
            .order_by(Result.published_at.desc(), Result.id.desc())
            .limit(RESULTS_SHOWN + 1)
        )
        found = rows.dressed(Kind.RESULT, rows.load(Kind.RESULT, theirs), {})
        return ExpertPage(expert, found[:RESULTS_SHOWN], len(found) > RESULTS_SHOWN, self._owns(expert))

    def own(self) -> Expert | None:
        """The page of the person who asks, if there is one."""
        require(self._identity, Permission.EDIT_EXPERT)
        return self._uow.session.scalar(select(Expert).where(Expert.user_id == self._identity.user_id))

    def editable(self, ref: str) -> Expert:
        """Raises NotVisible for anybody's page but one's own."""
        require(self._identity, Permission.EDIT_EXPERT)
        expert = get_visible(self._uow.session, Expert, ref, self._identity)
        if not self._owns(expert):
            raise NotVisible("expert", ref)
        return expert

    def create(self, values: ExpertValues) -> Expert:
        """The page of the person who asks; where there is one already it is that one, changed. Raises Invalid."""
        known = self.own()
        if known is not None:
            return self._write(known, values, "expert.update")
        expert = Expert(
            user_id=self._identity.user_id,
            organisation_id=self._identity.organisation_id,
            region_code=self._identity.region_code,
            name="",
            version=0,
        )
        return self._write(expert, values, "expert.create")

    def save(self, ref: str, values: ExpertValues, version: int) -> Expert:
        """Raises NotVisible, Invalid, Conflict (`version`: someone, or another window, saved meanwhile)."""
        expert = self.editable(ref)
        if expert.version != version:
            raise Conflict("expert_changed", version=expert.version, at=expert.updated_at, ref=ref)
        return self._write(expert, values, "expert.update")

    def _write(self, expert: Expert, values: ExpertValues, event: str) -> Expert:
        problems = _problems(values)
        if problems:
            raise Invalid(problems)
        expert.name = values.name.strip()
        expert.sort_key = " ".join(lazy_pinyin(expert.name))[:120]
        expert.title = values.title.strip()
        expert.directions = values.directions.strip()
        expert.provides = values.provides.strip()
        expert.bio = values.bio.strip()
        expert.fields = list(dict.fromkeys(values.fields))
        expert.keywords = list(dict.fromkeys(k.strip() for k in values.keywords if k.strip()))
        expert.projects = [p.strip() for p in values.projects if p.strip()]
        expert.listed = values.listed
        expert.updated_at = self._clock()
        expert.version += 1
        self._uow.session.add(expert)
        self._uow.session.flush()
        self._uow.record(event, "expert", expert.id, self._identity, region_code=expert.region_code)
        Moves(self._uow, self._identity).refresh_expert(expert)
        return expert

    def _owns(self, expert: Expert) -> bool:
        return (
            self._identity.user_id is not None
            and expert.user_id == self._identity.user_id
            and Permission.EDIT_EXPERT in permissions_of(self._identity)
        )


def _problems(values: ExpertValues) -> list[Problem]:
    found = []
    if not values.name.strip():
        found.append(Problem("name", "required"))
    if values.listed and not values.directions.strip():
        found.append(Problem("directions", "required"))
    for name, text, limit in (
        ("name", values.name, 40),
        ("title", values.title, 40),
        ("directions", values.directions, MAX_LONG),
        ("provides", values.provides, MAX_LONG),
        ("bio", values.bio, MAX_LONG),
    ):
        if len(text.strip()) > limit:
            found.append(Problem(name, "too_long", {"limit": limit, "over": len(text.strip()) - limit}))
    if any(f not in set(PriorityField) for f in values.fields):
        found.append(Problem("fields", "unknown_choice"))
    for name, items, limit, length in (
        ("keywords", values.keywords, MAX_KEYWORDS, MAX_KEYWORD),
        ("projects", values.projects, MAX_PROJECTS, MAX_PROJECT),
    ):
        if len(items) > limit:
            found.append(Problem(name, "too_many", {"limit": limit, "over": len(items) - limit}))
        long = next((item.strip() for item in items if len(item.strip()) > length), None)
        if long is not None:
            found.append(Problem(name, "keyword_too_long", {"word": long[:20], "limit": length}))
    return found
