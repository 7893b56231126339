"""Pages in both languages. The content here is written in ASCII, so that any Chinese on an English page is the interface's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jieti.persistence.database import Database
from jieti.persistence.models import User
from tests.web import post_form
from tests.world import World

HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
SHOWN = ("title", "aria-label", "placeholder", "alt", "value", "data-label")
INPUT_MARKS = re.compile(r"“、”|120万")
"""Chinese that a reader of English is told to type, or may."""


class _Texts(HTMLParser):
    """What a reader sees or hears; the switch to the other language, marked with its own lang, left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in {"input", "img", "br", "meta", "link", "hr", "use", "rect", "path", "col"}:
            other = tag in {"script", "style"} or (tag != "html" and "lang" in values)
            self._open.append(other)
            self._silent += other
        if not self._silent:
            self.texts += [text for name, text in attrs if text and (name in SHOWN or name.startswith("data-"))]

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag not in {"input", "img", "br", "meta", "link", "hr", "use", "rect", "path", "col"}:
            self._silent -= self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def texts(page: str) -> list[str]:
    parser = _Texts()
    parser.feed(page)
    return parser.texts


@pytest.fixture
def people(world: World, database: Database) -> dict[str, User]:
    """One of each role in Deqing, with a challenge, a result, an expert, a match, a draft and a text to review; all in ASCII."""
    firm = world.user("enterprise", world.organisation(name="Sample Plastics"), name="Wang")
    solver = world.user("researcher", world.organisation("university", name="Sample University"), name="Li")
    office = world.user("transfer_office", world.organisation("university", name="Other University"), name="Qian")
    officer = world.user("officer", world.organisation("tech_bureau", name="Bureau"), name="Zhao")
    broker = world.user("broker", world.organisation("broker_agency", name="Agency"), name="Sun")
    indicators = [
        {"name": "impact", "operator": ">=", "value": "12", "value_to": "", "unit": "kJ/m²", "condition": "-30 C"}
    ]
    words: dict[str, Any] = {
        "title": "Tough nylon",
        "keywords": ["nylon"],
        "indicators": indicators,
        "contact_name": "Wang",
    }
    needed = {"main_problem": "Brittle when cold.", "tech_requirements": "Keep the flow.", "expected_goal": "A recipe."}
    challenge = world.challenge(firm, **words, **needed)
    world.challenge(firm, status="submitted", **{**words, "title": "Clear film"}, **needed)
    result = world.result(solver, **{**words, "title": "Nylon process"}, summary="Makes it tough.", body="With shells.")
    world.expert(solver, title="Professor", directions="Polymers", keywords=["nylon"])
    asked = {"name": "impact", "operator": ">=", "value": 12.0, "value_to": None, "unit": "kJ/m²", "condition": ""}
    told = {
        "sentence": "双方都涉及尼龙。",
        "evidence": [{"need_quote": "Brittle nylon.", "offer_quote": "Tough nylon.", "terms": ["nylon"]}],
        "verdicts": [
            {"asked": asked, "stated": {**asked, "value": 15.0}, "verdict": "met", "shortfall": None},
            {"asked": {**asked, "name": "flow"}, "stated": asked, "verdict": "short", "shortfall": 3.84},
            {"asked": {**asked, "name": "life"}, "stated": None, "verdict": "not_stated", "shortfall": None},
        ],
        "missing": ["life"],
        "contributions": [{"name": "semantic", "value": 0.5}, {"name": "policy.accelerated", "value": 0.1}],
    }
    world.match(challenge, result, explanation=told)
    return {"firm": firm, "solver": solver, "office": office, "officer": officer, "broker": broker}


def pages_of(client: FlaskClient, paths: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        yield path, answer.get_data(as_text=True)


OPEN = (
    "/", "/sign-in", "/registrations/new", "/password-resets/new", "/challenges", "/challenges?q=nylon&field=aerospace",
    "/results", "/experts", "/search?q=nylon", "/help", "/help/enterprise", "/help/researcher", "/help/county",
    "/help/figures", "/help/matching", "/accessibility",
)  # fmt: skip
OWN = {
    "firm": ("/today", "/challenges?scope=mine", "/challenges/new", "/notifications", "/account", "/account/display", "/account/security", "/account/organisation"),
    "solver": ("/today", "/results?scope=mine", "/results/new", "/proposals?scope=mine"),
    "office": ("/today", "/reviews"),
    "officer": ("/today", "/reviews", "/organisations?scope=county", "/figures", "/deals", "/proposals?scope=county"),
    "broker": ("/today", "/matches", "/deals", "/deals/board"),
}  # fmt: skip


@pytest.mark.parametrize("who", ["", *OWN])
def test_english_pages_are_english(
    who: str, app: Flask, people: dict[str, User], client_of: Callable[[User], FlaskClient]
) -> None:
    client = client_of(people[who]) if who else app.test_client()
    client.set_cookie("locale", "en")
    for path, page in pages_of(client, OWN[who] if who else OPEN):
        assert '<html lang="en"' in page, path
        left = [text for text in texts(page) if HAN.search(INPUT_MARKS.sub("", text))]
        assert not left, path


def test_a_page_that_is_not_there(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("locale", "en")
    answer = client.get("/challenges/zzzzzzzzzz")
    assert answer.status_code == 404 and "This page does not exist, or you may not see it" in answer.text
    assert not [text for text in texts(answer.text) if HAN.search(text)]


def test_the_same_pages_are_chinese_unless_asked(app: Flask, people: dict[str, User]) -> None:
    client = app.test_client()
    for path, page in pages_of(client, OPEN):
        assert '<html lang="zh' in page, path
        assert "Sign in" not in page and "登录" in page, path


ENGLISH_SENTENCE = re.compile(r"^[A-Z][a-z']+(?: [a-z']+){2,}\.?$")


@pytest.mark.parametrize("path", ["/registrations/new", "/sign-in", "/password-resets/new"])
def test_libraries_speak_chinese_too(path: str, app: Flask) -> None:
    """An empty form brings out the libraries' own messages."""
    answer = post_form(app.test_client(), path, {"email": "", "password": ""})
    assert not [text for text in texts(answer.get_data(as_text=True)) if ENGLISH_SENTENCE.match(text)]


@pytest.mark.parametrize("path", ["/registrations/new", "/sign-in", "/password-resets/new"])
def test_errors_in_english(path: str, app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("locale", "en")
    page = post_form(client, path, {"email": "", "password": ""}).get_data(as_text=True)
    assert not [text for text in texts(page) if HAN.search(text)]


def test_a_match_in_one_english_sentence(
    people: dict[str, User], client_of: Callable[[User], FlaskClient], database: Database
) -> None:
    client = client_of(people["broker"])
    client.set_cookie("locale", "en")
    page = client.get("/matches").get_data(as_text=True)
    assert "Both mention: nylon. Met: impact. Short: flow (3.84 kJ/m²). Not stated: life." in page
    client.set_cookie("locale", "zh")
    assert "双方都涉及尼龙。" in client.get("/matches").get_data(as_text=True)
