"""`jieti feedback export`: what people said of matches, as judged pairs for the next training (services/feedback.py)."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jieti.bootstrap import House
from jieti.domain.dates import parse_date
from jieti.domain.typed import Unreadable
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.feedback import Feedback, Judgement, Listing, Pair, Tally
from jieti.settings import load_settings

NAMES = ("needs.jsonl", "results.jsonl", "judgements.tsv")
COLUMNS = ("need_id", "result_id", "level", "source", "reason", "role", "given_level", "matcher_version", "judged_on")


class _Day(click.ParamType):
    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return parse_date(str(value))
        except Unreadable:
            self.fail(f"{value!r} is no date; expected one such as 2026-12-31", param, ctx)


@click.group()
def feedback() -> None:
    """What people said of matches, for the next training."""


@feedback.command()
@click.argument("target", metavar="FILE.jsonl|FOLDER", type=click.Path(path_type=Path))
@click.option("--since", type=_Day(), help="verdicts and contracts of this day (in China) or later")
@click.option("--with-sealed", is_flag=True, help="sealed text too: the files become as secret as the challenges are")
@click.option("--replace", is_flag=True, help="write over an export that is there already")
def export(target: Path, since: dt.date | None, with_sealed: bool, replace: bool) -> None:
    """Judged pairs from verdicts and signed deals.

    A FOLDER gets needs.jsonl, results.jsonl and judgements.tsv, as `python -m matcher evaluate` and the training scripts
    read them; FILE.jsonl gets a line a pair, each text with its first pair. Open text only, unless --with-sealed is given.
    """
    single = target.suffix == ".jsonl"
    if not single and target.suffix:
        raise click.ClickException(f"{target}: expected a folder, or a file whose name ends with .jsonl")
    files = [target] if single else [target / name for name in NAMES]
    _refuse(target, files, single, replace)
    console = Console(stderr=True)
    if with_sealed:
        console.print(
            "[bold]Sealed text is written too.[/] The files can be read by you alone; keep them where nobody else comes, "
            "delete them after the training, and do not pass them or models trained on them to others without the firms' consent."
        )
    house = House(load_settings())
    try:
        with UnitOfWork(house.database, read=True) as uow:
            collected = Feedback(uow, since=since, with_sealed=with_sealed)
            total = collected.count()
            with _progress(console) as progress:
                task = progress.add_task("导出 export", total=total)
                pairs = progress.track(collected.pairs(), task_id=task, total=total)
                kept = (pair for pair in pairs if pair is not None)
                first = next(kept, None)
                if first is not None:
                    with _whole(files, secret=with_sealed) as streams:
                        write = _one_file(streams[0]) if single else _three_files(streams)
                        write(first)
                        for pair in kept:
                            write(pair)
    except OSError as error:
        raise click.ClickException(f"{target}: {error.strerror or error}; nothing was written") from error
    finally:
        house.close()
    _told(target, collected.tally, first is not None)


def _told(target: Path, tally: Tally, written: bool) -> None:
    left_out = f"; {tally.not_public} pairs left out, their challenge or result is not public any more" * bool(
        tally.not_public
    )
    if not written:
        click.echo(f"no judged pairs: nothing was written{left_out}")
        return
    levels = ", ".join(f"level {level}: {tally.levels.get(level, 0)}" for level in (4, 3, 2, 1))
    click.echo(f"{target}: {tally.pairs} pairs ({levels}), {tally.needs} needs, {tally.results} results{left_out}")


def _refuse(target: Path, files: list[Path], single: bool, replace: bool) -> None:
    """Before anything is read: what would fail at the end."""
    folder = target.parent if single else target
    if not single and target.exists() and not target.is_dir():
        raise click.ClickException(f"{target} is a file, not a folder; a single file's name ends with .jsonl")
    if single and target.is_dir():
        raise click.ClickException(f"{target} is a folder; a folder's name does not end with .jsonl")
    try:
        if not single:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{folder}: the folder cannot be made ({error.strerror})") from error
    if not folder.is_dir():
        raise click.ClickException(f"{folder}: no such folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.ClickException(f"{folder}: the folder is not writable")
    there = [path.name for path in files if path.exists()]
    if there and not replace:
        raise click.ClickException(f"{folder} holds {', '.join(there)} already; --replace writes over it")


@contextmanager
def _whole(files: list[Path], *, secret: bool) -> Iterator[list[IO[str]]]:
    """All files, or none: written beside their places, put there at the clean end."""
    mode = 0o600 if secret else 0o666
    partial = [path.with_name(f".{path.name}.part") for path in files]
    try:
        with ExitStack() as stack:
            streams: list[IO[str]] = []
            for path in partial:
                path.unlink(missing_ok=True)  # of a run that was cut off; its mode may be another
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
                streams.append(stack.enter_context(os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")))
            yield streams
        for path, place in zip(partial, files, strict=True):
            path.replace(place)
    finally:
        for path in partial:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _three_files(streams: list[IO[str]]) -> Callable[[Pair], None]:
    needs, results, judgements = streams
    judgements.write("\t".join(COLUMNS) + "\n")

    def write(pair: Pair) -> None:
        for stream, listing in ((needs, pair.need), (results, pair.result)):
            if listing is not None:
                stream.write(_json(_listing(listing)) + "\n")
        judgements.write("\t".join(map(str, _row(pair.judgement).values())) + "\n")

    return write


def _one_file(stream: IO[str]) -> Callable[[Pair], None]:
    """A text stands with its first pair; later ones name it by its id alone."""

    def write(pair: Pair) -> None:
        row = _row(pair.judgement)
        for name, listing in (("need", pair.need), ("result", pair.result)):
            if listing is not None:
                row[name] = _listing(listing)
        stream.write(_json(row) + "\n")

    return write


def _row(judgement: Judgement) -> dict[str, object]:
    values = asdict(judgement)
    row = {
        "need_id": values["need"],
        "result_id": values["result"],
        "given_level": "" if judgement.given is None else judgement.given,
        "judged_on": judgement.judged_on.isoformat(),
    }
    return {name: row.get(name, values.get(name)) for name in COLUMNS}


def _listing(listing: Listing) -> dict[str, object]:
    values = asdict(listing)
    return {name: value for name, value in values.items() if name != "sealed" or value}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
