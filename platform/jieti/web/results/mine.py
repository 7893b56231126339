"""/results?scope=mine."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.web.posting import mine
from jieti.web.results.posting import DESK


def render_mine() -> ResponseReturnValue:
    return mine.render(DESK)
