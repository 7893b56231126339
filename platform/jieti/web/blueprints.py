"""The list of blueprints: import path of each module that has a `blueprint`, one a line, in the order of the interface guide."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

MODULES: tuple[str, ...] = (
    "jieti.web.health",
    "jieti.web.home",
    "jieti.web.experts",
    "jieti.web.help",
    "jieti.web.search",
    "jieti.web.reviews",
    "jieti.web.attachments",
    "jieti.web.results",
    "jieti.web.challenges",
    "jieti.web.matches",
    "jieti.web.figures",
    "jieti.web.match_quality",
    "jieti.web.imports",
    "jieti.web.proposals",
    "jieti.web.deals.views",
    "jieti.web.notifications",
    "jieti.web.today",
    "jieti.web.accounts.views",
    "jieti.web.accounts.demo",
    "jieti.web.accounts.kept",
    "jieti.web.preferences",
    "jieti.web.organisations",
)


def register_blueprints(app: Flask) -> None:
    for name in MODULES:
        app.register_blueprint(import_module(name).blueprint)
