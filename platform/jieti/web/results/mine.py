"""/results?scope=mine."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.web.posting import mine, mine_export
from jieti.web.results.posting import DESK


def render_mine() -> ResponseReturnValue:
    return mine.render(DESK)


def export_mine() -> ResponseReturnValue:
    return mine_export.export(DESK)
