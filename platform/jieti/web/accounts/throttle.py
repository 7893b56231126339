"""Attempts are limited: by account and address, by account from anywhere, by address whatever the account.

Only failures count where a right answer ends the matter (sign-in, codes); every sending counts where mail goes out.
An account that does not exist is counted like one that does, so that a limit reveals nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request, session
from flask_limiter import Limiter
from flask_login import current_user

from jieti.web.accounts.limit_storage import SCHEME

TRIES = 5
TRIES_MINUTES = 15


def _address() -> str:
    return request.remote_addr or "unknown"


def _account() -> str:
    """The typed account, hashed: counts and logs hold no addresses."""
    typed = request.form.get("email", "").strip().casefold()
    return hashlib.sha256(typed.encode()).hexdigest()[:24]


def _account_and_address() -> str:
    return f"{_account()}@{_address()}"


def _second_step() -> str:
    return hashlib.sha256(str(session.get("tf_user_id", _address())).encode()).hexdigest()[:24]


def _user() -> str:
    return str(current_user.get_id() or _address())


def failed(response: Response) -> bool:
    """Forms of ours answer 422 to what does not hold."""
    return response.status_code == 422


@dataclass(frozen=True, slots=True)
class Rule:
    endpoint: str
    rate: str
    key: Callable[[], str]
    only_failures: bool = True
    methods: tuple[str, ...] = ("POST",)


READING = ("GET", "HEAD")
RULES = (
    Rule("security.login", f"{TRIES} per {TRIES_MINUTES} minutes", _account_and_address),
    Rule("security.login", "30 per hour", _account),
    Rule("security.login", "100 per hour", _address),
    Rule("security.two_factor_token_validation", f"{TRIES} per {TRIES_MINUTES} minutes", _second_step),
    Rule("security.mf_recovery", f"{TRIES} per {TRIES_MINUTES} minutes", _second_step),
    Rule("security.verify", f"{TRIES} per {TRIES_MINUTES} minutes", _user),
    Rule("security.change_password", f"{TRIES} per {TRIES_MINUTES} minutes", _user),
    Rule("security.reset_password", "20 per hour", _address),
    Rule("security.register", "20 per hour", _address, only_failures=False),
    Rule("security.forgot_password", "5 per hour", _account, only_failures=False),
    Rule("security.forgot_password", "30 per hour", _address, only_failures=False),
    Rule("security.send_confirmation", "5 per hour", _account, only_failures=False),
    Rule("security.send_confirmation", "30 per hour", _address, only_failures=False),
    Rule("organisations.invite", "30 per hour", _user, only_failures=False),
    # Each costs an encoding and a search: far more than pauses in typing, far less than a script could ask.
    Rule("challenges.preview", "60 per minute", _user, only_failures=False),
    # Each reads up to 2,000 rows and writes a file.
    Rule("challenges.export", "10 per minute", _user, only_failures=False, methods=READING),
    Rule("results.export", "10 per minute", _user, only_failures=False, methods=READING),
    Rule("experts.export", "10 per minute", _user, only_failures=False, methods=READING),
)


def storage_uri(var: Path) -> str:
    return f"{SCHEME}://{quote(str(var.resolve() / 'limits.sqlite'))}"


def init_throttle(app: Flask, var: Path) -> None:
    """Wrap the views that RULES name (registered before); the counts are shared by every process that uses this `var`."""
    limiter = Limiter(
        _address,
        app=app,
        storage_uri=storage_uri(var),
        strategy="fixed-window",
        headers_enabled=True,  # Retry-After
        key_prefix="jieti",
    )
    app.extensions["jieti.limiter"] = limiter
    for rule in RULES:
        if rule.endpoint not in app.view_functions:
            raise LookupError(f"no view {rule.endpoint} to limit")
        limit = limiter.limit(
            rule.rate, key_func=rule.key, methods=list(rule.methods), deduct_when=failed if rule.only_failures else None
        )
        view: Any = limit(app.view_functions[rule.endpoint])
        app.view_functions[rule.endpoint] = view


def tries_left(app: Flask) -> int:
    """After the failure that is being answered: how many more attempts the tightest limit of this request allows."""
    limiter: Limiter = app.extensions["jieti.limiter"]
    return max(0, min((limit.remaining for limit in limiter.current_limits), default=TRIES) - 1)
