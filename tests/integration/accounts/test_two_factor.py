"""The optional second step: an authenticator app, with recovery codes; guesses are limited."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user
from tests.integration.accounts.test_registration import PASSWORD, sign_in
from tests.web import post_form


def code_now(secret: str) -> str:
    """RFC 6238: what the telephone shows (SHA-1, 30 s, 6 digits)."""
    import base64
    import hmac
    import struct
    import time

    plain = secret.replace("-", "").replace(" ", "").upper()
    key = base64.b32decode(plain + "=" * (-len(plain) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def turned_on(app: Flask, house: House) -> tuple[FlaskClient, str]:
    """A signed-in client of someone with the second step on, and the secret in their telephone."""
    with UnitOfWork(house.database) as uow:
        create_user(uow, email="careful@example.com", password=PASSWORD, name="谨慎")
    client = app.test_client()
    sign_in(client, "careful@example.com", PASSWORD)
    shown = post_form(client, "/account/two-factor", {"setup": "authenticator"}, action="/account/two-factor")
    assert shown.status_code == 200
    assert 'src="data:image/svg+xml;base64,' in shown.text, "the picture obeys the content policy: no markup, no script"
    assert "<svg" not in shown.text.split('class="qr"')[1].split(">")[0]
    secret = re.search(r"<code>([A-Z2-7-]+)</code>", shown.text)[1]
    action = re.search(r'action="(/account/two-factor/[^"]+)"', shown.text)[1]
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)[1]
    wrong = client.post(action, data={"csrf_token": token, "code": "000000"})
    assert wrong.status_code == 302 and "/account/two-factor" in wrong.location
    right = client.post(action, data={"csrf_token": token, "code": code_now(secret)})
    assert right.location.endswith("/account/security")
    return client, secret


def test_second_step_recovery_and_off(app: Flask, house: House) -> None:
    client, secret = turned_on(app, house)
    made = post_form(client, "/account/recovery-codes", {"generate_new_codes": "1"}, action="/account/recovery-codes")
    codes = re.findall(r"<li><code>([^<]+)</code></li>", made.text)
    assert len(codes) == 8

    other = app.test_client()
    first = sign_in(other, "careful@example.com", PASSWORD)
    assert first.status_code == 302 and "/sign-in/code" in first.location
    assert other.get("/account").status_code == 302, "the password alone opens nothing"
    entered = post_form(other, first.location, {"code": code_now(secret)}, action="/sign-in/code")
    assert entered.status_code == 302 and other.get("/account").status_code == 200

    lost = app.test_client()
    sign_in(lost, "careful@example.com", PASSWORD)
    recovered = post_form(lost, "/sign-in/recovery-code", {"code": codes[0]}, action="/sign-in/recovery-code")
    assert recovered.status_code == 302 and lost.get("/account").status_code == 200
    again = app.test_client()
    sign_in(again, "careful@example.com", PASSWORD)
    used = post_form(again, "/sign-in/recovery-code", {"code": codes[0]}, action="/sign-in/recovery-code")
    assert used.status_code == 422, "each is good once"

    off = post_form(client, "/account/two-factor", {"setup": "disable"}, action="/account/two-factor")
    assert off.status_code == 302
    assert sign_in(app.test_client(), "careful@example.com", PASSWORD).location.endswith("/account/start")


def test_guessing_codes_is_limited(app: Flask, house: House) -> None:
    turned_on(app, house)
    thief = app.test_client()
    sign_in(thief, "careful@example.com", PASSWORD)
    codes = [
        post_form(thief, "/sign-in/code", {"code": f"{n:06d}"}, action="/sign-in/code").status_code for n in range(6)
    ]
    assert codes == [422] * 5 + [429]


def test_unused_routes_of_the_library_are_not_there(client: FlaskClient) -> None:
    for path in ("/sign-in/rescue", "/sign-in/method"):
        assert client.get(path).status_code == 404
