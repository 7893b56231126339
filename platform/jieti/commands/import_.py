"""`jieti import challenges|results FILE`: check every row, then write all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import or_, select

from jieti.bootstrap import House
from jieti.domain.identity import SYSTEM
from jieti.domain.vocabulary import OrganisationKind, Verification
from jieti.persistence.models import Organisation
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.imports.errors import RowProblem, UnreadableFile
from jieti.services.imports.importer import Importer, Report
from jieti.settings import load_settings

SHOWN = 50


@click.command("import")
@click.argument("kind", type=click.Choice(["challenges", "results"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--organisation", required=True, help="name, reference or 统一社会信用代码 of the organisation the rows belong to"
)
@click.option(
    "--create", is_flag=True, help="make the organisation where it is not there yet (in the home region, verified)"
)
@click.option("--publish", is_flag=True, help="publish the rows (default: drafts)")
@click.option("--skip-duplicates", is_flag=True, help="leave out rows that are the same as another row or a listing")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="write every fault, or every repeat, found to this CSV file",
)
def import_(
    kind: str,
    file: Path,
    organisation: str,
    create: bool,
    publish: bool,
    skip_duplicates: bool,
    errors: Path | None,
) -> None:
    """Import challenges or results from JSONL, CSV or xlsx. Nothing is written unless every row is right.

    Rows that repeat another row, or a listing that is there, are named; --skip-duplicates leaves the same ones out.
    """
    console = Console(stderr=True)
    settings = load_settings()
    house = House(settings)
    singular = kind.removesuffix("s")
    try:
        with UnitOfWork(house.database) as uow:
            owner = _organisation(uow, organisation, singular, settings.home_region if create else None)
            importer = Importer(uow, SYSTEM, kind=singular, organisation=owner, publish=publish)
            with _progress(console) as progress:
                task = progress.add_task("检查 check", total=None)
                report = importer.check(file, progress=lambda n: progress.update(task, completed=n))
                if report.problems:
                    _complain(console, report.problems, report.total, report.faulty, errors)
                    uow.rollback()
                    sys.exit(2)
                skip = frozenset(report.repeats) if skip_duplicates else frozenset()
                task = progress.add_task("写入 write", total=report.total - len(skip))
                written = importer.write(file, progress=lambda n: progress.update(task, completed=n), skip=skip)
        _warn(console, report, errors)
        told = f"{written.written} rows written ({written.updated} of them updated), 0 refused"
        click.echo(f"{told}, {written.skipped} duplicates left out" if skip_duplicates else told)
    except UnreadableFile as error:
        console.print(f"[bold]{file.name}[/]: {error.code} {dict(error.params)}", markup=True)
        sys.exit(2)
    finally:
        house.close()


def _organisation(uow: UnitOfWork, wanted: str, kind: str, create_in: str | None) -> Organisation:
    found = uow.session.scalar(
        select(Organisation)
        .where(or_(Organisation.ref == wanted, Organisation.uscc == wanted.upper(), Organisation.name == wanted))
        .limit(1)
    )
    if found is None and create_in is not None:
        of_kind = OrganisationKind.ENTERPRISE if kind == "challenge" else OrganisationKind.UNIVERSITY
        found = Organisation(
            kind=of_kind.value, name=wanted, uscc="", region_code=create_in, verification=Verification.VERIFIED.value
        )
        uow.session.add(found)
        uow.session.flush()
    if found is None:
        raise click.ClickException(f"no organisation {wanted!r}; --create makes it")
    return found


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _warn(console: Console, report: Report, errors: Path | None) -> None:
    if not report.warnings:
        return
    told = f"{len(report.repeats)} rows the same as another row or a listing, {report.alike} like one"
    _table(console, told, "what it repeats", report.warnings)
    if errors:
        _save(errors, report.warnings)


def _complain(console: Console, problems: list[RowProblem], total: int, faulty: int, errors: Path | None) -> None:
    _table(console, f"{total - faulty} rows fine, {faulty} wrong, nothing written", "what is wrong", problems)
    if len(problems) > SHOWN and not errors:
        console.print("--errors FILE lists them all")
    if errors:
        _save(errors, problems)


def _table(console: Console, title: str, what: str, problems: list[RowProblem]) -> None:
    table = Table(title=title)
    for head in ("row", "field", what, ""):
        table.add_column(head)
    for problem in problems[:SHOWN]:
        table.add_row(str(problem.row), problem.field, problem.code, _detail(problem))
    console.print(table)
    if len(problems) > SHOWN:
        console.print(f"… and {len(problems) - SHOWN} more")


def _save(path: Path, problems: list[RowProblem]) -> None:
    from jieti.services.spreadsheets import Cell, csv_lines

    rows: Iterator[list[Cell]] = ([p.row, p.field, p.code, _detail(p)] for p in problems)
    path.write_text("".join(csv_lines(["row", "field", "problem", "detail"], rows)), encoding="utf-8", newline="")


def _detail(problem: RowProblem) -> str:
    return ", ".join(f"{k}={v}" for k, v in problem.params.items())
