"""The benchmark at scale runs on few results of the demo's texts, so that its figures can be made again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from matcher.encoder import Encoder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "scripts"), *sys.path])
    import bench_corpus

    monkeypatch.setattr(bench_corpus, "DATA", tmp_path / "none")
    monkeypatch.setattr(bench_corpus, "ENCODED", 20)


@pytest.mark.usefixtures("scripts")
def test_a_challenge_is_measured_on_the_embedded_engine(tmp_path: Path) -> None:
    import bench_scale

    out = tmp_path / "figures.json"
    sizes = ["--results", "150", "--needs", "128", "--challenges", "2"]
    assert bench_scale.main(["--part", "one", *sizes, "--corpora", str(tmp_path), "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert figures["embedded: worst, s"] >= figures["embedded: median, s"] > 0
    assert figures["embedded: candidates / bare scan"] > 0


@pytest.mark.usefixtures("scripts")
def test_the_corpus_is_made_once_and_the_same_every_time(tmp_path: Path, encoder: Encoder) -> None:
    import bench_corpus
    from rich.console import Console

    console = Console(quiet=True)
    made = [bench_corpus.corpus(encoder, 40, 8, console, tmp_path / name) for name in ("a", "b")]
    assert made[0].results_file.read_bytes() == made[1].results_file.read_bytes()
    assert made[0].needs_file.read_bytes() == made[1].needs_file.read_bytes()
    assert (made[0].vectors == made[1].vectors).all() and made[0].vectors.shape == (40, encoder.dimensions)
    before = made[0].results_file.stat().st_mtime_ns
    bench_corpus.corpus(encoder, 40, 8, console, tmp_path / "a")
    assert made[0].results_file.stat().st_mtime_ns == before
