"""Drafts: what is being typed, kept as typed, step by step, beside the accepted content; and what to do when two type at once.

`record.draft` is {step: {field: raw value}} and two entries of our own: `_saved` {step: {version, by, at}} and
`_mine` {"user:step": {values, at}}, what someone typed against an older version, kept until they have chosen.
A step conflicts only if that step was saved since the version the form was opened with, and differs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jieti.domain.errors import Conflict, Invalid, Problem
from jieti.domain.identity import Identity
from jieti.persistence.models import utcnow
from jieti.services.listing_content import Listing, raw_of
from jieti.services.listing_fields import ROW_PARTS, STEPS, FieldSpec, empty_rows_dropped, fields_of, raw_names

MOST_TYPED = 1_000_000
"""Characters of one draft: far beyond any real one, so that a pasted book does not fill the database."""


@dataclass(frozen=True, slots=True)
class Saved:
    version: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field on which two people differ, raw values as typed."""

    name: str
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class DraftConflict:
    choices: tuple[FieldChoice, ...]
    by: str
    at: dt.datetime | None
    version: int


class Drafts:
    """Works on a record that the caller has loaded for this identity to edit. Caller commits."""

    def __init__(self, identity: Identity, clock: Callable[[], dt.datetime] = utcnow) -> None:
        self._identity = identity
        self._clock = clock

    def raw(self, kind: str, record: Listing) -> dict[str, Any]:
        """What a form shows: the accepted content overlaid by what was typed since."""
        raw = raw_of(kind, record)
        for step in STEPS[kind]:
            raw.update((record.draft or {}).get(step, {}))
        return raw

    def save(self, kind: str, record: Listing, step: str, values: Mapping[str, Any], version: int) -> Saved:
        """Keep this step as typed.

        Raises Conflict (`draft_conflict`; params version, by, at) if the step was saved by another since `version`:
        what was typed is then kept as this person's own until they choose. Caller commits in that case too.
        Raises Invalid (`draft_too_large`).
        """
        typed = self._typed(kind, step, values)
        draft = dict(record.draft or {})
        last = draft.get("_saved", {}).get(step)
        if last and last["version"] > version and draft.get(step) != typed:
            draft["_mine"] = {
                **draft.get("_mine", {}),
                self._key(step): {"values": typed, "at": self._clock().isoformat()},
            }
            record.draft = self._bounded(draft)
            raise Conflict("draft_conflict", version=record.draft_version, by=last["by"], at=_moment(last["at"]))
        return self._store(record, draft, step, typed)

    def conflict(self, kind: str, record: Listing, step: str) -> DraftConflict | None:
        """What this person typed in vain beside what is kept; None where nothing waits."""
        draft = record.draft or {}
        waiting = draft.get("_mine", {}).get(self._key(step))
        if waiting is None:
            return None
        current = self.raw(kind, record)
        mine: Mapping[str, Any] = waiting["values"]
        choices = tuple(
            FieldChoice(name, mine[name], current.get(name)) for name in mine if mine[name] != current.get(name)
        )
        last = draft.get("_saved", {}).get(step, {})
        at = _moment(last["at"]) if last else None
        return DraftConflict(choices, last.get("by", ""), at, record.draft_version)

    def resolve(self, kind: str, record: Listing, step: str, take_mine: Mapping[str, bool], version: int) -> Saved:
        """Keep mine or theirs, field by field. Raises Conflict if it was saved again meanwhile."""
        found = self.conflict(kind, record, step)
        draft = dict(record.draft or {})
        if found is None:
            return Saved(record.draft_version, record.draft_saved_at or self._clock())
        if version != record.draft_version:
            raise Conflict("draft_conflict", version=record.draft_version, by=found.by, at=found.at)
        current = self.raw(kind, record)
        typed = {name: current.get(name) for spec in fields_of(kind, step) for name in raw_names(spec)}
        typed.update({c.name: c.mine for c in found.choices if take_mine.get(c.name)})
        waiting = {key: value for key, value in draft.get("_mine", {}).items() if key != self._key(step)}
        draft["_mine"] = waiting
        return self._store(record, draft, step, typed)

    def _store(self, record: Listing, draft: dict[str, Any], step: str, typed: dict[str, Any]) -> Saved:
        now = self._clock()
        if draft.get(step) == typed:
            return Saved(record.draft_version, record.draft_saved_at or now)
        version = record.draft_version + 1
        draft[step] = typed
        stamp = {"version": version, "by": self._identity.name, "at": now.isoformat()}
        draft["_saved"] = {**draft.get("_saved", {}), step: stamp}
        record.draft = self._bounded(draft)
        record.draft_version = version
        record.draft_saved_at = now
        record.draft_saved_by = self._identity.name[:40]
        return Saved(version, now)

    def _key(self, step: str) -> str:
        return f"{self._identity.user_id}:{step}"

    @staticmethod
    def _typed(kind: str, step: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Only this step's fields, only strings, lists and flags; without what no database can hold (NUL, lone surrogates)."""
        typed: dict[str, Any] = {}
        for spec in fields_of(kind, step):
            for name in raw_names(spec):
                if name in values:
                    typed[name] = _as_typed(spec, values[name])
        return typed

    @staticmethod
    def _bounded(draft: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(draft, ensure_ascii=False)) > MOST_TYPED:
            raise Invalid([Problem("", "draft_too_large", {"limit": MOST_TYPED // 10_000})])
        return draft


def _as_typed(spec: FieldSpec, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(value)
    if spec.reading in ROW_PARTS:
        return [
            {part: storable(text) for part, text in row.items()}
            for row in empty_rows_dropped(value or [], ROW_PARTS[spec.reading])
        ]
    return [storable(str(item)) for item in value or []]


def storable(text: str) -> str:
    return "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
