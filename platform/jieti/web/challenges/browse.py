"""/challenges: the public list of needs (`?scope=mine`: the firm's own)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from jieti.web.challenges.blueprint import blueprint
from jieti.web.search.listing_export import export_list
from jieti.web.search.listing_page import browse
from jieti.web.security import public
from search.ports import Kind


@blueprint.get("", endpoint="index")
@public
def index() -> ResponseReturnValue:
    if request.args.get("scope") == "mine":
        from jieti.web.challenges.mine import render_mine

        return render_mine()
    return browse(Kind.CHALLENGE, "browse/challenges.html")


@blueprint.get("/export.xlsx", endpoint="export")
@public
def export() -> ResponseReturnValue:
    """The same list, whole, as an Excel file."""
    if request.args.get("scope") == "mine":
        from jieti.web.challenges.mine import export_mine

        return export_mine()
    return export_list(Kind.CHALLENGE)
