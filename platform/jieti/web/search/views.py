"""/search and /search/suggestions."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.web.search import params
from jieti.web.search.cards import card
from jieti.web.search.listing_page import service
from jieti.web.security import public
from search.ports import Kind

blueprint = Blueprint("search", __name__, url_prefix="/search")

LISTS = {Kind.CHALLENGE: "challenges.index", Kind.RESULT: "results.index", Kind.EXPERT: "experts.index"}
PAGES = {Kind.CHALLENGE: "challenges.show", Kind.RESULT: "results.show", Kind.EXPERT: "experts.show"}


@blueprint.get("", endpoint="index")
@public
def index() -> ResponseReturnValue:
    """Each kind's number of hits and its best ones, with the way to its whole list."""
    text = params.clean(request.args.get("q", ""))
    notes = []
    if len(text) > params.MAX_TEXT:
        text = text[: params.MAX_TEXT]
        notes.append(_("搜索词太长，只用了前%(n)s个字。", n=params.MAX_TEXT))
    found = service().overview(text)
    nouns = {Kind.CHALLENGE: _("技术需求"), Kind.RESULT: _("科技成果"), Kind.EXPERT: _("专家")}
    sections = [
        {
            "kind": kind.value,
            "label": nouns[kind],
            "total": found.totals[kind],
            "cards": [card(entry) for entry in found.best[kind]],
            "url": url_for(LISTS[kind], q=text or None),
        }
        for kind in Kind
    ]
    total = sum(found.totals.values())
    return render_template(
        "search/index.html",
        text=text,
        notes=notes,
        sections=sections,
        total=total,
        engine_down=found.engine_down,
    )


@blueprint.get("/suggestions")
@public
def suggestions() -> ResponseReturnValue:
    """Up to 8 list items for the box in the top bar, as an HTML fragment; empty where nothing fits."""
    typed = params.clean(request.args.get("q", ""))[:60]
    kinds = {Kind.CHALLENGE: _("需求"), Kind.RESULT: _("成果"), Kind.EXPERT: _("专家")}
    items = [
        {"title": title, "url": url_for(PAGES[kind], ref=ref), "kind": kinds[kind]}
        for kind, ref, title in service().suggestions(typed)
    ]
    answer = render_template("search/suggestions.html", items=items)
    return answer, 200, {"Cache-Control": "private, max-age=30"}
