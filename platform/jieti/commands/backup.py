"""`jieti backup FILE` and `jieti restore FILE`."""

from __future__ import annotations

import datetime as dt
import fcntl
from pathlib import Path

import click
from sqlalchemy import func, select

from jieti.bootstrap import House
from jieti.persistence.models import WorkerHeartbeat, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import backups
from jieti.settings import Settings, load_settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Save database, uploads and secret key into FILE (.tar.gz). The application may go on working."""
    settings = load_settings()
    try:
        size = backups.backup(backups.sqlite_path(settings.database_url), settings.var, file.resolve())
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {size / 1024**2:.1f} MB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="do not ask")
def restore(file: Path, yes: bool) -> None:
    """Put FILE's database, uploads and secret key in place of those that are there. Stop the application first."""
    settings = load_settings()
    try:
        database = backups.sqlite_path(settings.database_url)
        if database.exists():
            _refuse_while_working(settings)
            if not yes:
                click.confirm(f"Replace {database} and {settings.uploads}?", abort=True)
        backups.restore(file, database, settings.var)
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("restored; now run: jieti migrate, jieti reindex, and start the application")


def _refuse_while_working(settings: Settings) -> None:
    with (settings.var / "worker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise backups.BackupError("a worker is at work on this database: stop the application first") from None
    house = House(settings)
    try:
        with UnitOfWork(house.database, read=True) as uow:
            fresh = WorkerHeartbeat.at > utcnow() - dt.timedelta(seconds=15)
            alive = uow.session.scalar(select(func.count()).select_from(WorkerHeartbeat).where(fresh))
    finally:
        house.close()
    if alive:
        raise backups.BackupError("a worker was alive a few seconds ago: stop the application first")
