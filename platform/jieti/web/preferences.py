"""Language, theme, density, shortcuts: set from any page, signed in or not. Cookies hold the choice; an account keeps it too."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from jieti.services.accounts_settings import Display, OwnAccount
from jieti.web.context import committing, house, identity
from jieti.web.local_urls import local_url
from jieti.web.security import public

blueprint = Blueprint("preferences", __name__)

KEPT = 365 * 24 * 3600  # s


@blueprint.post("/display")
@public
def set() -> ResponseReturnValue:
    """Fields locale, theme, density, keys (on, off), next; those absent or unknown stay as they are."""
    keys = request.form.get("keys")
    display = Display(
        locale=request.form.get("locale"),
        theme=request.form.get("theme"),
        density=request.form.get("density"),
        shortcuts={"on": True, "off": False}.get(keys or ""),
    ).known()
    if identity().signed_in:
        with committing() as uow:
            OwnAccount(uow, identity()).change_display(display)
    response = redirect(local_url(request.form.get("next")) or "/", 303)
    cookies = {"locale": display.locale, "theme": display.theme, "density": display.density}
    cookies["keys"] = None if display.shortcuts is None else "on" if display.shortcuts else "off"
    for name, value in cookies.items():
        if value is not None:
            response.set_cookie(
                name, value, max_age=KEPT, httponly=True, samesite="Lax", secure=house().settings.secure_cookies
            )
    return response
