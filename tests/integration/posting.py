"""Helpers of the posting tests: fill steps as a browser without script does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web import forms

DEADLINE = (dt.date.today() + dt.timedelta(days=90)).isoformat()
CANARY = "CANARY-7788"
PROBLEM = {
    "title": "汽车连接器用PA66低温增韧",
    "main_problem": "现配方在-40℃插拔时卡扣开裂。",
    "tech_requirements": "",
    "expected_goal": "形成可量产的配方。",
    "field": "new_materials",
    "industry": "C",
    "keywords": "PA66、增韧，低温",
    "activity_type": "",
}
INDICATORS = {
    "indicators-0-name": "缺口冲击强度",
    "indicators-0-operator": ">=",
    "indicators-0-value": "１２",
    "indicators-0-value_to": "",
    "indicators-0-unit": "kJ/m²",
    "indicators-0-condition": "-40℃",
}
TERMS = {"modes": ["commissioned_development"], "budget": "１２０", "deadline": DEADLINE}
SEALED = {"sealed_text": f"{CANARY} 现配方POE-g-MAH 8%"}
CONTACT = {"contact_name": "程予安", "contact_phone": "0572-00000002"}
CHALLENGE_STEPS: dict[str, dict[str, Any]] = {
    "problem": PROBLEM,
    "indicators": INDICATORS,
    "terms": TERMS,
    "sealed": SEALED,
    "contact": CONTACT,
}
RESULT_STEPS: dict[str, dict[str, Any]] = {
    "basics": {"title": "核壳增韧尼龙", "summary": "低温韧性好", "body": "已试产6批。", "field": "new_materials"},
    "indicators": {**INDICATORS, "indicators-0-value": "14.5"},
    "maturity": {"trl": "6", "modes": ["licence"], "price_negotiable": "y", "region_code": "330521"},
    "ip": {"ip_rows-0-kind": "invention", "ip_rows-0-number": "ZL2023 1 0000001.X", "ip_rows-0-status": "granted"},
    "contact": CONTACT,
}


def hidden(client: FlaskClient, page: str) -> dict[str, str]:
    """The hidden fields of the page's own form (the one that posts to the page itself)."""
    opened = client.get(page)
    assert opened.status_code == 200, f"{page}: {opened.status_code}"
    own = [f for f in forms(opened) if f["method"] == "post" and f["action"] in ("", page.split("?")[0])]
    assert own, f"{page}: no form of its own"
    return dict(own[0]["hidden"])


def send(client: FlaskClient, page: str, values: Mapping[str, Any], **options: Any) -> TestResponse:
    return client.post(page.split("?")[0], data={**hidden(client, page), **values}, **options)


def new(client: FlaskClient, kind: str = "challenge") -> str:
    """The base address of a fresh draft."""
    response = send(client, f"/{kind}s/new", {})
    assert response.status_code == 303
    found = re.fullmatch(rf"(/{kind}s/\w+)/edit/\w+", response.location)
    assert found, response.location
    return found[1]


def fill(client: FlaskClient, base: str, steps: Mapping[str, Mapping[str, Any]]) -> None:
    for step, values in steps.items():
        response = send(client, f"{base}/edit/{step}", values)
        assert response.status_code == 303, f"{step}: {response.status_code}"


def submitted(client: FlaskClient, kind: str = "challenge", **steps: Mapping[str, Any]) -> str:
    base = new(client, kind)
    fill(client, base, {**(CHALLENGE_STEPS if kind == "challenge" else RESULT_STEPS), **steps})
    assert send(client, f"{base}/edit/check", {}).status_code == 303
    return base


def review_page(base: str) -> str:
    _blank, kinds, ref = base.split("/")
    return f"/reviews/{kinds.removesuffix('s')}/{ref}"


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def token(client: FlaskClient, page: str) -> dict[str, str]:
    """The CSRF token of any form of the page."""
    return next(
        {"csrf_token": f["hidden"]["csrf_token"]} for f in forms(client.get(page)) if "csrf_token" in f["hidden"]
    )
