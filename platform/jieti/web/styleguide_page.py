"""`/styleguide`: every component on one page, for those who build pages. Registered in debug and test only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from jieti.web.security import public
from jieti.web.styleguide import context

blueprint = Blueprint("styleguide", __name__)


@blueprint.get("/styleguide")
@public
def index() -> ResponseReturnValue:
    return render_template("styleguide.html", **context())
