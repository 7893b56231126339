"""Search for people: the engine finds and counts, the database gives the rows and has the last word on who may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jieti.domain.identity import Identity
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.permissions import Permission, require
from jieti.domain.regions import regions
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import vectors
from jieti.services.browse import Entry, Rows, by_date
from jieti.services.projection import LISTED
from search.ports import EngineUnavailable, Facet, Kind, Page, Query, SearchEngine, Sort, Vector

if TYPE_CHECKING:
    from matcher.pipeline import Matcher

PAGE_SIZE = 20
TOP = 3
MAX_PAGE = 500  # both engines stop at 10,000 hits
NEAREST = 3
MAX_WAYS = 3
MOST_WHOLE = 2_000
"""Rows of a list that is taken out whole (Excel)."""
BATCH = 500
"""Of these, how many are found and loaded at a time. The fusion puts all of its neighbours well before the first batch
ends, so that batches neither overlap nor leave a row out."""

PUBLIC_STATUSES: dict[Kind, tuple[str, ...]] = {
    Kind.CHALLENGE: tuple(sorted(challenge_states.PUBLIC)),
    Kind.RESULT: tuple(sorted(result_states.PUBLIC)),
    Kind.EXPERT: (LISTED,),
}
"""What browsing shows unless statuses are chosen: also an officer's, who may see more, list begins with what is public."""

Filter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """A validated search. `filters["county"]` may hold 4-digit city prefixes beside 6-digit county codes."""

    kind: Kind
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1


@dataclass(frozen=True, slots=True)
class Help:
    """What to do where nothing was found. `nearest`: closest in meaning, filters ignored."""

    without: Sequence[tuple[Filter, int]] = ()
    shorter: Sequence[tuple[str, int]] = ()  # (word dropped, hits then)
    nearest: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `engine_down`: listed by date from the database, the text was not searched, no facets."""

    entries: Sequence[Entry]
    total: int
    number: int
    pages: int
    facets: Mapping[str, Sequence[Facet]]
    help: Help = Help()
    engine_down: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole list. `total`: how many it has; `entries`: the first MOST_WHOLE of them, loaded in batches as they are read."""

    total: int
    entries: Iterator[Entry]
    engine_down: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """/search: each kind's number of hits and its best ones."""

    totals: Mapping[Kind, int]
    best: Mapping[Kind, Sequence[Entry]]
    engine_down: bool = False


