"""What a hybrid search finds and in which order; both engines keep to it.

Decisions:

* **Found** = lexical hits (see `search.querytext`) ∪ dense neighbours. Neighbours are the `NEIGHBOURS` documents
  nearest to the query's vector among all the identity may see, as far as their cosine reaches the floor. Filters
  narrow neighbours as they narrow lexical hits: they never pull in others. So totals and facet counts keep their
  meaning: choosing a facet value with count n gives exactly n hits.
* **The floor** keeps a search for nonsense empty: an encoder puts everything somewhere, `asdfgh` too.
* **Order** = reciprocal rank fusion, Σ 1/(60 + rank) over the two rankings, ranks taken after filtering, among the
  best `depth` lexical hits and all neighbours. Equal sums: the better lexical rank first.
* Other sorts order the same set by published date (newest first), deadline (nearest first) or amount (largest
  first), documents without one last. With neither text nor vector everything visible is found, newest first.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

CONSTANT = 60
NEIGHBOURS = 100
SIMILARITY_FLOOR = 0.5
"""Cosine from which a neighbour counts as found; encoders differ, so `open_engine` takes another. With the shipped
encoder, 400 abstracts with titles: the first two keywords of one and its own abstract 0.64 to 0.85 (middle half), keywords and the
abstracts of others 0.33 at the 99th percentile, 15 lines of nonsense and small talk and their nearest abstract at most 0.50 (the next
0.39)."""
MAX_FACET_VALUES = 200
MAX_WINDOW = 10_000
"""Pages beyond this many hits are empty (Elasticsearch's max_result_window); the total is still right."""
_DEPTH = 300

Key = TypeVar("Key", bound=Hashable)


def depth(page: int, size: int) -> int:
    """How many lexical hits take part in the fusion for this page: enough to fill it, in steps so that it rarely changes."""
    wanted = page * size
    return min(MAX_WINDOW, -(-wanted // _DEPTH) * _DEPTH)


def fuse(lexical: Sequence[Key], dense: Sequence[Key]) -> list[tuple[Key, float]]:
    """(key, score) of all keys of both rankings, best first."""
    scores: dict[Key, float] = {}
    for ranking in (lexical, dense):
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (CONSTANT + rank)
    # a dict keeps lexical keys first, in their order, and sorted() is stable: that is the tie rule
    return sorted(scores.items(), key=lambda item: -item[1])
