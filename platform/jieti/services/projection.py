"""From listings to search documents: open text only.

This is the one place where a record becomes searchable, so what it leaves out cannot be found: sealed text and
indicators, contacts, the firm's name of an anonymous challenge, everything still in a draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from jieti.domain.amounts import amount_band
from jieti.domain.lifecycles import result as result_states
from jieti.persistence.models import Challenge, Expert, RecordAudience, Result
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching_texts import need_of, offer_of_expert, offer_of_result
from matcher.types import Need, Offer
from search.ports import Document, Kind

CHINA = ZoneInfo("Asia/Shanghai")
MODELS: dict[Kind, Any] = {
    Kind.CHALLENGE: Challenge,
    Kind.RESULT: Result,
    Kind.EXPERT: Expert,
}
UNINDEXED = frozenset({"draft"})
"""A draft is its owner's alone, and is changed with every pause in typing."""
LISTED, UNLISTED = "listed", "unlisted"

Listing = Challenge | Result | Expert


@dataclass(frozen=True, slots=True)
class Projected:
    """A document without its vector, and the matcher's terms to compute that from."""

    subject_id: int
    document: Document
    text: Need | Offer


@dataclass(frozen=True, slots=True)
class Absent:
    """A record that must not be in the index (any more), at the version that says so."""

    subject_id: int
    kind: Kind
    ref: str
    version: int


def indexed(record: Listing) -> bool:
    """Does this record belong into the index at all? (Who may see it there is its audience's matter.)"""
    return isinstance(record, Expert) or record.status not in UNINDEXED


def read(uow: UnitOfWork, kind: Kind, ids: Collection[int]) -> list[Projected | Absent]:
    """The truth about these records, in three queries. Unknown ids are left out."""
    model = MODELS[kind]
    statement = select(model).where(model.id.in_(sorted(set(ids)))).options(joinedload(model.organisation))
    records: Sequence[Listing] = uow.session.scalars(statement).all()
    audience = audiences(uow, kind, [r.id for r in records])
    titles = listed_titles(uow, [r.id for r in records]) if kind is Kind.EXPERT else {}
    return [
        project(record, audience.get(record.id, frozenset()), titles.get(record.id, ()))
        if indexed(record)
        else Absent(record.id, kind, record.ref, record.version)
        for record in records
    ]


def audiences(uow: UnitOfWork, kind: Kind, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The audience as the SQL form of the rule has it, so that a page and its search agree."""
    rows = uow.session.execute(
        select(RecordAudience.record_id, RecordAudience.token).where(
            RecordAudience.record_kind == kind.value, RecordAudience.record_id.in_(ids)
        )
    )
    found: dict[int, set[str]] = {}
    for record_id, token in rows:
        found.setdefault(record_id, set()).add(token)
    return {record_id: frozenset(tokens) for record_id, tokens in found.items()}


def listed_titles(uow: UnitOfWork, expert_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Titles of each expert's public results: what an expert is found by beside the profile."""
    rows = uow.session.execute(
        select(Result.expert_id, Result.title)
        .where(Result.expert_id.in_(expert_ids), Result.status.in_(sorted(result_states.PUBLIC)))
        .order_by(Result.expert_id, Result.id)
    )
    titles: dict[int | None, tuple[str, ...]] = {}
    for expert_id, title in rows:
        titles[expert_id] = (*titles.get(expert_id, ()), title)
    return {expert_id: found for expert_id, found in titles.items() if expert_id is not None}


def project(record: Listing, audience: frozenset[str], titles: Sequence[str] = ()) -> Projected:
    if isinstance(record, Challenge):
        return Projected(record.id, _challenge(record, audience), need_of(record, with_sealed=False))
    if isinstance(record, Result):
        return Projected(record.id, _result(record, audience), offer_of_result(record))
    return Projected(record.id, _expert(record, audience, titles), offer_of_expert(record, titles))


def indicator_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Indicator rows as a person would write them, one a line: 抗冲击韧性 ≥67% 室温."""
    lines = []
    for row in rows:
        value, value_to = str(row.get("value") or ""), str(row.get("value_to") or "")
        operator = str(row.get("operator") or "")
        if operator == "range":
            amount = f"{value}~{value_to}"
        elif operator == "+-":
            amount = f"{value}±{value_to}"
        else:
            amount = {">=": "≥", "<=": "≤"}.get(operator, operator.replace("=", "")) + value
        parts = (str(row.get("name") or ""), f"{amount}{row.get('unit') or ''}", str(row.get("condition") or ""))
        lines.append(" ".join(p for p in parts if p))
    return "\n".join(lines)


def _lines(*texts: str) -> str:
    return "\n".join(t.strip() for t in texts if t and t.strip())


def _day(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.replace(tzinfo=dt.UTC).astimezone(CHINA).date()


def _place(region_code: str) -> dict[str, tuple[str, ...]]:
    return {"county": (region_code,), "city": (region_code[:4],)} if region_code else {}


def _kept(**facets: Iterable[str]) -> dict[str, tuple[str, ...]]:
    kept = {name: tuple(v for v in values if v) for name, values in facets.items()}
    return {name: values for name, values in kept.items() if values}


def _challenge(c: Challenge, audience: frozenset[str]) -> Document:
    return Document(
        kind=Kind.CHALLENGE,
        ref=c.ref,
        version=c.version,
        title=c.title,
        summary=c.main_problem,
        body=_lines(c.tech_requirements, c.expected_goal, indicator_text(c.indicators), c.solver_conditions),
        organisation="" if c.anonymous else c.organisation.name,
        keywords=tuple(c.keywords),
        audience=audience,
        facets=_place(c.region_code)
        | _kept(
            field=[c.field],
            industry=[c.industry[:1]],
            trl=[str(c.trl_min or "")],
            mode=c.modes,
            amount_band=[amount_band(c.budget)],
            status=[c.status],
        ),
        published_on=_day(c.published_at),
        deadline=c.deadline,
        amount=c.budget,
    )


def _result(r: Result, audience: frozenset[str]) -> Document:
    return Document(
        kind=Kind.RESULT,
        ref=r.ref,
        version=r.version,
        title=r.title,
        summary=r.summary,
        body=_lines(r.body, r.advantages, r.market, indicator_text(r.indicators), r.awards),
        organisation=r.organisation.name,
        keywords=tuple(r.keywords),
        audience=audience,
        facets=_place(r.region_code)
        | _kept(
            field=[r.field],
            industry=[r.industry[:1]],
            trl=[str(r.trl or "")],
            mode=r.modes,
            amount_band=[amount_band(r.price)],
            status=[r.status],
        ),
        published_on=_day(r.published_at),
        amount=r.price,
    )


def _expert(e: Expert, audience: frozenset[str], titles: Sequence[str]) -> Document:
    return Document(
        kind=Kind.EXPERT,
        ref=e.ref,
        version=e.version,
        title=e.name,
        summary=e.directions,
        body=_lines(e.title, e.provides, e.bio, *e.projects, *titles),
        organisation=e.organisation.name if e.organisation else "",
        keywords=tuple(e.keywords),
        audience=audience,
        facets=_place(e.region_code) | _kept(field=e.fields, status=[LISTED if e.listed else UNLISTED]),
        published_on=_day(e.created_at),
    )
