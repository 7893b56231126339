"""What the encoder and the words' weights learn from: scored and judged pairs, and papers' titles and keywords with their abstracts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from zlib import crc32

from matcher.encoder import need_texts, offer_texts
from matcher.evaluation.data import read_needs, read_scores
from matcher.evaluation.metrics import gains_of
from matcher.evaluation.run import Corpus
from matcher.types import Need

HELD_BACK = 5
"""Every fifth paper is never learned from: the shipped encoder is measured on them."""
OWN = Path(__file__).with_name("own")
"""Needs written, and scores given, for this: see its README."""
RETOLD = "+"
"""Ends the id of a need told anew."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its abstract is to be found by its title, and by its keywords."""

    title: str
    keywords: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Material:
    """`needs`: id → (title, whole text); `results`: id → text; `gains`: need → result → gain, 0 to 7 (2^(level-1)-1)."""

    needs: dict[str, tuple[str, str]]
    results: dict[str, str]
    gains: dict[str, dict[str, float]]
    papers: list[Paper]
    folds: dict[str, int]
    """Of each judged need: the same as in the evaluation."""
    given: frozenset[str] = frozenset()
    """Needs that firms wrote, not we."""

    @classmethod
    def read(cls, data: Path, own: Path = OWN) -> tuple[list[Self], Self]:
        """What only we scored, in parts, and what experts judged: no need is in both. DATA holds need_result_pairs/ and
        abstracts/abstracts.jsonl; OWN holds scores.tsv and the parts' own needs, needs-1.jsonl and so on, and then parts of needs
        told anew, retold-1.jsonl and so on, under the ids of those whose scores they share. Needs of DATA that
        only we scored belong to every part. Of a pair that scores-judged.tsv scores too, the mean of the expert's level and ours
        counts: both err, mostly in different pairs (docs/matching.md). Raises BadInput, OSError, ValueError."""
        pairs = data / "need_result_pairs"
        corpus = Corpus.read(pairs)
        batches = [read_needs(path) for path in sorted(own.glob("needs-*.jsonl"))]
        batches += [_retold(path) for path in sorted(own.glob("retold-*.jsonl"))]
        given = read_needs(pairs / "needs.jsonl")
        needs = {
            need.id: (title, whole[0])
            for need in itertools.chain(given, *batches)
            for title, whole in [need_texts(need)]
        }  # fmt: skip
        results = {result.id: offer_texts(result)[1][0] for result in corpus.results}
        folds = {need.id: corpus.fold(need) for need in corpus.needs}
        papers = _papers(data / "abstracts" / "abstracts.jsonl")
        scored = {
            need: {result: float(gains_of(_level(score))) for result, score in judged.items()}
            for need, judged in read_scores(own / "scores.tsv").items()
            if need not in folds
        }
        unknown = {result for judged in scored.values() for result in judged} - results.keys()
        if unknown:
            raise ValueError(
                f"{own.name}/scores.tsv scores {len(unknown)} results that results.jsonl has not, such as {min(unknown)!r}"
            )
        both = scored.keys() & {need.id for need in given}
        parts = [
            cls(
                needs,
                results,
                {need: scored[need.removesuffix(RETOLD)] for need in sorted(both | {need.id for need in batch})},
                papers,
                folds,
                frozenset(both),
            )
            for batch in batches
        ]
        beside = read_scores(own / "scores-judged.tsv")
        judged = {
            need: {
                result: float(gains_of(_both(level, beside.get(need, {}).get(result))))
                for result, level in levels.items()
            }
            for need, levels in corpus.judgements.items()
        }
        return parts, cls(needs, results, judged, papers, folds)

    @classmethod
    def halves(cls, parts: Sequence[Self]) -> list[Self]:
        """All needs of the parts, anew in two halves, by the hash of their ids."""
        gains = cls.whole(parts).gains
        order = sorted(gains, key=lambda need: (crc32(need.encode()), need))
        return [replace(parts[0], gains={need: gains[need] for need in order[half::2]}) for half in range(2)]

    @classmethod
    def whole(cls, parts: Sequence[Self]) -> Self:
        """All needs of the parts."""
        return replace(parts[0], gains={need: judged for part in parts for need, judged in part.gains.items()})

    def without(self, fold: int) -> Self:
        """What may be learned from when this fold's needs are to be measured on.

        All results stay: they are known by their titles alone, and serve as results at random.
        """
        return replace(
            self, gains={need: judged for need, judged in self.gains.items() if self.folds.get(need) != fold}
        )


def _level(score: float) -> float:
    """1 to 4, of a score from 0 to 9."""
    return 1 + score / 3


def _both(experts: int, score: float | None) -> float:
    return experts if score is None else (experts + _level(score)) / 2


def _retold(path: Path) -> list[Need]:
    return [replace(need, id=need.id + RETOLD) for need in read_needs(path)]


def _papers(path: Path) -> list[Paper]:
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [
        Paper(one["title"], " ".join(one["keywords"]), one["abstract"])
        for number, one in enumerate(entries)
        if number % HELD_BACK
    ]
