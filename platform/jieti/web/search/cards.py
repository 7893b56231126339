"""Entries of lists as the card macros take them (templates/components/listing.html)."""

from __future__ import annotations

from typing import Any

from flask import url_for

from jieti.persistence.models import Challenge, Expert, Result
from jieti.services.browse import Entry
from jieti.web import words

SHORT = 90  # characters of a text that stands in for a snippet


def card(entry: Entry) -> dict[str, Any]:
    if isinstance(entry.record, Challenge):
        return _challenge(entry, entry.record)
    if isinstance(entry.record, Result):
        return _result(entry, entry.record)
    return _expert(entry, entry.record)


def _title(entry: Entry, plain: str) -> Any:
    return entry.hit.title if entry.hit is not None and entry.hit.title else plain


def _snippet(entry: Entry, plain: str) -> Any:
    if entry.hit is not None and entry.hit.snippet:
        return entry.hit.snippet
    text = " ".join(plain.split())
    return text if len(text) <= SHORT else text[:SHORT].rstrip("，、；：,; ") + "…"


def _words(table: dict[str, Any], values: list[str]) -> list[Any]:
    return [table[value] for value in values if value in table]


def _challenge(entry: Entry, c: Challenge) -> dict[str, Any]:
    return {
        "url": url_for("challenges.show", ref=c.ref),
        "title": _title(entry, c.title),
        "status": c.status,
        "organisation_name": c.organisation.name if entry.named else None,
        "county": words.county(c.region_code),
        "field": words.FIELDS.get(c.field),
        "snippet": _snippet(entry, c.main_problem),
        "budget": c.budget,
        "deadline": c.deadline,
        "proposal_count": entry.count,
        "sealed": c.has_sealed,
    }


def _result(entry: Entry, r: Result) -> dict[str, Any]:
    return {
        "url": url_for("results.show", ref=r.ref),
        "title": _title(entry, r.title),
        "status": r.status,
        "organisation_name": r.organisation.name,
        "county": words.county(r.region_code),
        "field": words.FIELDS.get(r.field),
        "snippet": _snippet(entry, r.summary or r.body),
        "trl": r.trl,
        "modes": _words(words.MODES, r.modes),
        "price": r.price,
        "updated_on": r.updated_at,
    }


def _expert(entry: Entry, e: Expert) -> dict[str, Any]:
    return {
        "url": url_for("experts.show", ref=e.ref),
        "name": _title(entry, e.name),
        "title": e.title,
        "organisation_name": e.organisation.name if e.organisation else "",
        "county": words.county(e.region_code) if e.region_code else None,
        "fields": _words(words.FIELDS, e.fields),
        "snippet": _snippet(entry, e.directions),
        "result_count": entry.count,
    }
