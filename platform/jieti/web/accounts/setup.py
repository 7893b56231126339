"""Flask-Security-Too for this application: its settings, the parts that are ours, its routes' permissions.

What the library offers and we do not use is off: unified sign-in, passkeys, OAuth, tokens, codes by mail or SMS. Two of
its routes come with two-factor and have no use here (choice of methods, rescue by mail): they answer 404.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask, abort
from flask_security import Security

from jieti.services.accounts import PASSWORD_LENGTH_MIN
from jieti.services.mail import derived_key
from jieti.settings import Settings
from jieti.web.accounts import forms
from jieti.web.accounts.datastore import RequestDatastore
from jieti.web.accounts.mail import OutboxMail
from jieti.web.accounts.passwords import PasswordRule
from jieti.web.accounts.render import render
from jieti.web.context import WRITING_GETS
from jieti.web.security import PUBLIC_ENDPOINTS, SIGNED_IN_ENDPOINTS

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
START = "/account/start"
"""Where a sign-in without a destination leads."""

_UNUSED = ("security.two_factor_rescue", "security.tf_select")
_PUBLIC = (
    "security.login",
    "security.logout",
    "security.register",
    "security.send_confirmation",
    "security.confirm_email",
    "security.forgot_password",
    "security.reset_password",
    "security.two_factor_token_validation",  # second step of the sign-in
    "security.mf_recovery",
    *_UNUSED,
)
_SIGNED_IN = (
    "security.verify",
    "security.change_password",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.mf_recovery_codes",
)


def _urls() -> dict[str, Any]:
    return {
        "LOGIN_URL": "/sign-in",
        "LOGOUT_URL": "/sign-out",
        "LOGOUT_METHODS": ["POST"],
        "REGISTER_URL": "/registrations/new",
        "CONFIRM_URL": "/confirmations",
        "RESET_URL": "/password-resets/new",
        "CHANGE_URL": "/account/password",
        "VERIFY_URL": "/account/verification",
        "TWO_FACTOR_SETUP_URL": "/account/two-factor",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
        "TWO_FACTOR_SELECT_URL": "/sign-in/method",
        "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "POST_LOGIN_VIEW": START,
        "POST_LOGOUT_VIEW": "/",
        "POST_REGISTER_VIEW": "/sign-in",
        "POST_CHANGE_VIEW": "/account/security",
        "TWO_FACTOR_POST_SETUP_VIEW": "/account/security",
    }


def _settings(settings: Settings, *, testing: bool) -> dict[str, Any]:
    return {
        **_urls(),
        "CONFIRMABLE": True,
        "REGISTERABLE": True,
        "RECOVERABLE": True,
        "CHANGEABLE": True,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [derived_key(settings.secret_key, "recovery codes")],
        "TOTP_SECRETS": {"1": derived_key(settings.secret_key, "totp").decode()},
        "TOTP_ISSUER": "Jieti",
        "HASHING_SCHEMES": ["hex_sha512"],  # of what is high in entropy or no secret; the default takes 0.3 s a link
        "DEPRECATED_HASHING_SCHEMES": [],
        "API_ENABLED_METHODS": ["session"],
        "RETURN_GENERIC_RESPONSES": True,  # no answer tells whether an address has an account
        "FRESHNESS": dt.timedelta(hours=1),  # changing the second step asks for the password again after this
        "FRESHNESS_GRACE_PERIOD": dt.timedelta(minutes=10),
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": True,  # argon2 salts each hash; services hash without this library
        "PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__time_cost": 1, "argon2__memory_cost": 64} if testing else {},
        "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
        "PASSWORD_CONFIRM_REQUIRED": False,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},  # no name service is asked
        "EMAIL_SENDER": settings.mail_sender,
        "EMAIL_PLAINTEXT": False,  # the worker writes the letters, from templates/emails/
        "EMAIL_HTML": False,
        "REGISTER_EMAIL_TEMPLATE": "registered",
        "REGISTER_EMAIL_EXISTING_TEMPLATE": "registered_already",
        "EMAIL_TEMPLATE_CONFIRM": "confirm",
        "EMAIL_TEMPLATE_PASSWORD_RESET": "reset_password",
        "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "password_was_reset",
        "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "password_was_changed",
        "I18N_DIRNAME": ["builtin", str(TRANSLATIONS)],
        "STATIC_FOLDER": None,
    }


def _not_here(*_args: object, **_values: object) -> NoReturn:
    abort(404)


def init_accounts(app: Flask) -> None:
    """Registers Flask-Security; `init_throttle` comes after the blueprints, since it wraps views by name."""
    settings: Settings = app.extensions["jieti.house"].settings
    for name, value in _settings(settings, testing=app.testing).items():
        app.config[f"SECURITY_{name}"] = value
    app.config.update(
        REMEMBER_COOKIE_DURATION=dt.timedelta(days=30),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure_cookies,
    )
    Security(
        app,
        RequestDatastore(),
        login_form=forms.SignInForm,
        register_form=forms.RegistrationForm,
        reset_password_form=forms.NewPasswordForm,
        change_password_form=forms.PasswordChangeForm,
        two_factor_setup_form=forms.TwoFactorForm,
        two_factor_rescue_form=forms.RescueForm,
        mail_util_cls=OutboxMail,
        password_util_cls=PasswordRule,
        render_template=render,
    )
    for endpoint in _UNUSED:
        app.view_functions[endpoint] = _not_here
    PUBLIC_ENDPOINTS.update(_PUBLIC)
    SIGNED_IN_ENDPOINTS.update(_SIGNED_IN)
    WRITING_GETS.add("security.confirm_email")
