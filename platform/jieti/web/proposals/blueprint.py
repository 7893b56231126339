"""The blueprint object of the proposals' pages, and how a refusal is answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from jieti.domain.errors import MoveNotAllowed
from jieti.web.proposals.words import REFUSALS

blueprint = Blueprint("proposals", __name__)


def refused(error: MoveNotAllowed, **values: Any) -> ResponseReturnValue:
    """409 with why, and the way on."""
    told = str(REFUSALS.get(error.code, REFUSALS["no_such_move"]))
    return render_template("proposals/refused.html", told=told, **values), 409
