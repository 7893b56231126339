"""`/`: says what this is and sends people on their way."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from jieti.services.home import Home
from jieti.web.context import identity, uow
from jieti.web.search.cards import card
from jieti.web.security import public

blueprint = Blueprint("home", __name__)
ON_PHONE = 5


@blueprint.get("/", endpoint="index")
@public
def index() -> ResponseReturnValue:
    front = Home(uow(), identity()).front()
    return render_template(
        "home/index.html", front=front, cards=[card(entry) for entry in front.wanted], on_phone=ON_PHONE
    )
