"""Measure at scale: encoders beside each other, a challenge against 100,000 results end to end, batch matching.

    python scripts/bench_scale.py [--results 100000] [--needs 1000] [--elasticsearch http://127.0.0.1:9200] [--part PART …]

Times of one machine say little, so what is compared is measured in turns in one run, and ratios are printed. Texts and
vectors: see bench_corpus.py. Parts:

encoders: the shipped one, multilingual-e5-small and bge-small-zh-v1.5, the last two in fp32 through sentence-transformers, on
    the same titles and the same texts of up to 256 tokens, one thread each, in turns; medians.
one: what happens when a challenge is published, up to the reasons: its text is encoded, the engine asked for candidates, their
    texts read, all ranked, the best ten explained. Beside it, the bare scan of the vectors on the same file.
batch: `python -m matcher batch` in a process of its own, vectors given; its peak memory. Then a part of the same needs, killed
    (SIGKILL) after the first block and gone on with: its lines must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform"), str(ROOT / "scripts")]

import numpy as np  # noqa: E402
from bench_corpus import Corpus, corpus, read_base  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from matcher.batch.run import HEADER, NEEDS_A_BLOCK, Results  # noqa: E402
from matcher.encoders import Encoder, load_encoder  # noqa: E402
from matcher.encoders.cached import CachedEncoder  # noqa: E402
from matcher.pipeline import Matcher  # noqa: E402
from matcher.types import Need, Offer  # noqa: E402
from search.engines import open_engine  # noqa: E402
from search.ports import Document, Kind, SearchEngine  # noqa: E402

PUBLIC = "public"
PARTS = ("encoders", "one", "batch")
MEMORY_TARGET_MB = 2048
SAME_VECTOR = 0.999
Figures = dict[str, float]


# -- encoders


def measure_encoders(console: Console, titles: int, texts: int, rounds: int) -> tuple[Figures, list[str]]:
    """Texts per second of each, and the shipped one's ratio to the others; reasons for what was left out."""
    base = read_base()
    heads = ["".join(words) for words in base.words[:titles]]
    whole = base.texts[:texts]
    skipped: list[str] = []
    with tempfile.TemporaryDirectory(prefix="jieti-bench-") as name:
        shipped = load_encoder(threads=1)
        encoders: dict[str, Encoder] = {shipped.name: shipped, **_peers(Path(name), skipped)}
        times: dict[tuple[str, str], list[float]] = {}
        for turn in track(range(rounds + 1), "encoders", console=console, transient=True):
            for who, encoder in encoders.items():
                for what, some in (("titles", heads), ("texts", whole)):
                    started = time.perf_counter()
                    encoder.encode(some)
                    if turn:  # the first one warms up
                        times.setdefault((who, what), []).append(time.perf_counter() - started)
    figures: Figures = {}
    for what, count in (("titles", len(heads)), ("texts", len(whole))):
        speeds = {who: count / statistics.median(times[who, what]) for who in encoders}
        figures |= {f"{who}: {what}/s": speed for who, speed in speeds.items()}
        figures |= {
            f"{shipped.name} / {who}, {what}": speeds[shipped.name] / speed
            for who, speed in speeds.items()
            if who != shipped.name
        }
    return figures, skipped


def _peers(folder: Path, skipped: list[str]) -> dict[str, Encoder]:
    """In fp32 through sentence-transformers. e5 only if its vectors are those of the package that carries it."""
    from matcher.evaluation.e5_weights import write_e5
    from matcher.evaluation.peers import BGE, E5, MODELS, PeerMissing, load_peer

    found: dict[str, Encoder] = {}
    try:
        write_e5(folder / E5)
        found[E5] = load_encoder(str(folder / E5), runtime="sentence-transformers")
        probe = ["passage: 高强铝合金薄壁件的精密铸造工艺", "passage: 印染废水深度处理与回用，COD≤50 mg/L"]
        own = load_peer(E5).results.encode([text.removeprefix("passage: ") for text in probe])
        cosine = float((found[E5].encode(probe) * own).sum(axis=1).min())
        if cosine < SAME_VECTOR:
            raise SystemExit(f"{E5} in fp32 is not the model it should be: cosine {cosine:.4f}")
    except PeerMissing as error:
        skipped.append(f"{E5} not measured: {error}")
    if (MODELS / BGE).is_dir():
        found[BGE] = load_encoder(str(MODELS / BGE), runtime="sentence-transformers")
    else:
        skipped.append(f"{BGE} not measured: no folder {BGE} in {MODELS}")
    return found


# -- one challenge


