"""Measure what stands beside a challenge while it is written: the preview of its matches, and the search for near-duplicates.

    python scripts/bench_preview.py [--results 20000]

As in bench_platform (which calls this too): made texts, random vectors of the results. Each draft borrows its title and text from a
result, so that something matches and is explained; the encoder has not met it, and sealed text stands beside it. An edit changes
the main text alone. CPU seconds are what an idle machine would need: the others are a busy one's, too.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.domain.identity import Identity
from jieti.persistence import migrate
from jieti.persistence.models import Organisation, Result, Role, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.duplicates import Duplicates
from jieti.services.identities import identity_of
from jieti.services.match_preview import MatchPreviews
from jieti.settings import load_settings
from matcher.askback import questions
from matcher.types import Need

DRAFTS = 12


@dataclass
class PreviewFigures:
    """Seconds."""

    preview_seconds_median: float = 0.0
    preview_seconds_worst: float = 0.0
    preview_cpu_seconds_median: float = 0.0
    preview_after_an_edit_median: float = 0.0
    preview_after_an_edit_worst: float = 0.0
    preview_after_an_edit_cpu_median: float = 0.0
    duplicates_seconds_median: float = 0.0
    askback_seconds_median: float = 0.0


def writer(house: House, firm: Organisation) -> Identity:
    with UnitOfWork(house.database) as uow:
        user = User(
            email=f"{uuid4().hex}@example.com", name="示例", active=True, fs_uniquifier=uuid4().hex, confirmed_at=utcnow(),
            organisation_id=firm.id, membership="active",
        )  # fmt: skip
        user.roles.append(Role(name="enterprise"))
        uow.session.add(user)
        uow.session.flush()
        return identity_of(uow.session.get_one(User, user.id))


def measure(house: House, who: Identity, made: Callable[[random.Random, int], str]) -> PreviewFigures:
    """`made`: so many sentences of text."""
    seed = random.Random(23)

    with UnitOfWork(house.database, read=True) as uow:
        borrowed = uow.session.execute(select(Result.title, Result.body).order_by(Result.id).limit(DRAFTS + 1)).all()

    def timed(act: Callable[[], Any]) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        return time.perf_counter() - wall, time.process_time() - cpu

    def preview(need: Need) -> None:
        with UnitOfWork(house.database, read=True) as uow:
            MatchPreviews(uow, who, engine=house.search, matcher=house.matcher).of(need)

    def duplicates(need: Need) -> None:
        with UnitOfWork(house.database, read=True) as uow:
            values = {"title": need.title, "main_problem": need.body}
            Duplicates(uow, who, engine=house.search, matcher=house.matcher).of("challenge", values, need, but_id=0)

    times: list[list[tuple[float, float]]] = [[], [], [], []]
    for title, body in borrowed:
        need = Need("", title, f"{body}{made(seed, 8)}", sealed=made(seed, 6), region="330521")
        edit = replace(need, body=need.body.replace("提高", "再提高", 1))
        acts = (
            partial(preview, need),
            partial(preview, edit),
            partial(duplicates, replace(need, sealed="")),
            partial(questions, need),
        )
        for kept, act in zip(times, acts, strict=True):
            kept.append(timed(act))
    first, edited, alike, asked = (kept[1:] for kept in times)  # the first opens files and warms caches

    def middle(kept: list[tuple[float, float]], part: int) -> float:
        return statistics.median(one[part] for one in kept)

    return PreviewFigures(
        middle(first, 0), max(first)[0], middle(first, 1), middle(edited, 0), max(edited)[0], middle(edited, 1),
        middle(alike, 0), middle(asked, 0),
    )  # fmt: skip


def main(argv: list[str] | None = None) -> PreviewFigures:
    import bench_platform as platform

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, default=20000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        house = House(load_settings({"JIETI_VAR": folder}))
        migrate.upgrade(house.database)
        rows = platform.write_jsonl(Path(folder) / "r.jsonl", options.results, random.Random(7))
        platform.import_rows(house, platform.organisation(house, "university"), "result", rows)
        who = writer(house, platform.organisation(house, "enterprise"))
        house.warm_up()
        platform.fill_engine(house, 11)
        figures = measure(house, who, platform.sentences)
        house.close()
    table = Table("figure", "seconds", title=f"while a challenge is written, {options.results} results")
    for name, value in vars(figures).items():
        table.add_row(name, f"{value:.3f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
