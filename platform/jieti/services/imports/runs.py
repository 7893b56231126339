"""An import through the web: a checked file waits in var/imports until its officer writes it or a week has passed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select

from jieti.domain.errors import Invalid, MoveNotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import OrganisationKind, Verification
from jieti.persistence.models import ImportRun, Organisation, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.imports.errors import RowProblem, UnreadableFile
from jieti.services.imports.importer import Importer
from jieti.services.imports.readers import read_rows

KEPT = dt.timedelta(days=7)
MOST_ROWS = 5000
"""Rows a web request writes; a longer file goes through `jieti import`, which shows progress."""
PAGE_SIZE = 20
OWNER_KIND = {"challenge": OrganisationKind.ENTERPRISE, "result": OrganisationKind.UNIVERSITY}


class ImportRuns:
    def __init__(self, uow: UnitOfWork, identity: Identity, folder: Path) -> None:
        require(identity, Permission.IMPORT)
        self._uow = uow
        self._identity = identity
        self._folder = folder

    def owners(self, kind: str) -> list[Organisation]:
        """The verified organisations of the officer's counties that may own such rows, by name."""
        statement = (
            select(Organisation)
            .where(
                Organisation.kind == OWNER_KIND[kind].value,
                Organisation.region_code.in_(sorted(self._identity.regions)),
                Organisation.verification == Verification.VERIFIED.value,
            )
            .order_by(Organisation.sort_key, Organisation.id)
            .limit(1000)
        )
        return list(self._uow.session.scalars(statement))

    def page(self, number: int) -> tuple[list[ImportRun], int]:
        """The officer's own runs, newest first, and how many there are."""
        mine = ImportRun.user_id == self._identity.user_id
        total = self._uow.session.scalar(select(func.count()).select_from(ImportRun).where(mine)) or 0
        statement = select(ImportRun).where(mine).order_by(ImportRun.created_at.desc(), ImportRun.id.desc())
        return list(
            self._uow.session.scalars(statement.limit(PAGE_SIZE).offset((max(number, 1) - 1) * PAGE_SIZE))
        ), total

    def get(self, ref: str) -> ImportRun:
        """Raises NotVisible for another's run."""
        run = self._uow.session.scalar(
            select(ImportRun).where(ImportRun.ref == ref, ImportRun.user_id == self._identity.user_id)
        )
        if run is None:
            raise NotVisible("import", ref)
        return run

    def check(self, *, kind: str, organisation_ref: str, publish: bool, filename: str, file: BinaryIO) -> ImportRun:
        """Keep the file and judge every row; writes no listing. Raises Invalid with the file's fault, beside `file`."""
        owner = next((o for o in self.owners(kind) if o.ref == organisation_ref), None) if kind in OWNER_KIND else None
        if owner is None:
            raise Invalid([Problem("organisation", "unknown_choice")])
        run = ImportRun(kind=kind, filename=Path(filename).name[-200:], user_id=self._identity.user_id)
        self._uow.session.add(run)
        self._uow.session.flush()
        path = self._keep(run, file)
        try:
            report = Importer(self._uow, self._identity, kind=kind, organisation=owner, publish=publish).check(
                path, run.filename
            )
        except UnreadableFile as error:
            path.unlink(missing_ok=True)
            raise Invalid([Problem("file", error.code, dict(error.params))]) from None
        if report.total > MOST_ROWS or report.total == 0:
            path.unlink(missing_ok=True)
            code = "import_empty" if report.total == 0 else "import_too_long"
            raise Invalid([Problem("file", code, {"rows": report.total, "limit": MOST_ROWS})])
        run.total = report.total
        run.problems = [
            {
                "organisation": owner.ref,
                "publish": publish,
                "faulty": report.faulty,
                "warnings": [dataclasses.asdict(warning) for warning in report.warnings],
                "repeats": list(report.repeats),
                "alike": report.alike,
            },
            *(dataclasses.asdict(problem) for problem in report.problems),
        ]
        run.status = "refused" if report.problems else "checked"
        return run

    def write(self, ref: str, *, skip_repeats: bool = False) -> ImportRun:
        """Write a faultless, checked file, on request without the rows that were found to repeat another row or a listing.

        Raises MoveNotAllowed where it was written already or has faults or is gone.
        """
        run = self.get(ref)
        path = self.path(run)
        if run.status != "checked" or not path.exists():
            raise MoveNotAllowed("no_such_move", lifecycle="import", source=run.status, verb="write")
        terms = run.problems[0]
        owner = next(o for o in self.owners(run.kind) if o.ref == terms["organisation"])
        importer = Importer(
            self._uow, self._identity, kind=run.kind, organisation=owner, publish=bool(terms["publish"])
        )
        run_id = run.id
        skip = frozenset(terms.get("repeats", ())) if skip_repeats else frozenset()
        report = importer.write(path, run.filename, skip=skip)
        written = self._uow.session.get_one(ImportRun, run_id)
        written.status, written.written, written.finished_at = "imported", report.written, utcnow()
        path.unlink(missing_ok=True)
        return written

    def marked_rows(self, run: ImportRun) -> tuple[list[str], Iterator[tuple[list[str], list[dict[str, Any]]]]]:
        """The uploaded table: its heads, and each row's cells with its faults (RowProblem as dicts)."""
        by_row: dict[int, list[dict[str, Any]]] = {}
        for problem in run.problems[1:]:
            by_row.setdefault(problem["row"], []).append(problem)
        path = self.path(run)
        if not path.exists():
            raise NotVisible("import", run.ref)
        first = next((item for item in read_rows(path, run.filename) if not isinstance(item, RowProblem)), None)
        heads = list(first[1]) if first else []

        def rows() -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
            for item in read_rows(path, run.filename):
                number, raw = (item.row, {}) if isinstance(item, RowProblem) else item
                yield [str(raw.get(head, "")) for head in heads], by_row.get(number, [])

        return heads, rows()

    def path(self, run: ImportRun) -> Path:
        return self._folder / f"{run.ref}{Path(run.filename).suffix.lower()[:6]}"

    def _keep(self, run: ImportRun, file: BinaryIO) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self._folder.iterdir():
            if time.time() - old.stat().st_mtime > KEPT.total_seconds():
                old.unlink(missing_ok=True)
        path = self.path(run)
        with path.open("wb") as target:
            while piece := file.read(1 << 20):
                target.write(piece)
        return path
