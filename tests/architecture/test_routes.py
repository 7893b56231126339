"""Default deny: every route says who may use it, and nobody else gets in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.routing.converters import NumberConverter

from jieti.domain.permissions import Permission
from jieti.persistence.models import User
from jieti.web.security import declared_permission
from tests.world import World

REF = "zzzzzzzzzz"


def url_of(app: Flask, rule: Rule) -> str:
    """The rule's address with references that nothing has."""
    numbers = {name for name, converter in rule._converters.items() if isinstance(converter, NumberConverter)}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: 1 if name in numbers else REF for name in rule.arguments})


def test_every_route_declares_its_permission(app: Flask) -> None:
    silent = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if declared_permission(app, rule.endpoint) is None}
    )
    assert silent == []


def test_a_visitor_gets_public_pages_only(app: Flask, client: FlaskClient) -> None:
    """Anything not public sends a visitor to sign in, without saying whether the record exists."""
    checked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or declared_permission(app, rule.endpoint) is Permission.BROWSE:
            continue
        url = url_of(app, rule)
        answer = client.get(url)
        assert answer.status_code == 302 and "/sign-in" in answer.location, (rule.endpoint, answer.status_code)
        checked += 1
    assert checked > 10


def test_a_foreign_reference_is_not_there(app: Flask, world: World, client_of: Callable[[User], FlaskClient]) -> None:
    """A record that does not exist answers 404 on every page that takes a reference, for every role; never a fault."""
    people = [world.enterprise(), world.researcher(), world.officer(), world.broker()]
    for user in people:
        client = client_of(user)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or not rule.arguments or rule.endpoint == "static":
                continue
            url = url_of(app, rule)
            assert client.get(url).status_code in {302, 404}, (rule.endpoint, url)
