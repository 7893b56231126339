"""Signing in: tries are counted across processes, forms need their token, and `next` stays on this site."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.factory import create_app
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import DEMO_EMAILS, create_user
from tests.integration.accounts.test_registration import PASSWORD, sign_in
from tests.web import forms, post_form
from tests.world import World


@pytest.fixture
def person(house: House) -> User:
    with UnitOfWork(house.database) as uow:
        return create_user(uow, email="person@example.com", password=PASSWORD, name="常来")


def test_tries_are_counted_over_two_processes_and_told(app: Flask, house: House, person: User) -> None:
    other = create_app(house.settings, testing=True, house=house).test_client()
    one = app.test_client()
    left = []
    for client in (one, other, one, other):
        answer = sign_in(client, person.email, "错的密码错的密码")
        assert answer.status_code == 422
        left.append(int(re.search(r"还可试(\d)次", answer.text)[1]))
    assert left == [4, 3, 2, 1]
    last = sign_in(one, person.email, "错的密码错的密码")
    assert last.status_code == 422 and "15分钟后再试" in last.text
    for client in (one, other):
        refused = sign_in(client, person.email, PASSWORD)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
    assert sign_in(one, "someone.else@example.com", "错的密码错的密码").status_code == 422, "others are not shut out"


def test_an_unknown_account_is_answered_and_counted_like_a_known_one(client: FlaskClient, person: User) -> None:
    texts = []
    for email in (person.email, "nobody@example.com"):
        answers = [sign_in(client, email, "错的密码错的密码") for _try in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
        texts.append(re.findall(r"账号或密码不对[^<]*", answers[0].text))
    assert texts[0] == texts[1] != []


def test_right_passwords_do_not_use_up_tries(app: Flask, person: User) -> None:
    for _time in range(7):
        assert sign_in(app.test_client(), person.email, PASSWORD).status_code == 302


def test_sign_in_goes_back_where_it_came_from(client: FlaskClient, person: User) -> None:
    sent = client.get("/account/security?x=1")
    assert sent.status_code == 302 and sent.location.startswith("/sign-in?next=")
    answer = sign_in(client, person.email, PASSWORD, page=sent.location)
    assert answer.location.endswith("/account/security?x=1")


@pytest.mark.parametrize("bad", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leaves_the_site(client: FlaskClient, person: User, bad: str) -> None:
    answer = sign_in(client, person.email, PASSWORD, page=f"/sign-in?next={bad}")
    there = answer.headers.get("Location", "/")
    assert there.startswith("/") and not there.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "path", ["/sign-in", "/registrations/new", "/password-resets/new", "/sign-out", "/display", "/demo-sign-in"]
)
def test_a_form_without_its_token_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, data={"email": "person@example.com", "password": PASSWORD}).status_code == 400


def test_sign_out_is_no_link(client_of: Callable[[User], FlaskClient], person: User) -> None:
    client = client_of(person)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200
    post_form(client, "/account", {}, action="/sign-out")
    assert client.get("/account").status_code == 302


def test_changing_the_password_ends_other_sessions(app: Flask, person: User) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client, person.email, PASSWORD)
    wrong = post_form(
        here,
        "/account/password",
        {"password": "不是它不是它不是", "new_password": "新的一句长密码话"},
        action="/account/password",
    )
    assert wrong.status_code == 422 and "密码不对" in wrong.text
    done = post_form(
        here,
        "/account/password",
        {"password": PASSWORD, "new_password": "新的一句很长的密码"},
        action="/account/password",
    )
    assert done.status_code == 422, "nine characters are too few"
    done = post_form(
        here,
        "/account/password",
        {"password": PASSWORD, "new_password": "新的一句相当长的密码"},
        action="/account/password",
    )
    assert done.status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_demo_buttons_only_in_demo_mode(house: House, world: World, settings: object) -> None:
    organisation = world.organisation("enterprise")
    world.user("enterprise", organisation, email=DEMO_EMAILS["enterprise"])
    plain = create_app(house.settings, testing=True, house=house).test_client()
    page = plain.get("/sign-in")
    assert "体验" not in page.text
    token = next(f["hidden"]["csrf_token"] for f in forms(page) if "csrf_token" in f["hidden"])
    assert plain.post("/demo-sign-in", data={"role": "enterprise", "csrf_token": token}).status_code == 404

    house.settings = replace(house.settings, demo=True)
    demo = create_app(house.settings, testing=True, house=house).test_client()
    assert demo.get("/sign-in").text.count("身份体验") == 4
    entered = post_form(demo, "/sign-in?next=/account", {"role": "enterprise"}, action="/demo-sign-in")
    assert entered.status_code == 303 and entered.location == "/account"
    assert "演示" in demo.get("/account").text
    other = create_app(house.settings, testing=True, house=house).test_client()
    assert post_form(other, "/sign-in", {"role": "province"}, action="/demo-sign-in").status_code == 404


def test_display_is_kept_signed_out_and_in(
    client: FlaskClient, client_of: Callable[[User], FlaskClient], person: User, house: House
) -> None:
    set_ = post_form(
        client, "/sign-in", {"theme": "dark", "locale": "en", "next": "https://evil.example/"}, action="/display"
    )
    assert set_.status_code == 303 and set_.location == "/"
    page = client.get("/sign-in").text
    assert 'data-bs-theme="dark"' in page and 'lang="en"' in page
    mine = client_of(person)
    post_form(mine, "/account/display", {"density": "compact", "keys": "off", "theme": "puce"}, action="/display")
    with UnitOfWork(house.database, read=True) as uow:
        kept = uow.session.get_one(User, person.id)
        assert (kept.density, kept.shortcuts, kept.theme) == ("compact", False, "light")
