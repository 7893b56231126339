"""What a query finds in one snapshot, and in which order: arrays over document ids, by the rules of `search.fusion`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search import fusion
from search.embedded.columns import NO_DAY, Columns, Ids, Mask
from search.embedded.reader import Postings
from search.ports import Sort


@dataclass(frozen=True, slots=True)
class Lexical:
    """BM25 scores and which documents hold enough of the terms."""

    scores: NDArray[np.float64]
    hits: Mask


def lexical(postings: Iterable[Postings], rows: int, required: int, weights: Sequence[float] | None = None) -> Lexical:
    """Add up the terms' walks; a document is a hit where at least `required` (≥ 1) of them met it."""
    scores = np.zeros(rows)
    met = np.zeros(rows, np.uint16)
    for index, one in enumerate(postings):
        scores[one.ids] += one.scores if weights is None else one.scores * weights[index]
        met[one.ids] += 1
    return Lexical(scores, met >= max(1, required))


def best(values: NDArray[np.floating], among: Mask, size: int, tie: NDArray[np.int64]) -> Ids:
    """Ids of the `size` largest values among these rows, largest first, equal ones by `tie`."""
    ids = np.flatnonzero(among)
    if len(ids) > size:
        # keep everything equal to the last one taken: which of them stays is for the tie to say
        limit = np.partition(values[ids], len(ids) - size)[len(ids) - size]
        ids = ids[values[ids] >= limit]
    order = np.lexsort((tie[ids], -values[ids]))
    return ids[order][:size]


def neighbours(similarities: NDArray[np.float32], visible: Mask, floor: float, tie: NDArray[np.int64]) -> Ids:
    """The nearest documents above the floor, nearest first."""
    return best(similarities, visible & (similarities >= floor), fusion.NEIGHBOURS, tie)


def filtered(columns: Columns, filters: Mapping[str, Sequence[str]]) -> dict[str, Mask]:
    """One mask a facet that is filtered by; OR within a facet."""
    return {name: columns.facets[name].having(values) for name, values in filters.items() if values}


def narrow(found: Mask, masks: Mapping[str, Mask], *, but: str | None = None) -> Mask:
    """AND across facets, leaving one facet's own filter out where its values are to be counted."""
    for name, mask in masks.items():
        if name != but:
            found = found & mask
    return found


def sorted_ids(columns: Columns, found: Mask, sort: Sort, limit: int) -> Ids:
    """The first `limit` ids in one of the orders that are not relevance."""
    if sort is Sort.AMOUNT:
        keys = np.where(np.isnan(columns.amount), -np.inf, columns.amount)
    elif sort is Sort.DEADLINE:
        keys = np.where(columns.deadline == NO_DAY, -np.inf, -columns.deadline.astype(np.float64))
    else:
        keys = columns.published.astype(np.float64)
    return best(keys, found, limit, columns.tie)
