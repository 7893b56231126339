"""/attachments/{ref}: a file, to whoever may see its listing (a sealed one: its sealed part)."""

from __future__ import annotations

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from jieti.domain.lifecycles import Actor
from jieti.persistence.models import Challenge
from jieti.services.actors import challenge_actors
from jieti.web.context import identity, uow
from jieti.web.posting.desk import attachments
from jieti.web.sealed_log import log_sealed_view
from jieti.web.security import public

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")


@blueprint.get("/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    """Always a download, never shown in the page: a file may hold script of its own."""
    row, path, subject = attachments(uow()).download(ref)
    if row.sealed and isinstance(subject, Challenge) and Actor.OWNER not in challenge_actors(identity(), subject):
        log_sealed_view(subject, attachment=row.ref)
    response = send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.filename, etag=False)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
