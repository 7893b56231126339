"""Language, time zone, theme, density of a request. Source texts are Chinese; English is a catalogue.

Choice: cookie `locale` (set by the language switch), the account's setting, else Chinese whatever the browser says:
the platform's users are in Zhejiang, many on browsers set to English by their makers.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_babel import Babel, get_locale
from flask_login import current_user

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
THEMES = ("light", "dark", "auto")
DENSITIES = ("normal", "compact")


def _account(name: str) -> Any:
    user = current_user
    return getattr(user, name, None) if user and user.is_authenticated else None


def choose_locale() -> str:
    chosen = request.cookies.get("locale") or _account("locale") or "zh"
    return LOCALES.get(chosen, LOCALES["zh"])


def short_locale() -> str:
    return "en" if str(get_locale()).startswith("en") else "zh"


def theme() -> str:
    chosen = request.cookies.get("theme") or _account("theme") or "light"
    return chosen if chosen in THEMES else "light"


def density() -> str:
    chosen = request.cookies.get("density") or _account("density") or "normal"
    return chosen if chosen in DENSITIES else "normal"


def shortcuts() -> bool:
    """Single-key shortcuts can be turned off (WCAG 2.1.4)."""
    chosen = request.cookies.get("keys")
    if chosen in {"on", "off"}:
        return chosen == "on"
    return _account("shortcuts") is not False


def init_locale(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES["zh"]
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=choose_locale, timezone_selector=lambda: "Asia/Shanghai")
