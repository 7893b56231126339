"""Default deny: every route declares its permission, or that it is public; one that does not is refused (and fails a test).

`@requires(Permission.X)` on a view; `@public` for pages anyone may open. Views of libraries (Flask-Security's own) are
named in PUBLIC_ENDPOINTS or SIGNED_IN_ENDPOINTS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

from jieti.domain.permissions import Permission, permissions_of
from jieti.web.context import identity

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC_ENDPOINTS: set[str] = {"static"}
SIGNED_IN_ENDPOINTS: set[str] = set()


def requires(permission: Permission) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.jieti_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Anyone may open this page (what it shows is still filtered by audience)."""
    view.jieti_permission = Permission.BROWSE  # type: ignore[attr-defined]
    return view


def declared_permission(app: Flask, endpoint: str) -> Permission | None:
    """The permission an endpoint declares, or None."""
    if endpoint in PUBLIC_ENDPOINTS:
        return Permission.BROWSE
    if endpoint in SIGNED_IN_ENDPOINTS:
        return Permission.SIGNED_IN
    view = app.view_functions.get(endpoint)
    return getattr(view, "jieti_permission", None)


def check_permission() -> ResponseReturnValue | None:
    """before_request: a visitor is sent to sign in and comes back; a signed-in person without it gets 404 (not there)."""
    if request.endpoint is None:
        return None
    permission = declared_permission(current_app._get_current_object(), request.endpoint)  # type: ignore[attr-defined]
    if permission is None:
        abort(404)
    if permission is Permission.BROWSE:
        return None
    who = identity()
    if not who.signed_in:
        from jieti.web.accounts.kept import sign_in_first  # that module's own page needs this one

        return sign_in_first()
    if permission not in permissions_of(who):
        abort(404)
    return None
