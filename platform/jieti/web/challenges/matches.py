"""The challenge's matches page hangs under the challenge; what it shows is web/matches' affair."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.domain.permissions import Permission
from jieti.web.challenges.blueprint import blueprint
from jieti.web.matches import challenge_matches
from jieti.web.security import requires


@blueprint.get("/<ref>/matches")
@requires(Permission.SEE_MATCHES)
def matches(ref: str) -> ResponseReturnValue:
    return challenge_matches(ref)
