"""Error pages: what happened, what is safe, what to do, a number to quote. No traceback reaches a user."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from jieti.domain.errors import Conflict, MoveNotAllowed, NotAllowed, NotVisible
from search.ports import EngineUnavailable

log = logging.getLogger(__name__)


def _page(status: int, template: str, **values: object) -> ResponseReturnValue:
    return render_template(f"errors/{template}.html", status=status, **values), status


def init_errors(app: Flask) -> None:
    app.register_error_handler(NotVisible, lambda _e: _page(404, "404"))
    app.register_error_handler(NotAllowed, lambda _e: _page(404, "404"))
    app.register_error_handler(404, lambda _e: _page(404, "404"))
    app.register_error_handler(405, lambda _e: _page(405, "404"))
    app.register_error_handler(413, lambda _e: _page(413, "413"))
    app.register_error_handler(429, lambda _e: _page(429, "429"))
    app.register_error_handler(CSRFError, lambda e: _page(400, "csrf", reason=e.description))
    app.register_error_handler(MoveNotAllowed, lambda e: _page(409, "move", error=e))
    app.register_error_handler(Conflict, lambda e: _page(409, "conflict", error=e))
    app.register_error_handler(EngineUnavailable, lambda _e: _page(503, "search_down"))
    app.register_error_handler(Exception, _unexpected)


def _unexpected(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        if error.code is not None and error.code >= 400:
            return _page(error.code, "other", name=error.name)
        return error  # redirects raised as exceptions
    number = secrets.token_hex(4)
    log.exception("error %s", number, exc_info=error)
    return _page(500, "500", number=number)
