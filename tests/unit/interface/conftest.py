"""A small application that serves the style guide with the real templates, macros, filters and built assets, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, jsonify, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from werkzeug.serving import make_server

from jieti.web import assets, filters, styleguide
from jieti.web.headers import CSP

ROOT = Path(__file__).parents[3]


def make_app() -> Flask:
    app = Flask(
        "styleguide",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "platform/jieti/web/static/build"),
        static_url_path="/static",
    )
    app.config.update(SECRET_KEY="k" * 32)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, default_locale="zh_Hans_CN")
    CSRFProtect(app)
    assets.init_app(app)
    filters.init_app(app)
    app.extensions["received"] = received = []

    @app.context_processor
    def page() -> dict[str, Any]:
        nav = [
            {"label": label, "url": "/styleguide", "current": False}
            for label in ("技术需求", "科技成果", "专家", "对接项目")
        ]
        nav += [{"label": "今天", "url": "/today", "count": 4, "end": True, "keep": True, "current": True}]
        return {
            "nav": nav,
            "identity": SimpleNamespace(name="王科长", role="科技局", organisation_name="德清县科技局"),
            "theme": request.args.get("theme", "light"),
            "density": "normal",
            "locale": "zh",
            "demo_mode": True,
            "tenant": {"host": "德清县科技局", "phone": "0572-0000000"},
            "footer_links": [{"label": "帮助", "url": "/help"}],
        }

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.get("/styleguide")
    def guide() -> str:
        return render_template("styleguide.html", **styleguide.context(bad="ok" not in request.args))

    @app.get("/today")
    def today() -> str:
        return render_template("errors/404.html")

    @app.get("/search/suggestions")
    def suggestions() -> str:
        received.append(("suggest", request.args["q"]))
        return '<li role="option"><a href="/today?a">增韧尼龙66</a></li><li role="option"><a href="/today?b">带锯条</a></li>'

    @app.post("/styleguide/autosave")
    def autosave() -> Any:
        received.append(("autosave", request.form.to_dict()))
        if request.form["title"] == "冲突":
            return jsonify(url="/conflict"), 409
        return jsonify(saved_at="14:33", version=int(request.form["version"]) + 1)

    @app.post("/deals/move")
    def move() -> Any:
        received.append(("move", request.form.to_dict()))
        return "", 204

    @app.get("/favicon.ico")
    def favicon() -> tuple[str, int]:
        return "", 204

    @app.post("/slow")
    def slow() -> str:
        received.append(("slow", request.form.to_dict()))
        return "ok"

    return app


@pytest.fixture
def app() -> Flask:
    return make_app()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """The style guide on a free port: (base URL, what it has received)."""
    app = make_app()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", app.extensions["received"]
    server.shutdown()
    thread.join()
    server.server_close()
