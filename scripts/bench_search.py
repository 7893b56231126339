"""Measure the search engines: hybrid search with facets against its bare parts, candidates, index throughput.

    python scripts/bench_search.py [--documents 20000] [--queries 40] [--elasticsearch http://127.0.0.1:9200] [--json FILE]

Texts are made from the segmentation dictionary, vectors are random unit vectors, both from a fixed seed. Times are
medians over different queries in milliseconds, first-query costs left out (they are shown on their own line).
*Bare* is what no engine can do without: one exact scan of the vectors for the best 100 and one FTS5 query for the
best 20 of the same terms, on the same files, in the same run. `--documents` is one number for both engines.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from search import analysis, querytext
from search.documents import FIELDS
from search.embedded.reader import quote
from search.engines import open_engine
from search.ports import FACETS, Document, Kind, Query, SearchEngine, Vector

DIMENSIONS = 512
TARGET_RATIO = 3.0
PUBLIC = "public"
_FILLERS = ("针对", "研究了", "提出一种", "采用", "实现了", "解决", "与", "的", "，", "，", "。", "，适用于", "，提高")
_COUNTIES = [f"33{city:02d}{county:02d}" for city in range(1, 12) for county in (1, 2, 3, 21, 22, 81, 82, 83)]
_BATCH = 500


@dataclass
class Figures:
    """Milliseconds unless the name says otherwise."""

    engine: str
    documents: int
    index_documents_per_second: float
    first_search: float
    hybrid_with_facets: float
    hybrid_filtered: float
    words_only: float
    browse_with_facets: float
    candidates: float
    suggest: float
    bare_scan: float | None = None
    bare_words: float | None = None
    bare_words_all: float | None = None
    ratio: float | None = None
    resident_mb: float | None = None


@dataclass(frozen=True)
class Question:
    """A search of three words, a challenge's prose, and a vector for either."""

    words: str
    prose: str
    vector: Vector


class Corpus:
    """Documents and queries made from the domain's dictionary; the same for the same seed."""

    def __init__(self, documents: int, seed: int = 20260) -> None:
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._words = list(analysis.dictionary())
        self._random.shuffle(self._words)
        # few words are common and many are rare, as in any language
        self._weights = [1.0 / (rank + 20) for rank in range(len(self._words))]
        self.size = documents
        self._seed = seed

    def _vector(self, numbers: np.random.Generator) -> Vector:
        made = numbers.standard_normal(DIMENSIONS).astype(np.float32)
        return made / np.float32(np.linalg.norm(made))

    def _choose(self, count: int, source: random.Random) -> list[str]:
        return source.choices(self._words, self._weights, k=count)

    def _prose(self, count: int, source: random.Random) -> str:
        return "".join(word + source.choice(_FILLERS) for word in self._choose(count, source))

    def _model(self) -> str:
        """A model number or a quantity: what makes the vocabulary of real texts long."""
        letters = "".join(self._random.choices("ABCDEFGHKLMNPRSTX", k=2))
        made = [f"{letters}{self._random.randrange(10, 999)}", f"{self._random.randrange(1, 2000)}MPa"]
        return self._random.choice(made)

    def documents(self) -> Iterator[Document]:
        for number in range(self.size):
            facets = {
                "county": (self._random.choice(_COUNTIES),),
                "field": (f"field-{self._random.randrange(16)}",),
                "industry": (self._random.choice("ABCDEFGHIJKLMNOPQRST"),),
                "trl": (str(self._random.randint(1, 9)),),
                "mode": tuple(self._random.sample(["develop", "transfer", "licence", "consult", "serve"], 2)),
                "amount_band": (f"band-{self._random.randrange(6)}",),
                "status": ("published",),
            }
            facets["city"] = (facets["county"][0][:4],)
            yield Document(
                kind=Kind.RESULT,
                ref=f"bench-{number:06d}",
                version=1,
                title="".join(self._choose(4, self._random))
                + self._random.choice(["的研究", "及其应用", "装置", "方法"]),
                summary=self._prose(10, self._random),
                body=self._prose(60, self._random) + "，".join(self._model() for _ in range(6)),
                organisation=self._random.choice(["第一大学", "理工学院", "材料研究所", "海洋研究院"]),
                keywords=tuple(self._choose(4, self._random)),
                audience=frozenset({PUBLIC} if number % 10 else {f"org:{number % 70}"}),
                facets=facets,
                vector=self._vector(self._numbers),
                published_on=date(2024, 1, 1) + timedelta(days=number % 900),
                amount=Decimal(self._random.randrange(5, 900)),
            )

    def questions(self, count: int) -> list[Question]:
        """The same ones every time."""
        source, numbers = random.Random(self._seed + 1), np.random.default_rng(self._seed + 1)
        return [
            Question(" ".join(self._choose(3, source)), self._prose(60, source), self._vector(numbers))
            for _ in range(count)
        ]


