"""The filter form of a list: groups of values with counts, what is applied, and the sorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from jieti.domain.amounts import BANDS, NEGOTIABLE
from jieti.domain.regions import regions
from jieti.services.search_service import PUBLIC_STATUSES, Listing, Request
from jieti.web.filters import url_with, url_without
from jieti.web.search.params import FACETS, SORTS, word
from search.ports import Facet, Kind, Sort

OPEN = frozenset({"county", "field", "trl", "status"})
"""Groups unfolded from the start; others unfold where one of their values is chosen."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int
    checked: bool
    child: bool = False  # a county under its city


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    label: str
    options: Sequence[Option]
    open: bool


def group_labels(kind: Kind) -> Mapping[str, str]:
    return {
        "county": _("地区"),
        "field": _("领域"),
        "industry": _("行业"),
        "trl": _("最低成熟度") if kind is Kind.CHALLENGE else _("技术成熟度"),
        "mode": _("合作方式"),
        "amount_band": _("经费") if kind is Kind.CHALLENGE else _("价格"),
        "status": _("状态"),
    }


def groups(request: Request, listing: Listing) -> list[Group]:
    """Filter groups with the values that occur or are chosen."""
    labels = group_labels(request.kind)
    found = []
    for name in FACETS[request.kind]:
        if name not in listing.facets:
            continue
        chosen = request.filters.get(name, ())
        if name == "county":
            options = _places(listing.facets[name], chosen)
        else:
            options = _options(request.kind, name, listing.facets[name], chosen)
        if name == "status" and len(options) < 2 and not chosen:
            continue
        found.append(Group(name, labels[name], options, name in OPEN))
    return found


def _options(kind: Kind, name: str, facets: Sequence[Facet], chosen: Sequence[str]) -> list[Option]:
    counts = {f.value: f.count for f in facets} | {v: 0 for v in chosen if v not in {f.value for f in facets}}
    values = sorted(counts, key=lambda v: _order(kind, name, v, counts[v]))
    return [Option(v, word(kind, name, v), counts[v], v in chosen) for v in values]


def _order(kind: Kind, name: str, value: str, count: int) -> tuple[int, str]:
    """Scales in their own order, all else most frequent first."""
    if name == "trl":
        return int(value), value
    if name == "amount_band":
        bands = [band for band, _upper in BANDS] + [NEGOTIABLE]
        return bands.index(value) if value in bands else len(bands), value
    return -count, value


def _places(facets: Sequence[Facet], chosen: Sequence[str]) -> list[Option]:
    """Cities with their counties below; a city's count is the sum of its counties', each listing lying in one county."""
    counts = {f.value: f.count for f in facets if f.value in regions()}
    counts |= {code: 0 for code in chosen if len(code) == 6 and code not in counts}
    by_city: dict[str, dict[str, int]] = {code: {} for code in chosen if len(code) == 4}
    for code, number in counts.items():
        by_city.setdefault(code[:4], {})[code] = number
    options = []
    for city, members in sorted(by_city.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        options.append(Option(city, word(Kind.CHALLENGE, "county", city), sum(members.values()), city in chosen))
        options += [
            Option(code, word(Kind.CHALLENGE, "county", code), number, code in chosen, child=True)
            for code, number in sorted(members.items(), key=lambda item: (-item[1], item[0]))
        ]
    return options


def applied(request: Request) -> list[dict[str, Any]]:
    """What narrows the list, each with the URL without it."""
    chips = []
    if request.text:
        chips.append({"label": _("“%(text)s”", text=request.text), "url": url_without("q")})
    for name, values in request.filters.items():
        chips += [{"label": word(request.kind, name, v), "url": url_without(name, v)} for v in values]
    return chips


def cleared() -> str:
    return url_with(q=None, **dict.fromkeys({name for names in FACETS.values() for name in names}))


def sorts(request: Request) -> list[dict[str, Any]]:
    words = {
        Sort.RELEVANCE: _("最相关"),
        Sort.NEWEST: _("最新发布"),
        Sort.DEADLINE: _("截止最近"),
        Sort.AMOUNT: _("金额最大"),
    }
    usable = [s for s in SORTS[request.kind] if request.text or s is not Sort.RELEVANCE]
    current = request.sort if request.sort in usable else usable[0]
    return [{"label": words[s], "url": url_with(sort=s.value), "current": s is current} for s in usable]


def status_is_default(request: Request) -> bool:
    return not request.filters.get("status") or set(request.filters["status"]) == set(PUBLIC_STATUSES[request.kind])
