"""/results: the public list of results (`?scope=mine|organisation`: one's own, one's university's)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from jieti.web.results.blueprint import blueprint
from jieti.web.search.listing_export import export_list
from jieti.web.search.listing_page import browse
from jieti.web.security import public
from search.ports import Kind


@blueprint.get("", endpoint="index")
@public
def index() -> ResponseReturnValue:
    if request.args.get("scope") in {"mine", "organisation"}:
        from jieti.web.results.mine import render_mine

        return render_mine()
    return browse(Kind.RESULT, "browse/results.html")


@blueprint.get("/export.xlsx", endpoint="export")
@public
def export() -> ResponseReturnValue:
    """The same list, whole, as an Excel file."""
    if request.args.get("scope") in {"mine", "organisation"}:
        from jieti.web.results.mine import export_mine

        return export_mine()
    return export_list(Kind.RESULT)
