"""Flask-Security-Too for this application: its settings, its parts that are ours, its routes' permissions."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_security import Security

from jieti.services.accounts import PASSWORD_LENGTH_MIN
from jieti.web.accounts.datastore import RequestDatastore
from jieti.web.context import house
from jieti.web.security import PUBLIC_ENDPOINTS, SIGNED_IN_ENDPOINTS


def _settings(app: Flask) -> dict[str, Any]:
    settings = app.extensions["jieti.house"].settings
    return {
        "URL_PREFIX": None,
        "LOGIN_URL": "/sign-in",
        "LOGOUT_URL": "/sign-out",
        "LOGOUT_METHODS": ["POST"],
        "POST_LOGIN_VIEW": "/today",
        "POST_LOGOUT_VIEW": "/",
        "STATIC_FOLDER": None,
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": True,  # argon2 salts each; services hash without this library
        "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},  # no name service is asked
        "EMAIL_SENDER": settings.mail_sender,
        "RETURN_GENERIC_RESPONSES": True,
    }


def init_accounts(app: Flask) -> None:
    for name, value in _settings(app).items():
        app.config[f"SECURITY_{name}"] = value
    Security(app, RequestDatastore())
    PUBLIC_ENDPOINTS.update({"security.login", "security.logout"})
    SIGNED_IN_ENDPOINTS.update({"security.verify"})