class SearchService:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, engine: SearchEngine, matcher: Matcher) -> None:
        self._rows = Rows(uow, identity)
        self._identity = identity
        self._engine = engine
        self._matcher = matcher

    def page(self, request: Request, facets: tuple[str, ...]) -> Listing:
        """A page of one kind with its facets. A page beyond the last is the last."""
        require(self._identity, Permission.BROWSE)
        query = self._query(request, facets)
        try:
            found = self._engine.search(query)
            pages = min(max(1, -(-found.total // PAGE_SIZE)), MAX_PAGE)
            if query.page > pages:
                query = replace(query, page=pages)
                found = self._engine.search(query)
            help_ = self._help(request, query) if found.total == 0 else Help()
        except EngineUnavailable:
            return self._by_date(request)
        return Listing(self._entries(request.kind, found), found.total, query.page, pages, found.facets, help_)

    def whole(self, request: Request) -> Whole:
        """All pages of one kind's list in its order; by date, like the list, where the engine does not answer."""
        require(self._identity, Permission.BROWSE)
        try:
            total, refs = self._refs(request)
        except EngineUnavailable:
            return self._whole_by_date(request)
        return Whole(total, self._loaded(request.kind, refs))

    def overview(self, text: str) -> Overview:
        """The best of every kind for one text (for an empty one: the newest)."""
        require(self._identity, Permission.BROWSE)
        totals: dict[Kind, int] = {}
        best: dict[Kind, Sequence[Entry]] = {}
        try:
            for kind in Kind:
                found = self._engine.search(replace(self._query(Request(kind, text), ()), size=TOP))
                totals[kind] = found.total
                best[kind] = self._entries(kind, found)
        except EngineUnavailable:
            for kind in Kind:
                total, entries = by_date(self._rows, kind, {}, page=1, size=TOP, statuses=PUBLIC_STATUSES[kind])
                totals[kind], best[kind] = total, entries
            return Overview(totals, best, engine_down=True)
        return Overview(totals, best)

    def suggestions(self, typed: str, size: int = 8) -> Sequence[tuple[Kind, str, str]]:
        """(kind, ref, title) for what is typed so far; nothing where the engine is down."""
        require(self._identity, Permission.BROWSE)
        try:
            return self._engine.suggest(tuple(Kind), typed, self._identity.tokens, size) if typed.strip() else ()
        except EngineUnavailable:
            return ()

    # -- the query

    def _query(self, request: Request, facets: tuple[str, ...]) -> Query:
        return Query(
            kind=request.kind,
            audience=self._identity.tokens,
            text=request.text,
            vector=self._vector(request.text),
            filters=self._filters(request),
            facets=facets,
            sort=request.sort if request.text or request.sort is not Sort.RELEVANCE else Sort.NEWEST,
            page=max(1, min(request.page, MAX_PAGE)),
            size=PAGE_SIZE,
        )

    def _filters(self, request: Request) -> dict[str, tuple[str, ...]]:
        filters = {name: values for name, values in request.filters.items() if values}
        if "county" in filters:
            filters["county"] = counties_of(filters["county"])
        if self._identity.signed_in:
            filters.setdefault("status", PUBLIC_STATUSES[request.kind])
        return filters

    def _vector(self, text: str) -> Vector | None:
        return vectors.of_query(self._matcher.encoder, text.strip()) if text.strip() else None

    # -- rows

    def _entries(self, kind: Kind, found: Page) -> Sequence[Entry]:
        """Rows in the order of the hits; a hit whose row is gone, or not for this person (any more), is left out."""
        return self._rows.entries(kind, [hit.ref for hit in found.hits], {hit.ref: hit for hit in found.hits})

    def _by_date(self, request: Request) -> Listing:
        page = max(1, min(request.page, MAX_PAGE))
        total, entries = self._dated(request, page, PAGE_SIZE)
        pages = max(1, -(-total // PAGE_SIZE))
        if page > pages:
            return self._by_date(replace(request, page=pages))
        return Listing(entries, total, page, pages, {}, engine_down=True)

    def _dated(self, request: Request, page: int, size: int) -> tuple[int, list[Entry]]:
        filters = {name: values for name, values in self._filters(request).items() if name != "status"}
        statuses = request.filters.get("status") or PUBLIC_STATUSES[request.kind]
        return by_date(self._rows, request.kind, filters, page=page, size=size, statuses=statuses)

    # -- whole lists

    def _refs(self, request: Request) -> tuple[int, Sequence[str]]:
        query = replace(self._query(request, ()), size=BATCH)
        refs: dict[str, None] = {}  # a row that moves while it is asked for comes once
        total = 0
        for page in range(1, MOST_WHOLE // BATCH + 1):
            found = self._engine.search(replace(query, page=page))
            total = found.total
            refs.update(dict.fromkeys(hit.ref for hit in found.hits))
            if page * BATCH >= total:
                break
        return total, tuple(refs)

    def _loaded(self, kind: Kind, refs: Sequence[str]) -> Iterator[Entry]:
        for first in range(0, len(refs), BATCH):
            yield from self._rows.entries(kind, refs[first : first + BATCH], {})

    def _whole_by_date(self, request: Request) -> Whole:
        total, entries = self._dated(request, 1, BATCH)

        def every() -> Iterator[Entry]:
            yield from entries
            for page in range(2, -(-min(total, MOST_WHOLE) // BATCH) + 1):
                yield from self._dated(request, page, BATCH)[1]

        return Whole(total, every(), engine_down=True)

    # -- nothing found

    def _help(self, request: Request, query: Query) -> Help:
        chosen = [(name, value) for name, values in request.filters.items() for value in values]
        without = [(one, self._total_without(request, query, one)) for one in chosen[:8]]
        shorter = self._shorter(query) if request.text else []
        return Help(
            sorted(((one, n) for one, n in without if n), key=lambda item: -item[1]),
            shorter,
            self._nearest(request, query),
        )

    def _shorter(self, query: Query) -> list[tuple[str, int]]:
        """(words dropped, hits then): a single word; where that is not enough, a whole part between spaces."""
        single = [(r.dropped_word, r.total) for r in self._engine.relax(replace(query, facets=())) if r.dropped_word]
        if single:
            return single[:MAX_WAYS]
        parts = query.text.split()
        if len(parts) < 2:
            return []
        found = []
        for part in parts[:4]:
            rest = " ".join(p for p in parts if p != part)
            asked = replace(query, text=rest, vector=None, facets=(), page=1, size=1)
            found.append((part, self._engine.search(asked).total if rest else 0))
        return sorted(((part, n) for part, n in found if n), key=lambda item: -item[1])[:MAX_WAYS]

    def _total_without(self, request: Request, query: Query, dropped: Filter) -> int:
        name, value = dropped
        rest = {n: tuple(v for v in values if (n, v) != (name, value)) for n, values in request.filters.items()}
        filters = self._filters(replace(request, filters=rest))
        return self._engine.search(replace(query, filters=filters, facets=(), page=1, size=1)).total

    def _nearest(self, request: Request, query: Query) -> Sequence[Entry]:
        if query.vector is None:
            return ()
        found = self._engine.candidates(
            request.kind, text=request.text, vector=query.vector, audience=self._identity.tokens, size=NEAREST * 4
        )
        near = sorted((c for c in found if c.dense is not None), key=lambda c: -(c.dense or 0.0))
        statuses = PUBLIC_STATUSES[request.kind]
        entries = self._rows.entries(request.kind, [c.ref for c in near], {})
        return [e for e in entries if e.status in statuses][:NEAREST]


def counties_of(codes: Iterable[str]) -> tuple[str, ...]:
    """County codes, a city's 4-digit prefix widened to all its counties."""
    wanted: dict[str, None] = {}
    for code in codes:
        members = [code] if len(code) == 6 else [c for c in regions() if c.startswith(code)]
        wanted.update(dict.fromkeys(members))
    return tuple(wanted)
