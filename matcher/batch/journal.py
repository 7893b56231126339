"""Whose work a folder holds: the inputs' digests and the models' versions, so that no run goes on with another's."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FORMAT = 1
"""Of the work folder; another one's work is not gone on with."""


class OtherRun(Exception):
    """The folder holds the work of a run with other inputs, models or options, or another process is at it."""


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def claimed(folder: Path, run: Mapping[str, str | int], leftovers: Iterable[str]) -> Iterator[bool]:
    """Take the folder for this run, alone; True where it holds earlier work of the same run.

    `run` names what decides the outcome; `leftovers`, files of the folder that only its journal makes this run's.
    Raises OtherRun, OSError.
    """
    run = {"format": FORMAT, **run}
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "journal.json"
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OtherRun(f"{folder}: another process is at this run") from None
        resumed = journal.exists()
        if resumed:
            _compare(folder, json.loads(journal.read_text(encoding="utf-8")), run)
        else:
            for name in leftovers:  # of a run that was finished, and cut off while it cleared up
                (folder / name).unlink(missing_ok=True)
            new = journal.with_suffix(".new")
            with new.open("w", encoding="utf-8") as stream:
                json.dump(run, stream, ensure_ascii=False, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(journal)
        yield resumed


def _compare(folder: Path, found: Mapping[str, str | int], run: Mapping[str, str | int]) -> None:
    other = [
        f"{name}: {found.get(name, 'nothing')}, now {run.get(name, 'nothing')}"
        for name in dict.fromkeys([*found, *run])
        if found.get(name) != run.get(name)
    ]
    if other:
        told = "\n  ".join(other)
        raise OtherRun(f"{folder} holds the work of another run:\n  {told}\nDelete the folder to begin anew.")
