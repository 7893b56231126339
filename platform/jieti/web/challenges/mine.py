"""/challenges?scope=mine."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.web.challenges.posting import DESK
from jieti.web.posting import mine


def render_mine() -> ResponseReturnValue:
    return mine.render(DESK)
