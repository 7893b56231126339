"""A large corpus for the benchmarks at scale: results and needs recombined from real or the demo's texts, with vectors.

Encoding 100,000 texts takes hours on one core, so vectors are made: base titles are encoded, and a listing that is
put together from two of them gets the unit vector of 0.7 of the one, 0.5 of the other and noise of length 0.3. So the
figures say how fast things are and nothing of how good. Base texts: ../shared/data where it is there (results' and
papers' titles, abstracts, needs), else the demo's. Made once and kept in var/bench by size, texts and encoder.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rjieba
from rich.console import Console
from rich.progress import track

from matcher.batch.journal import digest
from matcher.batch.vectors import VectorFile
from matcher.encoders import Encoder, Vectors

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
CONTENT = ROOT / "platform/jieti/demo/content"
ENCODED = 3_000
"""Base titles at most: a minute or so."""
SEED = 20_261
_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Base:
    """What listings are put together from. `words`: titles as words; `sentences`: by text; `needs`: (title, body)."""

    name: str
    words: list[list[str]]
    sentences: list[list[str]]
    needs: list[tuple[str, str]]
    texts: list[str]
    """Whole texts, title first, for measuring encoders."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Two files with their vectors beside them, as `python -m matcher batch --vectors` takes them."""

    base: Base
    needs_file: Path
    results_file: Path
    vectors: Vectors
    """(results, d)."""


def read_base() -> Base:
    """Real texts where they are, else the demo's."""
    if (DATA / "abstracts/abstracts.jsonl").exists() and (DATA / "need_result_pairs/needs.jsonl").exists():
        papers = _rows(DATA / "abstracts/abstracts.jsonl")
        titles = [row["title_terms"].split() for row in _rows(DATA / "need_result_pairs/results.jsonl")]
        needs = [(row["title"], row["body"]) for row in _rows(DATA / "need_result_pairs/needs.jsonl")]
        return _base("real texts", [*titles, *(_cut(row["title"]) for row in papers)], papers, "abstract", needs)
    results = _rows(CONTENT / "results.jsonl")
    asked = ("main_problem", "tech_requirements", "expected_goal")
    needs = [(row["title"], "\n".join(row[key] for key in asked)) for row in _rows(CONTENT / "challenges.jsonl")]
    return _base("the demo's texts", [_cut(row["title"]) for row in results], results, "body", needs)


def _base(
    name: str, words: list[list[str]], rows: list[dict[str, Any]], body: str, needs: list[tuple[str, str]]
) -> Base:
    sentences = [[one for one in re.split(r"(?<=[。．；;])|(?<=[^\d]\.)", row[body]) if one.strip()] for row in rows]
    return Base(
        name,
        [title for title in words if title],
        [text for text in sentences if text],
        [need for need in needs if need[0].strip()],
        [f"{row['title']}\n{row[body]}" for row in rows],
    )


def corpus(encoder: Encoder, results: int, needs: int, console: Console, folder: Path | None = None) -> Corpus:
    """Made, or as it was made before. `folder`: where corpora are kept."""
    base = read_base()
    source = hashlib.sha256(json.dumps([base.words, base.sentences, base.needs], ensure_ascii=False).encode())
    source.update(Path(__file__).read_bytes())
    key = f"{results}x{needs}-{encoder.version}-{source.hexdigest()[:12]}"
    target = (folder or ROOT / "var" / "bench") / key
    target.mkdir(parents=True, exist_ok=True)
    results_file, needs_file = target / "results.jsonl", target / "needs.jsonl"
    if not (target / "made").exists():
        numbers = random.Random(SEED)
        parts = _pairs(numbers, results, min(len(base.words), ENCODED))
        asked = _pairs(numbers, needs, len(base.needs))
        _write(results_file, _results(base, parts, numbers))
        _write(needs_file, _needs(base, asked, numbers))
        titles = ["".join(words) for words in base.words[:ENCODED]]
        for file, pairs, texts in (
            (results_file, parts, titles),
            (needs_file, asked, [title for title, _body in base.needs]),
        ):
            vectors = _encoded(encoder, texts, f"base titles of {file.name}", console)
            VectorFile(target, file.stem, digest(file), encoder).fill(len(pairs), _mixing(vectors, pairs))
        (target / "made").touch()
    return Corpus(base, needs_file, results_file, VectorFile(target, "results", digest(results_file), encoder).read())


def _pairs(numbers: random.Random, count: int, of: int) -> list[tuple[int, int]]:
    return [(row % of, numbers.randrange(of)) for row in range(count)]


def _results(base: Base, pairs: Sequence[tuple[int, int]], numbers: random.Random) -> Iterator[dict[str, Any]]:
    for row, (first, second) in enumerate(pairs):
        one, other = base.words[first], base.words[second]
        title = "".join([*one[: max(2, len(one) * 2 // 3)], *other[len(other) // 2 :]])
        texts = numbers.choice(base.sentences), numbers.choice(base.sentences)
        body = "".join([*texts[0][:3], *texts[1][1:3]])
        yield {"id": f"s{row:07d}", "title": title, "body": body, "keywords": one[:3]}


def _needs(base: Base, pairs: Sequence[tuple[int, int]], numbers: random.Random) -> Iterator[dict[str, Any]]:
    for row, (first, second) in enumerate(pairs):
        cut = numbers.randrange(200, 800)
        body = base.needs[first][1][:cut] + base.needs[second][1][: 800 - cut]
        yield {"id": f"n{row:05d}", "title": base.needs[first][0], "body": body}


def _encoded(encoder: Encoder, texts: Sequence[str], what: str, console: Console) -> Vectors:
    size = 64
    starts = track(range(0, len(texts), size), what, console=console, transient=True)
    return np.vstack([encoder.encode(texts[start : start + size]) for start in starts])


def _mixing(base: Vectors, pairs: Sequence[tuple[int, int]]) -> Any:
    def blocks(start: int) -> Iterator[Vectors]:
        for first in range(start, len(pairs), _BLOCK):
            chosen = np.array(pairs[first : first + _BLOCK])
            noise = np.random.default_rng([SEED, first]).standard_normal((len(chosen), base.shape[1]))
            noise *= 0.3 / np.sqrt(base.shape[1])
            mixed = 0.7 * base[chosen[:, 0]] + 0.5 * base[chosen[:, 1]] + noise
            yield (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)

    return blocks


def _cut(title: str) -> list[str]:
    return [word for word in rjieba.cut(title) if word.strip()]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    new = path.with_suffix(f".{os.getpid()}")
    with new.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    new.replace(path)
