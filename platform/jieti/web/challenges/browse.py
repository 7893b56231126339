"""/challenges: the public list of needs (`?scope=mine`: the firm's own)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from jieti.web.challenges.blueprint import blueprint
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
