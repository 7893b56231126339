"""What the encoder is trained on: judged pairs, results at random, and papers' titles and keywords with their abstracts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from matcher.encoder import need_texts, offer_texts
from matcher.evaluation.run import Corpus

HELD_BACK = 5
"""Every fifth paper is never learned from: the shipped encoder is measured on them."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its abstract is to be found by its title, and by its keywords."""

    title: str
    keywords: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Material:
    """`needs`: id → (title, whole text); `results`: id → text; `judgements`: need → result → level (1 to 4)."""

    needs: dict[str, tuple[str, str]]
    results: dict[str, str]
    judgements: dict[str, dict[str, int]]
    papers: list[Paper]
    folds: dict[str, int]
    """Of each judged need: the same as in the evaluation."""

    @classmethod
    def read(cls, data: Path) -> Self:
        """DATA holds need_result_pairs/ and abstracts/abstracts.jsonl. Raises BadInput, OSError, ValueError."""
        corpus = Corpus.read(data / "need_result_pairs")
        with (data / "abstracts" / "abstracts.jsonl").open(encoding="utf-8") as lines:
            entries = [json.loads(line) for line in lines]
        needs = {need.id: need_texts(need) for need in corpus.needs}
        return cls(
            {name: (title, whole[0]) for name, (title, whole) in needs.items()},
            {result.id: offer_texts(result)[1][0] for result in corpus.results},
            corpus.judgements,
            [
                Paper(one["title"], " ".join(one["keywords"]), one["abstract"])
                for number, one in enumerate(entries)
                if number % HELD_BACK
            ],
            {need.id: corpus.fold(need) for need in corpus.needs},
        )

    def without(self, fold: int) -> Self:
        """What may be learned from when this fold's needs are to be measured on.

        All results stay: they are known by their titles alone, and serve as results at random.
        """
        judgements = {need: judged for need, judged in self.judgements.items() if self.folds[need] != fold}
        return type(self)(self.needs, self.results, judgements, self.papers, self.folds)
