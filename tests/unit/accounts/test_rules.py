"""Pure rules of accounts: passwords, counts, reply times, letters' seals."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from jieti.domain.errors import Invalid
from jieti.domain.uscc import ALPHABET, check_character
from jieti.services.accounts import hash_password
from jieti.services.invitation_links import InvitationLinks
from jieti.services.mail import Sealer
from jieti.services.mail_letters import Letter
from jieti.services.mail_transport import FolderTransport, message_of, open_transport
from jieti.services.organisations_input import OrganisationInput, checked, one_line
from jieti.services.organisations_page import reply_time
from jieti.web.accounts.limit_storage import SqliteLimitStorage
from jieti.web.accounts.passwords import easily_guessed
from jieti.web.accounts.throttle import storage_uri


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaa",
        "ababababab",
        "0123456789",
        "qwertyuiop",
        "password123",
        "woaini1314",
        "li.si@example.com",
        "li.si2026",
    ],
)
def test_first_guesses_are_refused(password: str) -> None:
    assert easily_guessed(password, "li.si@example.com")


@pytest.mark.parametrize("password", ["correct horse battery", "竹林深处有人家2026", "9f3k-22lq-8mzx"])
def test_long_own_passwords_pass(password: str) -> None:
    assert not easily_guessed(password, "li.si@example.com")


def test_hashes_are_argon2id_and_salted() -> None:
    one, other = hash_password("同一个密码同一个密码"), hash_password("同一个密码同一个密码")
    assert one.startswith("$argon2id$") and one != other


def test_counts_are_shared_and_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = storage_uri(tmp_path / "有空格 的目录")
    one, other = SqliteLimitStorage(uri), SqliteLimitStorage(uri)
    assert [one.incr("k", 60), other.incr("k", 60), one.incr("other", 60)] == [1, 2, 1]
    assert other.get("k") == 2 and other.check()
    now = one.get_expiry("k")
    monkeypatch.setattr("jieti.web.accounts.limit_storage.time.time", lambda: now + 1)
    assert one.get("k") == 0 and other.incr("k", 60) == 1
    one.clear("k")
    assert other.get("k") == 0 and one.reset() == 0


def test_counts_lose_none_under_threads(tmp_path: Path) -> None:
    storage = SqliteLimitStorage(storage_uri(tmp_path))

    def count() -> None:
        for _n in range(25):
            storage.incr("k", 600)

    threads = [threading.Thread(target=count) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.get("k") == 100


def _at(hours: float) -> dt.datetime:
    return dt.datetime(2026, 5, 1) + dt.timedelta(hours=hours)


def test_reply_time_is_the_median_of_first_answers() -> None:
    ask = frozenset({"proposal.submit"})
    assert reply_time([], ask).median is None
    events = [
        (1, "proposal.submit", _at(0), False),
        (2, "proposal.submit", _at(0), False),
        (3, "proposal.submit", _at(1), False),
        (1, "proposal.shortlist", _at(10), True),
        (1, "proposal.accept", _at(90), True),
        (2, "proposal.submit", _at(20), False),
        (2, "proposal.decline", _at(50), True),
        (9, "proposal.decline", _at(51), True),
    ]
    reply = reply_time(events, ask)
    assert reply.answers == 2 and reply.median == dt.timedelta(hours=20)


def test_seals_open_with_their_own_key_only() -> None:
    sealed = Sealer("a" * 32).seal({"reset_token": "秘密"})
    assert "秘密" not in sealed and Sealer("a" * 32).unseal(sealed) == {"reset_token": "秘密"}
    with pytest.raises(InvalidToken):
        Sealer("b" * 32).unseal(sealed)
    with pytest.raises(InvalidToken):
        Sealer("a" * 32, "other purpose").unseal(sealed)


def test_invitation_tokens_are_signed() -> None:
    links = InvitationLinks("a" * 32)
    assert links.ref(links.token("abc")) == "abc"
    assert links.ref("abc") is None and InvitationLinks("b" * 32).ref(links.token("abc")) is None


def test_a_letter_cannot_smuggle_headers(tmp_path: Path) -> None:
    letter = Letter(key="7", recipient="a@example.com", subject="坏\r\nBcc: evil@example.com", body="正文\n")
    with pytest.raises(ValueError, match="linefeed"):
        message_of(letter, "jieti@example.com")


def test_a_letter_sent_twice_is_one_file(tmp_path: Path) -> None:
    transport = open_transport(f"file:{tmp_path / 'out'}")
    assert isinstance(transport, FolderTransport)
    letter = Letter(key="7", recipient="a@example.com", subject="标题", body="正文\n")
    for _time in range(2):
        transport.send(letter, "解题 <jieti@example.com>")
    files = list((tmp_path / "out").iterdir())
    assert [f.name for f in files] == ["7.eml"] and "Message-ID: <jieti-7@example.com>" in files[0].read_text()


def _input(uscc: str) -> OrganisationInput:
    return OrganisationInput(name="公司", uscc=uscc, region_code="330521", phone="0572-8000000", contact_name="人")


@given(st.text(alphabet=ALPHABET, min_size=17, max_size=17), st.sampled_from(ALPHABET))
def test_no_check_digit_blocks(body: str, last: str) -> None:
    assert checked(_input(body + last)).uscc == body + last
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in body + check_character(body))
    assert checked(_input(f" {full_width.lower()} ")).uscc == body + check_character(body)


@given(st.text(max_size=40))
def test_any_text_is_cleaned_or_refused(text: str) -> None:
    try:
        clean = checked(_input(text))
    except Invalid as invalid:
        assert {p.field for p in invalid.problems} == {"uscc"}
    else:
        assert len(clean.uscc) == 18
    assert "\n" not in one_line(text) and "\x00" not in one_line(text)
