"""The result's matches page hangs under the result; what it shows is web/matches' affair."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.domain.permissions import Permission
from jieti.web.matches import result_matches
from jieti.web.results.blueprint import blueprint
from jieti.web.security import requires


@blueprint.get("/<ref>/matches")
@requires(Permission.SEE_MATCHES)
def matches(ref: str) -> ResponseReturnValue:
    return result_matches(ref)
