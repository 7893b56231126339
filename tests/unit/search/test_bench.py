"""The benchmark runs, so that its figures can be made again."""

from __future__ import annotations

import json
from pathlib import Path

from scripts import bench_search
from search.ports import FACETS


def test_the_benchmark_runs_on_a_few_documents(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert bench_search.main(["--documents", "120", "--queries", "3", "--json", str(out)]) in (0, 1)
    figures = json.loads(out.read_text())["embedded"]
    assert figures["documents"] == 120
    assert figures["ratio"] > 0 and figures["candidates"] > 0 and figures["index_documents_per_second"] > 0


def test_the_corpus_is_the_same_every_time() -> None:
    first, second = (list(bench_search.Corpus(5).documents()) for _ in range(2))
    assert [document.body for document in first] == [document.body for document in second]
    assert all((one.vector == other.vector).all() for one, other in zip(first, second, strict=True))
    assert set(first[0].facets) == set(FACETS)
    asked = bench_search.Corpus(5).questions(3)
    assert [one.words for one in asked] == [one.words for one in bench_search.Corpus(50).questions(3)]
