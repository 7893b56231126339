"""A form sent after the session has ended is not lost: sign in, and it goes on where it was."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user
from tests.integration.accounts.test_registration import PASSWORD, sign_in
from tests.web import post_form

SITE = {"Origin": "http://localhost"}
TYPED = {"name": "改过的名字", "title": "第一行\n第二行", "phone": "0572-1"}


def _person(house: House) -> User:
    with UnitOfWork(house.database) as uow:
        return create_user(uow, email="person@example.com", password=PASSWORD, name="原来的名字")


def _signed_out_after_typing(app: Flask, house: House, **headers: str) -> tuple[FlaskClient, str]:
    """A client whose session ended while the profile was being typed, and where its sending led."""
    client = app.test_client()
    sign_in(client, "person@example.com", PASSWORD)
    client.delete_cookie("session")
    answer = client.post("/account", data={**TYPED, "csrf_token": "an old one"}, headers=headers)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in?next=")
    return client, answer.location


def test_what_was_typed_is_sent_after_signing_in(app: Flask, house: House) -> None:
    person = _person(house)
    client, page = _signed_out_after_typing(app, house, **SITE)
    kept = sign_in(client, person.email, PASSWORD, page=page).location
    assert kept.startswith("/account/kept/")
    shown = client.get(kept)
    assert "接着提交" in shown.text and "改过的名字" in shown.text and "an old one" not in shown.text
    on_disk = b"".join(p.read_bytes() for p in (house.settings.var / "kept").iterdir())
    assert "改过的名字".encode() not in on_disk, "it may be sealed content"
    done = post_form(client, kept, {**TYPED, "title": "教授"}, action="/account")
    assert done.status_code == 303
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.get_one(User, person.id).name == "改过的名字"

    other = app.test_client()
    sign_in(other, person.email, PASSWORD)
    assert other.get(kept).status_code == 404, "it waits for the browser that sent it"


def test_a_form_from_elsewhere_is_not_kept(app: Flask, house: House) -> None:
    _person(house)
    for headers in ({"Origin": "https://evil.example"}, {}, {"Referer": "https://evil.example/localhost"}):
        _client, page = _signed_out_after_typing(app, house, **headers)
        assert "kept" not in page


def test_a_script_is_told_that_the_session_has_ended(app: Flask) -> None:
    answer = app.test_client().post("/account", data=TYPED, headers={**SITE, "X-Autosave": "1"})
    assert answer.status_code == 401
