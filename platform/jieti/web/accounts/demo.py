"""Demo mode: signing in as one of four invented people by one button. Not there (404) in any other mode."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_security import login_user

from jieti.services.accounts import DEMO_EMAILS, find_user
from jieti.web.accounts.setup import START
from jieti.web.context import house, uow
from jieti.web.local_urls import local_url
from jieti.web.security import public

blueprint = Blueprint("demo", __name__)


@blueprint.post("/demo-sign-in")
@public
def sign_in() -> ResponseReturnValue:
    email = DEMO_EMAILS.get(request.form.get("role", ""))
    if not house().settings.demo or email is None:
        abort(404)
    user = find_user(uow().session, email)
    if user is None:
        abort(404)
    login_user(user, authn_via=["demo"])
    return redirect(local_url(request.form.get("next")) or START, 303)
