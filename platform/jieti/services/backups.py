"""One file with everything that cannot be computed again: the database (SQLite), the uploads, the secret key.

The search index is not in it: `jieti reindex` makes it from the database. A PostgreSQL database is saved with pg_dump.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sqlite3
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

DATABASE = "jieti.sqlite"
UPLOADS = "uploads"
KEY = "secret_key"
MARK = "JIETI-BACKUP"
FORMAT = b"1\n"


class BackupError(Exception):
    """The message says what is wrong and what to do."""


def sqlite_path(database_url: str) -> Path:
    """Raises BackupError where the database is not an SQLite file."""
    if not database_url.startswith("sqlite:///"):
        raise BackupError(
            "only SQLite databases are saved here: use pg_dump and pg_restore, and copy the folder uploads/"
        )
    return Path(database_url.removeprefix("sqlite:///"))


def backup(database: Path, var: Path, target: Path) -> int:
    """Write the archive; the application may go on working. Returns its size in bytes. Raises BackupError."""
    if not database.exists():
        raise BackupError(f"there is no database at {database}")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        _copy(database, copy)
        partial = Path(folder) / "backup.tar.gz"
        with tarfile.open(partial, "w:gz", compresslevel=6) as archive:
            mark = tarfile.TarInfo(MARK)
            mark.size = len(FORMAT)
            archive.addfile(mark, io.BytesIO(FORMAT))
            archive.add(copy, DATABASE)
            if (var / KEY).exists():
                archive.add(var / KEY, KEY)
            if (var / UPLOADS).is_dir():
                archive.add(var / UPLOADS, UPLOADS)
        partial.chmod(0o600)
        partial.replace(target)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    """SQLite's own copy of a database in use: a consistent state, whoever writes meanwhile."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other, pages=1_000)
        other.execute("PRAGMA journal_mode=DELETE")
        (state,) = other.execute("PRAGMA quick_check").fetchone()
    if state != "ok":
        raise BackupError(f"the database is damaged: {state}")


def restore(source: Path, database: Path, var: Path) -> None:
    """Put an archive's content in place of what is there. Nothing may run on it. Raises BackupError.

    What was there is kept beside, with `.before-restore` added to its name, and is overwritten by the next restore.
    """
    try:
        archive = tarfile.open(source, "r:gz")  # noqa: SIM115 (closed below)
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source} is no backup: {error}") from error
    with archive, tempfile.TemporaryDirectory(dir=var) as folder:
        try:
            members = [m for m in archive.getmembers() if _belongs(m)]
            if MARK not in archive.getnames() or DATABASE not in archive.getnames():
                raise BackupError(f"{source} is no backup of this application")
            archive.extractall(folder, members=members, filter="data")
        except (tarfile.TarError, EOFError, OSError) as error:
            raise BackupError(f"{source} is damaged: {error}") from error
        fresh = Path(folder)
        with contextlib.closing(sqlite3.connect(fresh / DATABASE)) as opened:
            (state,) = opened.execute("PRAGMA quick_check").fetchone()
        if state != "ok":
            raise BackupError(f"the saved database is damaged: {state}")
        for suffix in ("-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)
        _put(fresh / DATABASE, database)
        _put(fresh / UPLOADS, var / UPLOADS)
        if (fresh / KEY).exists():
            _put(fresh / KEY, var / KEY)
            (var / KEY).chmod(0o600)


def _belongs(member: tarfile.TarInfo) -> bool:
    first = PurePosixPath(member.name).parts[:1]
    return first in {(DATABASE,), (KEY,), (UPLOADS,)} and (member.isfile() or member.isdir())


def _put(fresh: Path, place: Path) -> None:
    before = place.with_name(place.name + ".before-restore")
    if place.exists():
        if before.is_dir():
            shutil.rmtree(before)
        place.replace(before)
    if fresh.exists():
        fresh.replace(place)
