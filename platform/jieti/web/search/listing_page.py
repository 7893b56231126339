"""The browse page of one kind: parse the URL, ask the search service, render."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from jieti.services.search_service import MOST_WHOLE, Listing, Request, SearchService
from jieti.web.context import house, identity, uow
from jieti.web.filters import url_with, url_without
from jieti.web.search import facets, params
from jieti.web.search.cards import card
from search.ports import Kind


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """What the pagination macro reads."""

    number: int
    pages: int
    total: int


def service() -> SearchService:
    return SearchService(uow(), identity(), engine=house().search, matcher=house().matcher)


def browse(kind: Kind, template: str, **values: Any) -> str:
    """One page of a list with its filters. Every value in the URL is checked; what is unknown is ignored and said."""
    asked = params.read(kind, request.args)
    listing = service().page(asked.request, params.FACETS[kind])
    chips = facets.applied(asked.request)
    return render_template(
        template,
        asked=asked.request,
        notes=asked.notes,
        listing=listing,
        page=PageNumbers(listing.number, listing.pages, listing.total),
        cards=[card(entry) for entry in listing.entries],
        groups=facets.groups(asked.request, listing),
        applied=chips,
        clear_url=facets.cleared(),
        sorts=facets.sorts(asked.request),
        keep=_keep(asked.request.text),
        form_keep={name: list(found) for name, found in asked.request.filters.items()},
        ways=ways_out(asked.request, listing),
        nearest=[card(entry) for entry in listing.help.nearest],
        export_url=_export_url(asked.request),
        export_most=MOST_WHOLE,
        **values,
    )


def _keep(text: str) -> dict[str, str]:
    """What the filter form carries along beside its own boxes."""
    kept = {"q": text, "sort": request.args.get("sort", ""), "scope": request.args.get("scope", "")}
    return {name: value for name, value in kept.items() if value}


def _export_url(asked: Request) -> str:
    """The whole list as it is narrowed and sorted now; only what was understood of the URL goes along."""
    given: dict[str, Any] = {"q": asked.text or None, "sort": request.args.get("sort") or None}
    given |= {name: list(values) for name, values in asked.filters.items()}
    return url_for(f"{asked.kind.value}s.export", **given)


def ways_out(asked: Request, listing: Listing) -> list[dict[str, Any]]:
    """Sentences for an empty list: what to give up and how many there are then, each a link."""
    ways = [
        {
            "text": _("去掉“%(name)s”有%(n)s项", name=params.word(asked.kind, name, value), n=total),
            "url": url_without(name, value),
        }
        for (name, value), total in listing.help.without
    ]
    for word, total in listing.help.shorter:
        shorter = " ".join(asked.text.replace(word, " ", 1).split())
        if shorter:
            ways.append({"text": _("去掉“%(name)s”有%(n)s项", name=word, n=total), "url": url_with(q=shorter)})
    return ways
