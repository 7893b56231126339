"""The run itself: read and check, encode, index the words, match block by block, write the file.

A pair's score is the one of `matcher rank`: both make the same features of it. What decides the outcome is fixed by position
(blocks of results, blocks of needs), so that a run that was cut off and gone on with writes the same file.
"""

from __future__ import annotations

import shutil
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from matcher.batch.blocks import BlockFile
from matcher.batch.candidates import Candidates, Numbers
from matcher.batch.journal import claimed, digest
from matcher.batch.vectors import VectorFile, in_blocks
from matcher.batch.words import WordIndex
from matcher.encoder import encode_needs, encode_offers
from matcher.encoders import Vector, Vectors
from matcher.evaluation.data import each_result, read_needs, result_at
from matcher.features import PreparedOffer
from matcher.pipeline import Matcher
from matcher.types import Need, Offer

CANDIDATES = 200
"""By vector, and as many by words: what the platform asks of its search engine."""
RESULTS_A_BLOCK = 64
NEEDS_A_BLOCK = 32
CHARACTERS_KEPT = 4_000_000
"""Of prepared results: about 100 bytes each, so at most 400 MB."""
ROWS = "rows.tsv"
HEADER = "need_id\tresult_id\tscore\tlevel\n"

Progress = Callable[[str, int, int], None]
"""Stage ("read", "results", "needs", "words", "match"), how many of its steps are done, how many there are (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Done:
    """`before`: how much of it an earlier process had done."""

    needs: int
    results: int
    pairs: int
    needs_before: int
    results_before: int


class Results:
    """A file of results: checked once, then read by place, since as objects they would fill the memory."""

    def __init__(self, path: Path, progress: Progress) -> None:
        """Raises BadInput, OSError."""
        self._path = path
        self._offsets = array("q")
        self._stream: BinaryIO | None = None
        for offset, _result in each_result(path):
            self._offsets.append(offset)
            if len(self._offsets) % 1024 == 0:
                progress("read", len(self._offsets), 0)
        progress("read", len(self._offsets), len(self._offsets))

    def __len__(self) -> int:
        return len(self._offsets)

    def __enter__(self) -> Results:
        self._stream = self._path.open("rb")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def at(self, number: int) -> Offer:
        assert self._stream is not None, "inside a with block only"
        return result_at(self._stream, self._offsets[number])


class BatchRun:
    """One run from files to a file. `matcher`'s encoder must not be a cached one: what it kept would decide how texts
    are batched, and with it the last bits."""

    def __init__(
        self,
        matcher: Matcher,
        needs: Path,
        results: Path,
        out: Path,
        *,
        top: int = 50,
        vectors: Path | None = None,
        progress: Progress = lambda _stage, _done, _total: None,
    ) -> None:
        """`vectors`: a folder where vectors are kept for other runs; else they go with the work."""
        self._matcher = matcher
        self._needs_path, self._results_path, self._out = needs, results, out
        self._top = top
        self._progress = progress
        self.work = out.with_name(out.name + ".work")
        self._vectors = vectors or self.work

    def run(self) -> Done:
        """Raises BadInput, OtherRun, OSError, ValueError; all but what these say can be gone on with."""
        needs_digest, results_digest = digest(self._needs_path), digest(self._results_path)
        needs = read_needs(self._needs_path)
        results = Results(self._results_path, self._progress)
        decides: dict[str, str | int] = {
            "needs": needs_digest, "results": results_digest, "models": self._matcher.version, "top": self._top,
        }  # fmt: skip
        with claimed(self.work, decides, (ROWS, f"{ROWS}.blocks")), results:
            asked = VectorFile(self._vectors, "needs", needs_digest, self._matcher.encoder)
            asked.fill(len(needs), lambda start: self._encode_needs(needs[start:]), self._stage("needs"))
            found = VectorFile(self._vectors, "results", results_digest, self._matcher.encoder)
            results_before = found.fill(
                len(results), lambda start: self._encode_results(results, start), self._stage("results")
            )
            with BlockFile(self.work / ROWS) as rows:
                needs_before = min(rows.blocks * NEEDS_A_BLOCK, len(needs))
                if needs_before < len(needs):
                    index = WordIndex(self._words(results))
                    self._progress("match", needs_before, len(needs))
                    scoring = Scoring(self._matcher, results, found.read(), index, self._top)
                    for block in in_blocks(range(needs_before, len(needs)), NEEDS_A_BLOCK):
                        chosen = [needs[number] for number in block]
                        lines = scoring.lines(chosen, asked.read()[block[0] : block[-1] + 1])
                        rows.append("".join(lines).encode())
                        self._progress("match", block[-1] + 1, len(needs))
            pairs = self._publish(rows.path)
            shutil.rmtree(self.work)
        return Done(len(needs), len(results), pairs, needs_before, results_before)

    def _stage(self, name: str) -> Callable[[int, int], None]:
        return lambda done, total: self._progress(name, done, total)

    def _encode_needs(self, needs: Sequence[Need]) -> Iterator[Vectors]:
        for block in in_blocks(range(len(needs)), NEEDS_A_BLOCK):
            # One by one, as `rank` does: what a text is batched with moves the last bits of its vector.
            yield np.vstack([encode_needs(self._matcher.encoder, [needs[number]]) for number in block])

    def _encode_results(self, results: Results, start: int) -> Iterator[Vectors]:
        for block in in_blocks(range(start, len(results)), RESULTS_A_BLOCK):
            yield encode_offers(self._matcher.encoder, [results.at(number) for number in block])

    def _words(self, results: Results) -> Iterator[Sequence[str]]:
        tokenizer = self._matcher.features.lexical.tokenizer
        for number in range(len(results)):
            offer = results.at(number)
            yield tokenizer("\n".join((offer.title, *offer.keywords, offer.body)))
            if number % 1024 == 0:
                self._progress("words", number, len(results))
        self._progress("words", len(results), len(results))

    def _publish(self, rows: Path) -> int:
        """The finished file in one move; returns its number of pairs."""
        new = self.work / "run.tsv"
        with new.open("wb") as stream:
            stream.write(HEADER.encode())
            with rows.open("rb") as finished:
                shutil.copyfileobj(finished, stream, 1 << 20)
        with new.open("rb") as stream:
            pairs = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) - 1
        new.replace(self._out)
        return pairs


class Scoring:
    """Scores needs' candidates; keeps the results prepared last, since needs share many."""

    def __init__(self, matcher: Matcher, results: Results, vectors: Vectors, words: WordIndex, top: int) -> None:
        self._matcher = matcher
        self._results = results
        self._vectors = vectors
        self._candidates = Candidates(vectors, words, max(CANDIDATES, top))
        self._top = top
        self._kept: OrderedDict[int, tuple[str, PreparedOffer, int]] = OrderedDict()
        self._characters = 0

    def lines(self, needs: Sequence[Need], vectors: Vectors) -> Iterator[str]:
        """Each need's best results, best first, as lines of the run file."""
        features = self._matcher.features
        words = [features.lexical.tokenizer(features.need_text(need)) for need in needs]
        for need, vector, chosen in zip(needs, vectors, self._candidates.of(vectors, words), strict=True):
            yield from self._best(need, vector, chosen)

    def _best(self, need: Need, vector: Vector, chosen: Numbers) -> list[str]:
        features, ranker = self._matcher.features, self._matcher.ranker
        if not len(chosen):
            return []
        prepared = self._prepared(chosen.tolist())
        asked = features.needs([need], {need.id: vector})[0]
        values = ranker.values(features.pairs(asked, [ready for _name, ready in prepared])).tolist()
        scored = [(ranker.score(value), name, value) for (name, _ready), value in zip(prepared, values, strict=True)]
        scored.sort(key=lambda item: (-item[0], item[1]))
        return [
            f"{need.id}\t{name}\t{score:.9g}\t{int(ranker.level(value))}\n"
            for score, name, value in scored[: self._top]
        ]

    def _prepared(self, numbers: Sequence[int]) -> list[tuple[str, PreparedOffer]]:
        """(id, prepared) of these results."""
        missing = [number for number in numbers if number not in self._kept]
        offers = [self._results.at(number) for number in missing]
        vectors = {offer.id: np.array(self._vectors[number]) for number, offer in zip(missing, offers, strict=True)}
        for number, offer, ready in zip(missing, offers, self._matcher.features.offers(offers, vectors), strict=True):
            size = len(offer.title) + len(offer.body)
            self._kept[number] = (offer.id, ready, size)
            self._characters += size
        found = []
        for number in numbers:
            self._kept.move_to_end(number)
            found.append(self._kept[number][:2])
        while self._characters > CHARACTERS_KEPT and self._kept:
            self._characters -= self._kept.popitem(last=False)[1][2]
        return found
