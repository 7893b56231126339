"""Rows of an import that repeat an earlier row of the file, or a listing that is there already.

Equal texts by the key of the normalised text, near ones by shared keys, then by comparing the texts. Memory: one batch of
rows; the file's earlier rows wait in a temporary SQLite file.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from sqlalchemy import or_, select

from jieti.domain.identity import Identity
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.duplicates import DEAD
from jieti.services.imports.errors import RowProblem
from jieti.services.listing_keys import MODELS, TEXTS, print_of, sharing
from matcher.duplicates import Likeness, Print, likeness

MOST_COMPARED = 5
"""Earlier rows, and listings, that one row is compared with: those that share the most keys."""
AT_ONCE = 500
"""Listings whose texts are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Row:
    """`key`: the row's id, by which it updates the listing of an earlier import; None: it has none."""

    number: int
    key: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    likeness: Likeness
    problem: RowProblem


class Repeats:
    """Ask batch by batch, in the file's order: `with Repeats(…) as repeats: repeats.of(rows)`."""

    def __init__(self, uow: UnitOfWork, identity: Identity, *, kind: str, organisation_id: int) -> None:
        self._session = uow.session
        self._identity = identity
        self._kind = kind
        self._organisation_id = organisation_id
        self._earlier = sqlite3.connect("")  # a temporary file of SQLite's own, gone when closed
        self._earlier.execute("PRAGMA journal_mode = OFF")
        self._earlier.execute("CREATE TABLE key (key INTEGER, row INTEGER, PRIMARY KEY (key, row)) WITHOUT ROWID")
        self._earlier.execute("CREATE TABLE print (row INTEGER PRIMARY KEY, exact INTEGER, shingles BLOB, words TEXT)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._earlier.close()

    def of(self, rows: Sequence[Row]) -> list[tuple[Likeness, RowProblem]]:
        """At most one a row: the worst. Codes `same_row`, `similar_row` (first: row), `same_listing`, `similar_listing` (title, ref)."""
        prints = {row.number: print_of(self._kind, row.values) for row in rows}
        keys = {number: print_.min_hashes() for number, print_ in prints.items()}
        updating = self._updating(rows)
        there = self._listings([row for row in rows if row.number not in updating], prints, keys)
        found: list[tuple[Likeness, RowProblem]] = []
        for row in rows:
            earlier = self._row(row, prints[row.number], keys[row.number])
            both = [one for one in (there.get(row.number), earlier) if one is not None]
            if both and row.number not in updating:
                worst = min(both, key=lambda one: one.likeness is not Likeness.SAME)
                found.append((worst.likeness, worst.problem))
        return found

    def _updating(self, rows: Sequence[Row]) -> set[int]:
        """Rows that were imported before, by their id: they change that listing and add none."""
        by_key = {row.key: row.number for row in rows if row.key is not None}
        model = MODELS[self._kind]
        statement = select(model.import_key).where(
            model.organisation_id == self._organisation_id, model.import_key.in_(list(by_key))
        )
        return {by_key[key] for key in self._session.scalars(statement)} if by_key else set()

    # -- earlier rows ------------------------------------------------------------------------------------------------

    def _row(self, row: Row, mine: Print, keys: Sequence[int]) -> _Found | None:
        found: _Found | None = None
        for number, theirs in self._likely(keys):
            alike = likeness(mine, theirs)
            if alike is not None and (found is None or alike is Likeness.SAME):
                found = _Found(alike, RowProblem(row.number, "title", f"{alike.value}_row", {"first": number}))
            if alike is Likeness.SAME:
                return found  # the first of equal rows stands for all
        self._earlier.executemany("INSERT INTO key VALUES (?, ?)", [(key, row.number) for key in keys])
        words = json.dumps([sorted(part) for part in (mine.numbers, mine.names, mine.title)], ensure_ascii=False)
        self._earlier.execute(
            "INSERT INTO print VALUES (?, ?, ?, ?)", (row.number, mine.exact, mine.shingles.tobytes(), words)
        )
        return found

    def _likely(self, keys: Sequence[int]) -> Iterator[tuple[int, Print]]:
        """Earlier rows, those that share the most keys first."""
        marks = ",".join("?" * len(keys))
        statement = (
            f"SELECT p.row, exact, shingles, words FROM (SELECT row FROM key WHERE key IN ({marks}) GROUP BY row "  # noqa: S608
            f"ORDER BY COUNT(*) DESC, row LIMIT {MOST_COMPARED}) k JOIN print p ON p.row = k.row ORDER BY p.row"
        )
        for number, exact, shingles, words in self._earlier.execute(statement, keys).fetchall():
            numbers, names, title = (frozenset(part) for part in json.loads(words))
            yield number, Print(exact, np.frombuffer(shingles, dtype=np.uint64), numbers, names, title)

    # -- listings ----------------------------------------------------------------------------------------------------

    def _listings(
        self, rows: Sequence[Row], prints: Mapping[int, Print], keys: Mapping[int, Sequence[int]]
    ) -> dict[int, _Found]:
        """By row number."""
        wanted: dict[int, list[int]] = {}
        for row in rows:
            for key in keys[row.number]:
                wanted.setdefault(key, []).append(row.number)
        shared: dict[int, Counter[int]] = {}  # row number: listing ids by the keys they share
        for key, listing_id in sharing(self._session, self._kind, list(wanted)):
            for number in wanted[key]:
                shared.setdefault(number, Counter())[listing_id] += 1
        pairs: dict[int, list[int]] = {}  # listing id: row numbers
        for number, counts in shared.items():
            for listing_id, _count in counts.most_common(MOST_COMPARED):
                pairs.setdefault(listing_id, []).append(number)
        found: dict[int, _Found] = {}
        ids = sorted(pairs)
        for start in range(0, len(ids), AT_ONCE):
            for listing in self._visible(ids[start : start + AT_ONCE]):
                theirs = print_of(self._kind, listing)
                for number in pairs[listing["id"]]:
                    alike = likeness(prints[number], theirs)
                    before = found.get(number)
                    if alike is not None and (before is None or before.likeness is not Likeness.SAME):
                        # A draft has no page for the importer, though it came of an import of their own.
                        told = {
                            "title": listing["title"],
                            "ref": "" if listing["status"] == "draft" else listing["ref"],
                        }
                        problem = RowProblem(number, "title", f"{alike.value}_listing", told)
                        found[number] = _Found(alike, problem)
        return found

    def _visible(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """Columns to compare, of the listings that the importer may know of: those they see, and their own imports."""
        model = MODELS[self._kind]
        names = ("id", "ref", "status", "title", "indicators", *TEXTS[self._kind])
        mine = model.created_by_id == self._identity.user_id
        statement = select(*(getattr(model, name) for name in names)).where(model.id.in_(ids))
        if not self._identity.system:
            shown = visible(model, self._identity) & model.status.not_in(DEAD)
            statement = statement.where(or_(shown, mine & (model.status == "draft")))
        return [dict(zip(names, row, strict=True)) for row in self._session.execute(statement)]