def measure_one(
    console: Console, made: Corpus, matcher: Matcher, engines: Sequence[tuple[str, str]], challenges: int
) -> Figures:
    """Seconds a challenge on each engine, by median and worst, and what they go to."""
    needs = [Need(f"n{row}", title, body) for row, (title, body) in enumerate(made.base.needs[:challenges])]
    figures: Figures = {}
    with Results(made.results_file, lambda _stage, _done, _total: None) as results:
        for name, address in engines:
            with _engine(name, address, matcher) as engine:
                started = time.perf_counter()
                _index(engine, results, made, f"indexing ({name})", console)
                figures[f"{name}: indexed, documents/s"] = len(results) / (time.perf_counter() - started)
                figures |= {f"{name}: {key}": value for key, value in _ask(engine, matcher, needs, results).items()}
    scans = []
    for need in needs:
        vector = matcher.encode_need(need)
        started = time.perf_counter()
        np.argpartition(-(made.vectors @ vector), min(200, len(made.vectors) - 1))[:200]
        scans.append(time.perf_counter() - started)
    scan = statistics.median(scans)
    figures["bare scan of the vectors: median, s"] = scan
    for name, _address in engines:
        figures[f"{name}: median / bare scan"] = figures[f"{name}: median, s"] / scan
        figures[f"{name}: candidates / bare scan"] = figures[f"{name}: candidates, s"] / scan
    return figures


def _ask(engine: SearchEngine, matcher: Matcher, needs: Sequence[Need], results: Results) -> Figures:
    """As services/matching.py, with the results' file in the database's place."""
    steps: dict[str, list[float]] = {name: [] for name in ("encoding", "candidates", "reading", "ranking and reasons")}
    # As in the platform, a need's vector is kept for its candidates and its ranking; each engine begins with nothing kept.
    mine = Matcher.load(CachedEncoder(matcher.encoder))
    for need in needs:
        marks = [time.perf_counter()]
        mine.encode_need(need)
        marks.append(time.perf_counter())
        found = mine.candidates(need, engine, Kind.RESULT, {PUBLIC})
        marks.append(time.perf_counter())
        offers: list[Offer] = [results.at(int(candidate.ref[1:])) for candidate in found]
        vectors = engine.vectors(Kind.RESULT, [offer.id for offer in offers])
        marks.append(time.perf_counter())
        best = mine.rank(need, offers, top=10, explain=True, offer_vectors=vectors)
        marks.append(time.perf_counter())
        if len(best) != min(10, len(results)):
            raise SystemExit(f"{need.id}: {len(best)} matches of {len(found)} candidates")
        for name, taken in zip(steps, np.diff(marks), strict=True):
            steps[name].append(float(taken))
    totals = [sum(parts) for parts in zip(*steps.values(), strict=True)]
    medians = {f"{name}, s": statistics.median(times) for name, times in steps.items()}
    return {"median, s": statistics.median(totals), "worst, s": max(totals), **medians}


@contextmanager
def _engine(name: str, address: str, matcher: Matcher) -> Iterator[SearchEngine]:
    """Empty, and gone afterwards."""
    if name == "Elasticsearch":
        from bench_search import elasticsearch_engine

        with elasticsearch_engine(address, dimensions=matcher.encoder.dimensions) as engine:
            yield engine
        return
    with tempfile.TemporaryDirectory(prefix="jieti-bench-") as folder:
        engine = open_engine(folder, dimensions=matcher.encoder.dimensions)
        try:
            yield engine
        finally:
            engine.close()


def _index(engine: SearchEngine, results: Results, made: Corpus, what: str, console: Console) -> None:
    rebuild = engine.rebuild(Kind.RESULT)
    size = 500
    for start in track(range(0, len(results), size), what, console=console, transient=True):
        batch = []
        for number in range(start, min(start + size, len(results))):
            offer = results.at(number)
            batch.append(
                Document(
                    kind=Kind.RESULT, ref=offer.id, version=1, title=offer.title, body=offer.body, organisation="某大学",
                    keywords=offer.keywords, audience=frozenset({PUBLIC}), vector=np.array(made.vectors[number]),
                )
            )  # fmt: skip
        refused = rebuild.add(batch)
        if refused:
            raise SystemExit(f"{refused[0].ref}: {refused[0].reason}")
    rebuild.commit()


# -- batch


def measure_batch(made: Corpus, results: int, needs: int, folder: Path) -> Figures:
    """Time and memory of a whole run; then the same lines from one that was killed."""
    out = folder / "run.tsv"
    taken, peak = _batch(made, made.needs_file, out)
    lines = out.read_text(encoding="utf-8").splitlines(keepends=True)
    pairs = len(lines) - 1
    figures = {
        f"batch {needs:,} × {results:,}: s": taken,
        "pairs compared a second": needs * results / taken,
        "pairs written": float(pairs),
        "peak memory, MB": peak,
    }
    some = 3 * NEEDS_A_BLOCK
    part = folder / "needs.jsonl"
    chosen = made.needs_file.read_text(encoding="utf-8").splitlines(keepends=True)[:some]
    part.write_text("".join(chosen), encoding="utf-8")
    again = folder / "again.tsv"
    _needs_vectors(made, part)
    _killed(made, part, again)
    _batch(made, part, again)
    ids = {json.loads(line)["id"] for line in chosen}
    expected = [HEADER, *(line for line in lines[1:] if line.split("\t", 1)[0] in ids)]
    if again.read_text(encoding="utf-8").splitlines(keepends=True) != expected:
        raise SystemExit("a run that was killed and gone on with wrote other lines")
    return figures


