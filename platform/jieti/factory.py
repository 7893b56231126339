"""The application factory."""

from __future__ import annotations

import logging

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from jieti.bootstrap import House
from jieti.settings import ROOT, Settings, load_settings
from jieti.web.accounts.setup import init_accounts
from jieti.web.accounts.throttle import init_throttle
from jieti.web.assets import init_app as init_assets
from jieti.web.blueprints import register_blueprints
from jieti.web.context import end_request
from jieti.web.errors import init_errors
from jieti.web.filters import init_app as init_filters
from jieti.web.headers import init_headers
from jieti.web.locale import init_locale
from jieti.web.page import init_page
from jieti.web.security import check_permission

csrf = CSRFProtect()


def create_app(settings: Settings | None = None, *, testing: bool = False, house: House | None = None) -> Flask:
    """Build the web application. Opens nothing: the database, the engine and the encoder open at first use."""
    settings = settings or load_settings()
    app = Flask(
        "jieti", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "platform/jieti/web/static/build")
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=testing,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=settings.upload_limit + 2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session: a page left open overnight still posts
        TEMPLATES_AUTO_RELOAD=testing,
    )
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app.extensions["jieti.house"] = house or House(settings)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    csrf.init_app(app)
    init_locale(app)
    init_headers(app)
    init_assets(app)
    init_filters(app)
    init_page(app)
    init_errors(app)
    app.teardown_appcontext(end_request)
    init_accounts(app)
    app.before_request(check_permission)
    register_blueprints(app)
    init_throttle(app, settings.var)
    return app
