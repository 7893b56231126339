"""A challenge's proposals hang under the challenge; what the page shows is web/proposals' affair."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.domain.permissions import Permission
from jieti.web.challenges.blueprint import blueprint
from jieti.web.proposals.reading import compare
from jieti.web.security import requires


@blueprint.get("/<ref>/proposals")
@requires(Permission.SIGNED_IN)
def proposals(ref: str) -> ResponseReturnValue:
    return compare(ref)
