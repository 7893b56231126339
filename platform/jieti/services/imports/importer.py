"""Importing challenges or results: every row is checked first, and only a file without a fault is written, in one transaction.

Import is the bureau's own act (collecting needs by 汇总表): rows enter as drafts of the named organisation, or published
where the officer says so. A row whose id was imported before updates that listing; a row that repeats another, or a listing
that is there, is warned of and may be left out.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from jieti.domain import audience as audiences
from jieti.domain.dates import china_day
from jieti.domain.errors import NotAllowed
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Challenge, ListingVersion, Organisation, OutboxRow, RecordAudience, Result, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import listing_keys
from jieti.services.imports.columns import KEY, resolve, spec_of
from jieti.services.imports.errors import RowProblem
from jieti.services.imports.readers import Numbered, read_rows
from jieti.services.imports.repeats import Repeats, Row
from jieti.services.listing_content import snapshot
from jieti.services.listing_validation import read_field
from matcher.duplicates import Likeness

BATCH = 500
MOST_PROBLEMS = 1000
PUBLISHED = {"challenge": "published", "result": "listed"}
_PUBLISH_EVENT = {"challenge": "challenge.publish", "result": "result.list"}
Progress = Callable[[int], None]
Values = dict[str, Any]


@dataclass(slots=True)
class Report:
    """`problems`: the first 1,000; `faulty`: how many rows have one.

    `warnings`: rows that repeat something, the first 1,000; `repeats`: the numbers of all rows that are the same as another
    row or listing; `alike`: how many are only like one.
    """

    total: int = 0
    faulty: int = 0
    written: int = 0
    updated: int = 0
    skipped: int = 0
    alike: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    repeats: array[int] = field(default_factory=lambda: array("l"))


class Importer:
    def __init__(
        self, uow: UnitOfWork, identity: Identity, *, kind: str, organisation: Organisation, publish: bool
    ) -> None:
        """Raises NotAllowed: no IMPORT permission, or (`other_county`) an organisation of a county that is not the officer's."""
        require(identity, Permission.IMPORT)
        if not identity.system and organisation.region_code not in identity.regions:
            raise NotAllowed("other_county")
        self._uow = uow
        self._identity = identity
        self._kind = kind
        self._organisation = organisation
        self._publish = publish
        self._now = utcnow()

    def check(self, path: Path, name: str | None = None, progress: Progress = lambda _n: None) -> Report:
        """Read the whole file and judge every row; writes nothing. Raises UnreadableFile."""
        report = Report()
        keys: dict[str, int] = {}
        sound: list[Row] = []
        repeats = Repeats(self._uow, self._identity, kind=self._kind, organisation_id=self._organisation.id)
        with repeats:
            for item in self._rows(path, name):
                report.total += 1
                if isinstance(item, RowProblem):
                    problems = [item]
                else:
                    values, problems = self._values(item)
                    problems = [*problems, *_double(item, keys)]
                    if not problems:
                        sound.append(Row(item[0], values.pop(KEY, None), values))
                if problems:
                    report.faulty += 1
                    report.problems.extend(problems[: MOST_PROBLEMS - len(report.problems)])
                if len(sound) >= BATCH:
                    _warn(report, repeats.of(sound))
                    sound = []
                progress(report.total)
            _warn(report, repeats.of(sound))
        return report

    def write(
        self,
        path: Path,
        name: str | None = None,
        progress: Progress = lambda _n: None,
        *,
        skip: Collection[int] = frozenset(),
    ) -> Report:
        """Write every row of a file that `check` found faultless; the caller commits. Memory: one batch of rows.

        `skip`: numbers of rows to leave out (`Report.repeats`).
        """
        report = Report()
        batch: list[tuple[str | None, Values]] = []
        for item in self._rows(path, name):
            if isinstance(item, RowProblem):
                raise ValueError(f"row {item.row}: the file changed between check and import")
            if item[0] in skip:
                report.total += 1
                report.skipped += 1
                continue
            values, problems = self._values(item)
            if problems:
                raise ValueError(f"row {item[0]}: the file changed between check and import")
            batch.append((values.pop(KEY, None), values))
            if len(batch) >= BATCH:
                self._write_batch(batch, report)
                progress(report.written)
                batch = []
        self._write_batch(batch, report)
        progress(report.written)
        return report

    # -- reading -----------------------------------------------------------------------------------------------------

    def _rows(self, path: Path, name: str | None) -> Iterator[Numbered | RowProblem]:
        """Rows by field name instead of by head."""
        resolved: dict[tuple[str, ...], dict[str, str]] = {}
        for item in read_rows(path, name):
            if isinstance(item, RowProblem):
                yield item
                continue
            number, raw = item
            heads = tuple(raw)
            if heads not in resolved:
                names = resolve(self._kind, heads)
                resolved[heads] = {
                    head: field_name for head, field_name in zip(heads, names, strict=True) if field_name
                }
            yield number, {field_name: raw[head] for head, field_name in resolved[heads].items()}

    def _values(self, item: Numbered) -> tuple[Values, list[RowProblem]]:
        number, raw = item
        today = china_day(self._now)
        values: Values = {}
        problems: list[RowProblem] = []
        key = str(raw.get(KEY) or "").strip()
        if len(key) > 120:
            problems.append(RowProblem(number, KEY, "too_long", {"limit": 120, "over": len(key) - 120}))
        values[KEY] = key or None
        for name in {**raw, "title": raw.get("title")}:
            if name == KEY:
                continue
            value, found = read_field(spec_of(self._kind, name), raw, today)
            problems += [RowProblem(number, p.field, p.code, p.params) for p in found]
            values[name] = value
        return values, problems

    # -- writing -----------------------------------------------------------------------------------------------------

    def _write_batch(self, batch: Sequence[tuple[str | None, Values]], report: Report) -> None:
        if not batch:
            return
        session = self._uow.session
        known = self._known([key for key, _values in batch if key])
        rows: list[tuple[Challenge | Result, bool]] = []
        for key, values in batch:
            row = known.get(key or "")
            new = row is None
            if row is None:
                row = self._new_row(key)
                session.add(row)
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = self._now
            if not new:
                row.version += 1
            rows.append((row, new))
        session.flush()
        for row, new in rows:
            self._promise(row, new)
        session.flush()
        for fresh in (True, False):
            prints = {row.id: listing_keys.print_of(self._kind, row) for row, new in rows if new is fresh}
            if prints:
                listing_keys.keep(session, self._kind, prints, new=fresh)
        report.total += len(rows)
        report.written += len(rows)
        report.updated += sum(not new for _row, new in rows)
        session.expunge_all()
        self._organisation = session.merge(self._organisation, load=False)

    def _known(self, keys: Iterable[str]) -> dict[str, Challenge | Result]:
        model: type[Any] = Challenge if self._kind == "challenge" else Result
        statement = select(model).where(
            model.organisation_id == self._organisation.id, model.import_key.in_(list(keys))
        )
        return {row.import_key: row for row in self._uow.session.scalars(statement)}

    def _new_row(self, key: str | None) -> Challenge | Result:
        common: Mapping[str, Any] = {
            "organisation_id": self._organisation.id,
            "created_by_id": self._identity.user_id,
            "region_code": self._organisation.region_code,
            "import_key": key,
            "status": PUBLISHED[self._kind] if self._publish else "draft",
            "published_at": self._now if self._publish else None,
            "created_at": self._now,
        }
        return Challenge(**common) if self._kind == "challenge" else Result(**common)

    def _promise(self, row: Challenge | Result, new: bool) -> None:
        """Audience, version, event and outbox, without the look-ups that one listing's move makes (a new row has none)."""
        session = self._uow.session
        session.add(
            ListingVersion(
                kind=self._kind,
                listing_id=row.id,
                version=row.version,
                snapshot=snapshot(self._kind, row),
                actor_id=self._identity.user_id,
                at=self._now,
            )
        )
        for topic in ("index", "match"):
            if new:
                session.add(OutboxRow(topic=topic, subject_kind=self._kind, subject_id=row.id, data={}))
            else:
                self._uow.enqueue(topic, self._kind, row.id)
        if not new:
            return
        session.add_all(
            RecordAudience(record_kind=self._kind, record_id=row.id, token=token)
            for token in sorted(self._audience(row))
        )
        self._uow.record(
            _PUBLISH_EVENT[self._kind] if self._publish else f"{self._kind}.import",
            self._kind,
            row.id,
            self._identity,
            to_status=row.status,
            region_code=row.region_code,
            field=row.field or "",
            data={"imported": True},
            at=self._now,
        )

    def _audience(self, row: Challenge | Result) -> frozenset[str]:
        if isinstance(row, Challenge):
            return audiences.challenge_audience(
                status=row.status, organisation_id=row.organisation_id, region_code=row.region_code
            )
        return audiences.result_audience(
            status=row.status,
            organisation_id=row.organisation_id,
            region_code=row.region_code,
            author_id=row.created_by_id,
        )


def _warn(report: Report, found: Iterable[tuple[Likeness, RowProblem]]) -> None:
    for likeness, warning in found:
        if likeness is Likeness.SAME:
            report.repeats.append(warning.row)
        else:
            report.alike += 1
        if len(report.warnings) < MOST_PROBLEMS:
            report.warnings.append(warning)


def _double(item: Numbered, keys: dict[str, int]) -> list[RowProblem]:
    """The same id twice in one file: which of the two would count?"""
    number, raw = item
    key = str(raw.get(KEY) or "").strip()
    if not key:
        return []
    first = keys.setdefault(key, number)
    return [RowProblem(number, KEY, "double_key", {"key": key[:60], "first": first})] if first != number else []


__all__ = ["Importer", "Report"]
