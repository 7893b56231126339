"""From registering to a new password, through real mail; nothing tells who has an account."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.persistence.models import OutboxRow, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user
from tests.integration.accounts.mailbox import deliver, link
from tests.web import post_form

PASSWORD = "竹林深处有人家2026"
pytestmark = pytest.mark.both_databases


def register(client: FlaskClient, email: str = "New.Person@example.com", password: str = PASSWORD) -> object:
    return post_form(
        client,
        "/registrations/new",
        {"name": "叶新人", "email": email, "password": password},
        action="/registrations/new",
    )


def sign_in(client: FlaskClient, email: str, password: str, page: str = "/sign-in") -> object:
    return post_form(client, page, {"email": email, "password": password}, action="/sign-in")


def user_of(house: House, email: str) -> User | None:
    with UnitOfWork(house.database, read=True) as uow:
        return uow.session.scalar(select(User).where(User.email == email))


def test_register_confirm_sign_in_reset(client: FlaskClient, house: House) -> None:
    answer = register(client)
    assert answer.status_code == 302
    user = user_of(house, "new.person@example.com") or user_of(house, "New.Person@example.com")
    assert user is not None and user.confirmed_at is None and user.password.startswith("$argon2id$")

    refused = sign_in(client, "new.person@EXAMPLE.com", PASSWORD)
    assert refused.status_code == 422
    assert "还没确认" in refused.text

    (to, subject, body) = deliver(house)[-1]
    assert to.lower() == "new.person@example.com" and "确认" in subject
    confirmed = client.get(link(body, house))
    assert confirmed.status_code == 302
    assert user_of(house, user.email).confirmed_at is not None

    entered = sign_in(client, "NEW.person@example.com", PASSWORD)
    assert entered.status_code == 302
    assert client.get("/account/start").location.endswith("/account/organisation")
    client.post("/sign-out", data={"csrf_token": _token(client, "/account")})

    asked = post_form(client, "/password-resets/new", {"email": user.email}, action="/password-resets/new")
    assert asked.status_code == 200
    reset = link(deliver(house)[-1][2], house)
    short = post_form(client, reset, {"password": "太短"}, action=reset)
    assert short.status_code == 422 and "至少10个字符" in short.text
    done = post_form(client, reset, {"password": "另一个很长的密码句子"}, action=reset)
    assert done.status_code == 302
    assert client.get(reset).status_code == 302, "a link is good once"
    assert sign_in(client, user.email, PASSWORD).status_code == 422
    assert sign_in(client, user.email, "另一个很长的密码句子").status_code == 302
    assert deliver(house)[-1][1] == "密码已重置"


def _token(client: FlaskClient, page: str) -> str:
    from tests.web import forms

    return next(f["hidden"]["csrf_token"] for f in forms(client.get(page)) if "csrf_token" in f["hidden"])


def test_registering_a_known_address_answers_alike_and_tells_its_owner(client: FlaskClient, house: House) -> None:
    with UnitOfWork(house.database) as uow:
        create_user(uow, email="known@example.com", password=PASSWORD, name="旧友")
    unknown = register(client, "unknown@example.com")
    known = register(client, "known@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    followed = client.get(known.location).text
    assert "known@example.com" in followed and "已有账号" not in followed
    subjects = {to: subject for to, subject, _body in deliver(house)}
    assert subjects == {"unknown@example.com": "请确认您的邮箱", "known@example.com": "您已经有账号"}


@pytest.mark.parametrize("page", ["/password-resets/new", "/confirmations"])
def test_asking_for_a_letter_reveals_nothing(client: FlaskClient, house: House, page: str) -> None:
    with UnitOfWork(house.database) as uow:
        create_user(uow, email="known@example.com", password=PASSWORD, name="旧友", confirmed="reset" in page)
    answers = [
        post_form(client, page, {"email": email}, action=page) for email in ("known@example.com", "nobody@example.com")
    ]
    assert answers[0].status_code == answers[1].status_code == 200
    assert _words(answers[0].text, "known@example.com") == _words(answers[1].text, "nobody@example.com")
    assert [to for to, _subject, _body in deliver(house)] == ["known@example.com"]


def _words(page: str, email: str) -> list[str]:
    """The page without what differs at every request: the address, tokens, the message list."""
    from html.parser import HTMLParser

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.words: list[str] = []

        def handle_data(self, data: str) -> None:
            if data.strip():
                self.words.append(data.strip().replace(email, "ADDRESS"))

    parser = Text()
    parser.feed(page)
    return parser.words


def test_a_copy_of_the_database_holds_no_link(client: FlaskClient, house: House) -> None:
    register(client)
    with UnitOfWork(house.database, read=True) as uow:
        row = uow.session.scalars(select(OutboxRow).where(OutboxRow.topic == "mail")).one()
        stored = str(row.data)
    token = link(deliver(house)[-1][2], house).rpartition("/")[2]
    assert token not in stored and "sealed" in stored


def test_a_letter_is_private_to_the_server(client: FlaskClient, house: House) -> None:
    register(client)
    deliver(house)
    folder: Path = house.settings.var / "outbox"
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.eml"))


def test_the_password_rule_is_told_in_words(client: FlaskClient) -> None:
    for password, told in (
        ("短", "至少10个字符，现在是1个"),
        ("1234567890", "太容易猜到"),
        ("new.person", "太容易猜到"),
        ("x" * 200, "最多128个字符"),
    ):
        answer = register(client, password=password)
        assert answer.status_code == 422 and told in answer.text
        assert "叶新人" in answer.text and password not in answer.text, "what was typed stays, but not the password"