def _needs_vectors(made: Corpus, part: Path) -> None:
    """The same vectors for the part's needs, under the name that its digest asks for."""
    from matcher.batch.journal import digest
    from matcher.batch.vectors import VectorFile

    encoder = load_encoder()
    whole = VectorFile(made.needs_file.parent, "needs", digest(made.needs_file), encoder).read()
    count = len(part.read_text(encoding="utf-8").splitlines())
    VectorFile(made.needs_file.parent, "needs", digest(part), encoder).fill(count, lambda start: [whole[start:count]])


def _command(made: Corpus, needs: Path, out: Path) -> list[str]:
    return [
        sys.executable, "-m", "matcher", "batch", "--needs", str(needs), "--results", str(made.results_file),
        "--out", str(out), "--vectors", str(made.results_file.parent),
    ]  # fmt: skip


def _batch(made: Corpus, needs: Path, out: Path) -> tuple[float, float]:
    """(seconds, peak memory in MB)."""
    started = time.perf_counter()
    process = subprocess.Popen(_command(made, needs, out), cwd=ROOT)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"batch matching ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _killed(made: Corpus, needs: Path, out: Path) -> None:
    """Kill the run when its first block of needs is finished."""
    finished = out.with_name(out.name + ".work") / "rows.tsv.blocks"
    process = subprocess.Popen(_command(made, needs, out), cwd=ROOT, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (finished.exists() and finished.stat().st_size):
        time.sleep(0.02)
    if process.poll() is not None:
        raise SystemExit("the run that was to be killed had ended before")
    process.send_signal(signal.SIGKILL)
    process.wait()


def _show(title: str, figures: Figures, console: Console) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.3g}" if value < 100 else f"{value:,.0f}")
    console.print(table)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; 1 where batch matching takes more memory than its target, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=100_000)
    parser.add_argument("--needs", type=int, default=1_000)
    parser.add_argument("--challenges", type=int, default=20, help="different challenges for part `one`")
    parser.add_argument("--titles", type=int, default=128)
    parser.add_argument("--texts", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--elasticsearch", metavar="URL", help="measure this server beside the embedded engine")
    parser.add_argument("--part", dest="parts", action="append", choices=PARTS, help="only this part (may be repeated)")
    parser.add_argument("--corpora", type=Path, metavar="FOLDER", help="where corpora are kept; default var/bench")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args(argv)
    if arguments.needs < 4 * NEEDS_A_BLOCK:
        parser.error(f"--needs must be at least {4 * NEEDS_A_BLOCK}: a part of them is matched again")
    parts = arguments.parts or PARTS
    console = Console(width=120)
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    figures: Figures = {}
    if "encoders" in parts:
        found, skipped = measure_encoders(console, arguments.titles, arguments.texts, arguments.rounds)
        _show("encoders, one thread, in turns", found, console)
        for reason in skipped:
            console.print(reason)
        figures |= found
    if {"one", "batch"} & set(parts):
        matcher = Matcher.load()
        started = time.perf_counter()
        made = corpus(matcher.encoder, arguments.results, arguments.needs, console, arguments.corpora)
        taken = time.perf_counter() - started
        console.print(f"{arguments.results:,} results recombined from {made.base.name}, vectors made: {taken:.0f} s")
    if "one" in parts:
        engines = [("embedded", "")]
        if arguments.elasticsearch:
            engines.append(("Elasticsearch", arguments.elasticsearch))
        else:
            console.print("Elasticsearch not measured: no server given")
        found = measure_one(console, made, matcher, engines, arguments.challenges)
        _show(f"one challenge against {arguments.results:,} results, ten explained", found, console)
        figures |= found
    if "batch" in parts:
        with tempfile.TemporaryDirectory(prefix="jieti-bench-") as name:
            found = measure_batch(made, arguments.results, arguments.needs, Path(name))
        _show("batch matching, one process, vectors given", found, console)
        figures |= found
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    peak = figures.get("peak memory, MB", 0.0)
    if peak:
        met = "met" if peak < MEMORY_TARGET_MB else "MISSED"
        console.print(f"target: batch matching in under {MEMORY_TARGET_MB / 1024:g} GB: {met}")
        console.print("killed and gone on with: the same lines")
    return int(peak >= MEMORY_TARGET_MB)


if __name__ == "__main__":
    sys.exit(main())
