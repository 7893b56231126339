"""A list's URL → a search. Shareable URLs come from anywhere: what is unknown is ignored and told, never an error."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from jieti.domain.amounts import BANDS, NEGOTIABLE
from jieti.domain.lifecycles import CHALLENGE, RESULT
from jieti.domain.regions import cities, regions
from jieti.domain.vocabulary import TRL_RANGE, CooperationMode, IndustrySection, PriorityField
from jieti.services.projection import LISTED, UNINDEXED, UNLISTED
from jieti.services.search_service import Request
from jieti.web import words
from search.ports import Kind, Sort

MAX_TEXT = 200
MAX_VALUES = 40

FACETS: dict[Kind, tuple[str, ...]] = {
    Kind.CHALLENGE: ("county", "field", "status", "mode", "amount_band", "industry", "trl"),
    Kind.RESULT: ("county", "field", "trl", "mode", "amount_band", "industry", "status"),
    Kind.EXPERT: ("county", "field"),
}
"""Facets of each list, in the order of its filter form."""
SORTS: dict[Kind, tuple[Sort, ...]] = {
    Kind.CHALLENGE: (Sort.RELEVANCE, Sort.NEWEST, Sort.DEADLINE, Sort.AMOUNT),
    Kind.RESULT: (Sort.RELEVANCE, Sort.NEWEST, Sort.AMOUNT),
    Kind.EXPERT: (Sort.RELEVANCE, Sort.NEWEST),
}

_ALLOWED: dict[str, Callable[[Kind], frozenset[str]]] = {
    "county": lambda _kind: frozenset(regions()) | frozenset(cities()),
    "field": lambda _kind: frozenset(f.value for f in PriorityField),
    "industry": lambda _kind: frozenset(s.value for s in IndustrySection),
    "trl": lambda _kind: frozenset(map(str, TRL_RANGE)),
    "mode": lambda _kind: frozenset(m.value for m in CooperationMode),
    "amount_band": lambda _kind: frozenset([name for name, _upper in BANDS] + [NEGOTIABLE]),
    "status": lambda kind: (
        frozenset(
            {Kind.CHALLENGE: CHALLENGE.statuses, Kind.RESULT: RESULT.statuses, Kind.EXPERT: (LISTED, UNLISTED)}[kind]
        )
        - UNINDEXED
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The search that a URL asks for, and what of it was not understood (sentences for a banner)."""

    request: Request
    notes: tuple[str, ...]


def read(kind: Kind, args: MultiDict[str, str]) -> Asked:
    notes: list[str] = []
    text = clean(args.get("q", ""))
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        notes.append(_("搜索词太长，只用了前%(n)s个字。", n=MAX_TEXT))
    filters: dict[str, tuple[str, ...]] = {}
    ignored = False
    for name in FACETS[kind]:
        given = list(dict.fromkeys(v for v in args.getlist(name) if v))
        known = tuple(v for v in given if v in _ALLOWED[name](kind))[:MAX_VALUES]
        ignored = ignored or len(known) != len(given)
        if known:
            filters[name] = known
    sort = _sort(kind, args.get("sort", ""))
    page = args.get("page", "1")
    if ignored or sort is None:
        notes.append(_("网址里有不认识的条件，已忽略。"))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
    return Asked(Request(kind, text, filters, sort or Sort.RELEVANCE, max(1, number)), tuple(notes))


def _sort(kind: Kind, given: str) -> Sort | None:
    if not given:
        return Sort.RELEVANCE
    return next((s for s in SORTS[kind] if s.value == given), None)


def clean(text: str) -> str:
    """One line without control characters (a pasted NUL must reach neither engine nor page)."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text[: MAX_TEXT * 10])
    return " ".join(kept.split())


def word(kind: Kind, name: str, value: str) -> str:
    """What a filter value is called in the interface."""
    if name == "county":
        return words.county(value) if len(value) == 6 else words.city(value)
    if name == "trl":
        return f"TRL {value}"
    tables: Mapping[str, Mapping[str, Any]] = {
        "field": words.FIELDS,
        "industry": words.INDUSTRIES,
        "mode": words.MODES,
        "amount_band": words.AMOUNT_BANDS,
        "status": words.STATUSES.get(kind.value, {}),
    }
    return str(tables[name].get(value, value))
