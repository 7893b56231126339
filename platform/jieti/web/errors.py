"""Error pages: what happened, what is safe, what to do, a number to quote. No traceback reaches a user."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from jieti.domain.errors import Conflict, MoveNotAllowed, NotAllowed, NotVisible
from jieti.domain.permissions import Permission
from jieti.web.accounts.kept import sign_in_first
from jieti.web.context import identity
from jieti.web.security import declared_permission
from search.ports import EngineUnavailable

log = logging.getLogger(__name__)


def _page(status: int, **values: object) -> tuple[str, int]:
    return render_template(f"errors/{status}.html", **values), status


def init_errors(app: Flask) -> None:
    app.register_error_handler(NotVisible, lambda _e: _page(404))
    app.register_error_handler(NotAllowed, lambda _e: _page(404))  # not permitted = not there
    app.register_error_handler(CSRFError, _stale_token)
    app.register_error_handler(MoveNotAllowed, lambda e: _page(409, error=e))
    app.register_error_handler(Conflict, lambda e: _page(409, error=e))
    app.register_error_handler(EngineUnavailable, lambda _e: _page(503))
    app.register_error_handler(Exception, _unexpected)


def _stale_token(error: CSRFError) -> ResponseReturnValue:
    """Most often the session has ended: then it is a matter of signing in, and what was typed waits."""
    permission = declared_permission(current_app._get_current_object(), request.endpoint or "")  # type: ignore[attr-defined]
    if permission not in {None, Permission.BROWSE} and not identity().signed_in:
        return sign_in_first()
    return _page(400, reason=error.description)


_OWN_PAGE = frozenset({400, 404, 405, 409, 413, 429, 503})


def _unexpected(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        if error.code is None or error.code < 400:
            return error  # redirects raised as exceptions
        if error.code == 403:
            return _page(404)
        page = error.code if error.code in _OWN_PAGE else 400 if error.code < 500 else 503
        return _page(page)[0], error.code
    number = secrets.token_hex(4)
    log.exception("error %s", number, exc_info=error)
    return _page(500, number=number)
