"""Measure the matcher: encoding, one challenge against its candidates, memory.

    python scripts/bench_matcher.py [--candidates 200] [--explained 10] [--threads 1] [--json FILE]

Texts are the demo's challenges and results (varied to reach the number of candidates). Each part runs in a process of its
own, so that the memory shown is its own; times are medians. Vectors of candidates are given, as the engine gives them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
CONTENT = ROOT / "platform/jieti/demo/content"
TARGET_SECONDS = 1.0

from matcher.encoder import load_encoder  # noqa: E402
from matcher.pipeline import Matcher  # noqa: E402
from matcher.types import Need, Offer  # noqa: E402


def listings() -> tuple[list[Need], list[Offer]]:
    """The demo's challenges and results, without indicator rows: their texts are what costs time."""

    def rows(name: str) -> list[dict[str, str]]:
        return [
            json.loads(line) for line in (CONTENT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if line
        ]

    needs = [
        Need(row["key"], row["title"], "\n".join((row["main_problem"], row["tech_requirements"], row["expected_goal"])))
        for row in rows("challenges")
    ]
    offers = [Offer(row["key"], row["title"], "\n".join((row["summary"], row["body"]))) for row in rows("results")]
    return needs, offers


def measure_encoding(threads: int) -> dict[str, float]:
    """Texts per second by the shipped encoder, and the time to load it. Beside others: `bench_scale.py`."""
    _needs, offers = listings()
    titles, bodies = [offer.title for offer in offers], [offer.body for offer in offers][:32]
    started = time.perf_counter()
    encoder = load_encoder(threads=threads)
    encoder.encode(titles[:4])
    loaded = time.perf_counter() - started
    return {
        "encoder: load, s": loaded,
        "titles/s": len(titles) / _median(lambda: encoder.encode(titles), 3),
        "texts/s": len(bodies) / _median(lambda: encoder.encode(bodies), 3),
    }


def measure_matching(candidates: int, explained: int, threads: int) -> dict[str, float]:
    """One challenge: encoded, ranked against its candidates, the best explained. Memory of a process that does just this."""
    started = time.perf_counter()
    matcher = Matcher.load(threads=threads)
    matcher.rank(Need("n", "涂层"), [Offer("o", "涂层")])
    loaded = time.perf_counter() - started
    needs, offers = listings()
    many = [
        replace(offers[n % len(offers)], id=f"{n}", body=f"{offers[n % len(offers)].body}（方案{n}）")
        for n in range(candidates)
    ]
    vectors = {offer.id: matcher.encode_offer(offers[n % len(offers)]) for n, offer in enumerate(many[: len(offers)])}
    vectors |= {offer.id: vectors[str(n % len(offers))] for n, offer in enumerate(many)}
    times = []
    for need in needs[:20]:
        started = time.perf_counter()
        matcher.rank(need, many, top=explained, offer_vectors=vectors)
        times.append(time.perf_counter() - started)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return {
        "load, s": loaded,
        f"match 1 × {candidates}, {explained} explained: median, s": statistics.median(times),
        "slowest, s": max(times),
        "peak memory, MB": peak / 1024,
    }


def _median(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a match takes longer than the target, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--explained", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--part", choices=("encoding", "matching"), help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.part:
        figures = (
            measure_encoding(arguments.threads)
            if arguments.part == "encoding"
            else measure_matching(arguments.candidates, arguments.explained, arguments.threads)
        )
        print(json.dumps(figures))
        return 0
    options = [f"--{name}={getattr(arguments, name)}" for name in ("candidates", "explained", "threads")]
    table = Table(title=f"matcher, {arguments.threads} thread(s)", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    figures = {}
    for part in ("matching", "encoding"):
        command = [sys.executable, __file__, f"--part={part}", *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures |= json.loads(done.stdout.splitlines()[-1])
    for name, value in figures.items():
        table.add_row(name, f"{value:,.3g}" if value < 100 else f"{value:,.0f}")
    console = Console()
    console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    taken = next(value for name, value in figures.items() if name.startswith("match "))
    console.print(
        f"target: a challenge matched in under {TARGET_SECONDS:g} s: {'met' if taken < TARGET_SECONDS else 'MISSED'}"
    )
    return int(taken >= TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
