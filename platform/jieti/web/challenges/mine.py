"""/challenges?scope=mine."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.web.challenges.posting import DESK
from jieti.web.posting import mine, mine_export


def render_mine() -> ResponseReturnValue:
    return mine.render(DESK)


def export_mine() -> ResponseReturnValue:
    return mine_export.export(DESK)
