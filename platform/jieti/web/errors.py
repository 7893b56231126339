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


def _page(status: int, **values: object) -> ResponseReturnValue:
    return render_template(f"errors/{status}.html", **values), status


def init_errors(app: Flask) -> None:
    app.register_error_handler(NotVisible, lambda _e: _page(404))
    app.register_error_handler(NotAllowed, lambda _e: _page(404))  # not permitted = not there
    app.register_error_handler(CSRFError, lambda e: _page(400, reason=e.description))
    app.register_error_handler(MoveNotAllowed, lambda e: _page(409, error=e))
    app.register_error_handler(Conflict, lambda e: _page(409, error=e))
    app.register_error_handler(EngineUnavailable, lambda _e: _page(503))
    app.register_error_handler(Exception, _unexpected)


_OWN_PAGE = frozenset({400, 404, 405, 409, 413, 429, 503})


def _unexpected(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        if error.code is None or error.code < 400:
            return error  # redirects raised as exceptions
        if error.code == 403:
            return _page(404)
        page = error.code if error.code in _OWN_PAGE else 400 if error.code < 500 else 503
        body, _status = _page(page)  # type: ignore[misc]
        return body, error.code
    number = secrets.token_hex(4)
    log.exception("error %s", number, exc_info=error)
    return _page(500, number=number)
