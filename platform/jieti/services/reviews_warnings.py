"""What a reviewer should look at twice: it advises, it never decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieti.domain.typed import half_width
from jieti.domain.uscc import check_digit_holds
from jieti.domain.vocabulary import Verification
from jieti.persistence.models import Challenge, Result
from jieti.services.duplicates import DEAD, Alike
from matcher.duplicates import Likeness

NEAR = 0.75
"""Share of two titles' character pairs that they have in common (Dice), above which they are shown as alike."""

MOST_COMPARED = 1000
_PHONES = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_SECRET_WORDS = (
    "配方为",
    "现配方",
    "成本价",
    "客户名单",
    "客户名称",
    "工艺参数为",
    "内部资料",
    "机密",
    "图纸编号",
)
_NOT_READ = frozenset(
    {"contact_name", "contact_phone", "field", "industry", "activity_type", "region_code", "trl_scale"}
)


@dataclass(frozen=True, slots=True)
class Caution:
    """`code` is worded by the interface: uscc, unverified, rejected_organisation, duplicate, similar, like_title, phone,
    mail, secret_word."""

    code: str
    field: str = ""
    excerpt: str = ""
    ref: str = ""


def cautions_of(
    session: Session, kind: str, record: Any, content: Mapping[str, Any], known: Sequence[Alike] = ()
) -> Iterator[Caution]:
    """`content`: the open fields of the version that was submitted; `known`: listings that say the same."""
    organisation = record.organisation
    if not check_digit_holds(organisation.uscc):
        yield Caution("uscc", excerpt=organisation.uscc)
    if organisation.verification == Verification.PENDING.value:
        yield Caution("unverified", ref=organisation.ref)
    if organisation.verification == Verification.REJECTED.value:
        yield Caution("rejected_organisation", ref=organisation.ref)
    yield from _alike(session, kind, record, known)
    yield from leaks(content)


def leaks(content: Mapping[str, Any]) -> Iterator[Caution]:
    """Phone numbers, mail addresses and words that belong into the sealed part, found in open text."""
    for name, value in content.items():
        if name in _NOT_READ:
            continue
        for text in _texts(value):
            folded = half_width(text)
            for code, pattern in (("phone", _PHONES), ("mail", _MAIL)):
                found = pattern.search(folded)
                if found:
                    yield Caution(code, name, found[0])
            word = next((w for w in _SECRET_WORDS if w in text), None)
            if word:
                yield Caution("secret_word", name, word)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def _alike(session: Session, kind: str, record: Any, known: Sequence[Alike]) -> Iterator[Caution]:
    """What says the same, wherever the reviewer may see it; then titles of the same county and field, newest first, bounded."""
    for one in known:
        yield Caution(
            "duplicate" if one.likeness is Likeness.SAME else "similar", "title", one.record.title, one.record.ref
        )
    told = {one.record.ref for one in known}
    model = Challenge if kind == "challenge" else Result
    statement = (
        select(model.ref, model.title)
        .where(
            model.region_code == record.region_code,
            model.field == record.field,
            model.id != record.id,
            model.status.not_in(DEAD),
        )
        .order_by(model.id.desc())
        .limit(MOST_COMPARED)
    )
    mine = pairs(record.title)
    close = [(alike(mine, pairs(title)), ref, title) for ref, title in session.execute(statement) if ref not in told]
    for score, ref, title in sorted(close, reverse=True)[:3]:
        if score >= NEAR:
            yield Caution("like_title", "title", title, ref)


def pairs(text: str) -> frozenset[str]:
    folded = half_width(text).lower()
    return frozenset(folded[i : i + 2] for i in range(len(folded) - 1)) or frozenset({folded})


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))