def median_ms(run: Callable[[int], object], count: int) -> float:
    """Median time of `run(0)` … `run(count - 1)`."""
    times = []
    for index in range(count):
        start = time.perf_counter()
        run(index)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def measure(engine: SearchEngine, name: str, corpus: Corpus, queries: int, console: Console) -> Figures:
    """Fill the engine and time it. The engine must be empty."""
    start = time.perf_counter()
    rebuild = engine.rebuild(Kind.RESULT)
    batch: list[Document] = []
    for document in track(corpus.documents(), f"Indexing ({name})", corpus.size, console=console, transient=True):
        batch.append(document)
        if len(batch) == _BATCH:
            rebuild.add(batch)
            batch = []
    rebuild.add(batch)
    rebuild.commit()
    throughput = corpus.size / (time.perf_counter() - start)

    audience = frozenset({PUBLIC})
    asked = corpus.questions(queries)

    def hybrid(index: int, filters: dict[str, tuple[str, ...]] | None = None) -> object:
        return engine.search(
            Query(Kind.RESULT, audience, asked[index].words, asked[index].vector, filters or {}, FACETS)
        )

    def candidates(index: int) -> object:
        return engine.candidates(Kind.RESULT, text=asked[index].prose, vector=asked[index].vector, audience=audience)

    start = time.perf_counter()
    hybrid(0)
    first = (time.perf_counter() - start) * 1000
    narrow = {"field": ("field-3", "field-4"), "trl": ("5", "6", "7")}
    return Figures(
        engine=name,
        documents=corpus.size,
        index_documents_per_second=throughput,
        first_search=first,
        hybrid_with_facets=median_ms(hybrid, queries),
        hybrid_filtered=median_ms(lambda index: hybrid(index, narrow), queries),
        words_only=median_ms(lambda index: engine.search(Query(Kind.RESULT, audience, asked[index].words)), queries),
        browse_with_facets=median_ms(
            lambda index: engine.search(Query(Kind.RESULT, audience, facets=FACETS, page=index + 1)), queries
        ),
        candidates=median_ms(candidates, queries),
        suggest=median_ms(lambda index: engine.suggest([Kind.RESULT], asked[index].words[:2], audience), queries),
    )


def measure_bare(folder: Path, corpus: Corpus, queries: int) -> tuple[float, float, float]:
    """(vector scan, FTS5 query for any of the terms, FTS5 query for all of them) on the engine's own files."""
    vectors = np.memmap(next(folder.glob("result-*.vectors")), np.float32, "r").reshape(-1, DIMENSIONS)
    connection = sqlite3.connect(next(folder.glob("result-*.sqlite")))
    connection.execute("PRAGMA cache_size = -16384")
    weights = ", ".join(map(str, FIELDS.values()))
    wanted = [question.vector for question in corpus.questions(queries)]
    terms = [[quote(term) for term in querytext.parse(one.words).terms] for one in corpus.questions(queries)]

    def scan(index: int) -> object:
        cosines = vectors @ wanted[index]
        return np.argpartition(-cosines, 100)[:100]

    def ask(expression: str) -> Sequence[Any]:
        return connection.execute(
            f"SELECT rowid FROM terms WHERE terms MATCH ? ORDER BY bm25(terms, {weights}) LIMIT 20", (expression,)
        ).fetchall()

    scan(0)
    ask(terms[0][0])
    figures = (
        median_ms(scan, queries),
        median_ms(lambda index: ask(" OR ".join(terms[index])), queries),
        median_ms(lambda index: ask(" AND ".join(terms[index])), queries),
    )
    connection.close()
    return figures


@contextmanager
def elasticsearch_engine(address: str, dimensions: int = DIMENSIONS) -> Iterator[SearchEngine]:
    """An engine with an index prefix of its own on this server; its indices are deleted afterwards."""
    from elasticsearch import Elasticsearch

    prefix = f"bench{uuid.uuid4().hex[:8]}"
    engine = open_engine(address, dimensions=dimensions, prefix=prefix)
    try:
        yield engine
    finally:
        engine.close()
        with Elasticsearch(address) as client:
            for index in client.indices.get_alias(index=f"{prefix}-*"):
                client.indices.delete(index=index)


def _show(figures: list[Figures], console: Console) -> None:
    table = Table(title=f"Search over {figures[0].documents:,} results, medians in ms")
    table.add_column("")
    for one in figures:
        table.add_column(one.engine, justify="right")
    for name in list(Figures.__dataclass_fields__)[2:]:
        values = [getattr(one, name) for one in figures]
        table.add_row(name.replace("_", " "), *("" if value is None else f"{value:,.2f}" for value in values))
    console.print(table)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 where the embedded engine misses its target, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=40, help="different queries a figure (at least 20 for a claim)")
    parser.add_argument("--elasticsearch", metavar="URL", help="measure this server beside the embedded engine")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args(argv)
    console = Console()

    with tempfile.TemporaryDirectory(prefix="jieti-bench-") as name:
        folder = Path(name)
        engine = open_engine(str(folder), dimensions=DIMENSIONS)
        embedded = measure(engine, "embedded", Corpus(arguments.documents), arguments.queries, console)
        embedded.resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        engine.close()
        scan, any_term, all_terms = measure_bare(folder, Corpus(arguments.documents), arguments.queries)
    embedded.bare_scan, embedded.bare_words, embedded.bare_words_all = scan, any_term, all_terms
    embedded.ratio = embedded.hybrid_with_facets / (scan + any_term)
    figures = [embedded]
    if arguments.elasticsearch:
        with elasticsearch_engine(arguments.elasticsearch) as server:
            figures.append(measure(server, "Elasticsearch", Corpus(arguments.documents), arguments.queries, console))
    _show(figures, console)
    verdict = "met" if embedded.ratio <= TARGET_RATIO else "MISSED"
    console.print(
        f"Hybrid search with facets takes {embedded.ratio:.2f} times its bare parts "
        f"(target at most {TARGET_RATIO:.0f}: {verdict})."
    )
    if arguments.json:
        made = {one.engine: {key: value for key, value in vars(one).items() if key != "engine"} for one in figures}
        arguments.json.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return 0 if embedded.ratio <= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    raise SystemExit(main())
