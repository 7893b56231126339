"""Measure the platform as a whole: import, matching of one challenge among many, start-up and memory of a web worker.

    python scripts/bench_platform.py [--results 20000] [--rows 5000] [--json FILE]

Texts are made from the segmentation dictionary with a fixed seed. For the matching figure the results' vectors are random
unit vectors put straight into the engine: what is measured is candidates, ranking, explaining and storing, not the
encoding of 20,000 texts (that is the index throughput's figure).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import bench_preview
import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.domain.identity import SYSTEM
from jieti.persistence import migrate
from jieti.persistence.models import Challenge, Organisation, Result
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import listing_keys, projection
from jieti.services.imports.importer import Importer
from jieti.services.imports.repeats import Repeats
from jieti.services.matching import Matching
from jieti.settings import load_settings
from search.ports import Document, Kind

ROOT = Path(__file__).resolve().parents[1]
WORDS = [
    line.split()[0]
    for line in (ROOT / "search" / "dictionary.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
REPEATS = 7


@dataclass
class Figures:
    import_rows_per_second: float = 0.0
    import_peak_mb: float = 0.0
    import_share_of_repeats: float = 0.0
    """Of the import's CPU time, what finding repeats and keeping keys takes: 1 - share is the throughput's ratio to one without."""
    index_listings_per_second: float = 0.0
    match_seconds_median: float = 0.0
    match_seconds_worst: float = 0.0
    match_candidates_seconds: float = 0.0
    start_seconds: float = 0.0
    web_worker_resident_mb: float = 0.0


def sentences(seed: random.Random, count: int) -> str:
    return "".join(
        "采用" + "".join(seed.sample(WORDS, 4)) + f"，{seed.choice(WORDS)}提高{seed.randint(5, 90)}%。"
        for _ in range(count)
    )


def rows(count: int, seed: random.Random) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {"id": f"b{number}", "title": "".join(seed.sample(WORDS, 4))[:60], "body": sentences(seed, 6)}


def write_jsonl(path: Path, count: int, seed: random.Random) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for row in rows(count, seed):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def organisation(house: House, kind: str) -> Organisation:
    with UnitOfWork(house.database) as uow:
        row = Organisation(kind=kind, name=f"示例{kind}", uscc="", region_code="330521", verification="verified")
        uow.session.add(row)
    return row


def import_rows(house: House, owner: Organisation, kind: str, path: Path) -> float:
    """Rows a second, check and write together."""
    start = time.perf_counter()
    with UnitOfWork(house.database) as uow:
        importer = Importer(uow, SYSTEM, kind=kind, organisation=uow.session.merge(owner), publish=True)
        report = importer.check(path)
        assert not report.problems, report.problems[:3]
        importer.write(path)
    return report.total / (time.perf_counter() - start)


def share_of_repeats(house: House, owner: Organisation, path: Path, count: int, seed: random.Random) -> float:
    """Of an import's CPU time, what finding repeats and keeping keys takes.

    Its words are made of many characters: texts of the dictionary's few words are all like each other, as no table's rows are.
    """
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            body = "。".join("".join(seed.sample(characters, 20)) for _sentence in range(9))
            row = {"id": f"s{number}", "title": "".join(seed.sample(characters, 16)), "body": body}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    spent, depth = 0.0, 0

    def clocked(function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            nonlocal spent, depth
            depth += 1
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                depth -= 1
                if not depth:  # one within another is the outer one's
                    spent += time.process_time() - start

        return timed

    with ExitStack() as stack:
        for target, name in ((Repeats, "of"), (listing_keys, "keep"), (listing_keys, "print_of")):
            stack.enter_context(mock.patch.object(target, name, clocked(getattr(target, name))))
        start = time.process_time()
        import_rows(house, owner, "result", path)
        return spent / (time.process_time() - start)


def fill_engine(house: House, seed: int) -> None:
    """Every result into the engine with a random vector."""
    rng = np.random.default_rng(seed)
    dimensions = house.matcher.encoder.dimensions
    with UnitOfWork(house.database, read=True) as uow:
        ids = list(uow.session.scalars(select(Result.id)))
    rebuild = house.search.rebuild(Kind.RESULT)
    for start in range(0, len(ids), 1000):
        with UnitOfWork(house.database, read=True) as uow:
            found = projection.read(uow, Kind.RESULT, ids[start : start + 1000])
        vectors = rng.standard_normal((len(found), dimensions)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        documents: list[Document] = []
        for projected, vector in zip(found, vectors, strict=True):
            assert isinstance(projected, projection.Projected)
            document = projected.document
            documents.append(
                Document(
                    **{name: getattr(document, name) for name in document.__slots__ if name != "vector"}, vector=vector
                )
            )
        rebuild.add(documents)
    rebuild.commit()


def measure_index(house: House, count: int) -> float:
    """Listings a second through projection, encoder and engine, as the worker does it."""
    from jieti.jobs.worker import Worker

    start = time.perf_counter()
    done = Worker(house).run_until_empty(limit=count)
    return done / (time.perf_counter() - start)


def measure_matching(house: House) -> tuple[float, float, float]:
    """Seconds from candidates to stored reasons: median and worst over the challenges; median of the candidates alone
    (their challenge encoded already)."""
    matching = Matching(house.database, house.search, house.matcher)
    with UnitOfWork(house.database, read=True) as uow:
        challenges = list(uow.session.scalars(select(Challenge).order_by(Challenge.id).limit(REPEATS + 1)))
    times, candidates = [], []
    for number, challenge in enumerate(challenges):
        start = time.perf_counter()
        matching.refresh_challenge(challenge.id)  # its text is encoded here: the encoder has not met it before
        middle = time.perf_counter()
        matching._candidates(challenge, Kind.RESULT)
        if number:  # the first opens files and warms caches
            times.append(middle - start)
            candidates.append(time.perf_counter() - middle)
    return statistics.median(times), max(times), statistics.median(candidates)


def measure_start(var: Path) -> tuple[float, float]:
    """Seconds from `jieti serve` to the first page; resident MB of the largest web worker after some searches."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "JIETI_VAR": str(var), "OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    server = subprocess.Popen(
        [Path(sys.executable).parent / "jieti", "serve", "--port", str(port)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        started = time.perf_counter() - start
        for word in random.Random(3).sample(WORDS, 20):
            address = f"http://127.0.0.1:{port}/results?q={urllib.request.quote(word)}"  # type: ignore[attr-defined]
            urllib.request.urlopen(address, timeout=30).close()
        return started, max(resident_mb(child) for child in children(server.pid))
    finally:
        server.terminate()
        server.wait(30)


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main(argv: list[str] | None = None) -> Figures:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, default=20000)
    parser.add_argument("--rows", type=int, default=5000, help="rows of the import figure")
    parser.add_argument("--indexed", type=int, default=60, help="listings of the index figure (each is encoded)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    figures, seed = Figures(), random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        house = House(load_settings({"JIETI_VAR": folder}))
        migrate.upgrade(house.database)
        university, firm = organisation(house, "university"), organisation(house, "enterprise")
        figures.import_rows_per_second = import_rows(
            house, university, "result", write_jsonl(var / "r.jsonl", options.rows, seed)
        )
        figures.import_peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures.import_share_of_repeats = share_of_repeats(
            house, organisation(house, "university"), var / "s.jsonl", max(options.rows // 3, 1), random.Random(5)
        )
        rest = write_jsonl(var / "rest.jsonl", max(options.results - options.rows, 1), seed)
        import_rows(house, organisation(house, "university"), "result", rest)
        import_rows(house, firm, "challenge", write_jsonl(var / "c.jsonl", REPEATS + 1, seed))
        house.warm_up()
        figures.index_listings_per_second = measure_index(house, options.indexed)
        fill_engine(house, 11)
        figures.match_seconds_median, figures.match_seconds_worst, figures.match_candidates_seconds = measure_matching(
            house
        )
        preview = bench_preview.measure(
            house, bench_preview.writer(house, organisation(house, "enterprise")), sentences
        )
        house.close()
        figures.start_seconds, figures.web_worker_resident_mb = measure_start(var)
    table = Table(title=f"platform, {options.results} results on the embedded engine")
    table.add_column("figure")
    table.add_column("value", justify="right")
    told = {**asdict(figures), **asdict(preview)}
    for name, value in told.items():
        table.add_row(name, f"{value:,.2f}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1))
    return figures


if __name__ == "__main__":
    main()
