"""How Flask-Security's pages are answered: 422 where the form has errors, and words of ours where the library's say too little."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, render_template
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from jieti.services.accounts import PASSWORD_LENGTH_MIN
from jieti.web.accounts.throttle import TRIES_MINUTES, tries_left


def _word_sign_in(form: Any) -> None:
    """Text 25: how many tries are left. Who gave the right password is told what is missing instead."""
    if form.user_authenticated:
        form.form_errors = (
            [_("账号还没确认，请先点开确认邮件里的链接。")]
            if form.requires_confirmation
            else [_("账号已停用，请联系科技局。")]
        )
        return
    left = tries_left(current_app._get_current_object())  # type: ignore[attr-defined]
    if left:
        text = _("账号或密码不对，还可试%(n)s次，也可重置密码。", n=left)
    else:
        text = _("账号或密码不对，请%(minutes)s分钟后再试，也可重置密码。", minutes=TRIES_MINUTES)
    form.form_errors = [text]


def render(template: str, **context: Any) -> Any:
    """A whole answer, not only its text: the library returns from its views what this returns."""
    forms = [value for value in context.values() if isinstance(value, FlaskForm)]
    shown = next((form for form in forms if form.errors), None)
    if shown is not None and template == "security/login_user.html" and shown.form_errors:
        _word_sign_in(shown)
    page = render_template(template, password_length_min=PASSWORD_LENGTH_MIN, **context)
    answer: Response = make_response(page, 422 if shown is not None else 200)
    return answer
