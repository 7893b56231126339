"""The preview of matches and the near-duplicates beside the posting form: what is shown, to whom, and that nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jieti.bootstrap import House
from jieti.jobs.worker import Worker
from jieti.persistence.models import Challenge, Event, Match, OutboxRow, User
from search.ports import EngineUnavailable
from tests.integration.posting import (
    CANARY,
    CHALLENGE_STEPS,
    PROBLEM,
    fill,
    hidden,
    new,
    review_page,
    submitted,
    text_of,
)
from tests.web import counted_queries
from tests.world import World

ClientOf = Callable[[User], FlaskClient]
TITLE = "高流动性增韧尼龙66制备技术"


def preview(client: FlaskClient, page: str, values: dict[str, Any]) -> str:
    answer = client.post(f"{page}/preview", data={**hidden(client, page), **values})
    assert answer.status_code == 200
    return text_of(answer).partition('class="preview"')[2]


def test_the_panel_follows_what_is_typed_and_writes_nothing(world: World, house: House, client_of: ClientOf) -> None:
    world.result(world.researcher(), title=TITLE, body="低温缺口冲击强度14.5kJ/m²，PA66卡扣不开裂。")
    world.result(world.researcher(), status="draft", title="草稿里的尼龙66增韧技术")
    world.result(world.researcher(), status="submitted", title="待确认的尼龙66增韧技术")
    Worker(house).run_until_empty()
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/problem"
    assert "写下需求名称和主要问题" in preview(client, page, {})
    with house.database.session(read=True) as session:
        before = [session.scalar(select(func.count()).select_from(t)) for t in (Event, OutboxRow, Match)]
        draft = session.scalars(select(Challenge)).one().draft
    with counted_queries(house.database) as statements:
        found = preview(client, page, PROBLEM)
    assert TITLE in found and "草稿里的" not in found and "待确认的" not in found
    assert "能匹配到" in found or "只有较弱的匹配" in found
    assert not [s for s in statements if s.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    with house.database.session(read=True) as session:
        assert before == [session.scalar(select(func.count()).select_from(t)) for t in (Event, OutboxRow, Match)]
        assert session.scalars(select(Challenge)).one().draft == draft
    fill(client, page.removesuffix("/edit/problem"), {"problem": PROBLEM})
    assert TITLE in text_of(client.get(page)), "without script the page itself shows it, once saved"
    other = text_of(client.post(page, data={**hidden(client, page), **PROBLEM, "keywords": "、".join("甲乙丙丁戊己")}))
    assert TITLE in other and "有1处需要修改" in other, "a form that comes back with its faults, too"


def test_the_engine_may_be_away(
    world: World, house: House, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(world.enterprise())
    base = new(client)

    def away(*_args: Any, **_named: Any) -> Any:
        raise EngineUnavailable("connection refused")

    monkeypatch.setattr(type(house.search), "candidates", away)
    assert "检索暂时不可用" in preview(client, f"{base}/edit/problem", PROBLEM)
    fill(client, base, CHALLENGE_STEPS)
    assert client.get(f"{base}/edit/check").status_code == 200


def test_only_its_owner_asks_for_a_preview(world: World, client_of: ClientOf) -> None:
    base = new(client_of(world.enterprise()))
    stranger = client_of(world.enterprise())
    own = f"{new(stranger)}/edit/problem"
    assert stranger.post(f"{base}/edit/problem/preview", data=hidden(stranger, own)).status_code == 404
    assert stranger.post(f"{own.replace('problem', 'check')}/preview", data=hidden(stranger, own)).status_code == 404
    assert stranger.post(f"{own}/preview", data=PROBLEM).status_code == 400, "the token is missing"


def test_a_listing_said_before_is_shown_and_does_not_block(world: World, house: House, client_of: ClientOf) -> None:
    steps = {
        **CHALLENGE_STEPS,
        "problem": {**PROBLEM, "main_problem": PROBLEM["main_problem"] + "试过两种增韧剂，强度都降得太多。"},
    }
    known = {
        "title": PROBLEM["title"],
        "main_problem": steps["problem"]["main_problem"],
        "tech_requirements": "",
        "expected_goal": PROBLEM["expected_goal"],
        "indicators": [],
    }
    published = world.challenge(world.enterprise(), **known)
    hidden_one = world.challenge(world.enterprise(), status="submitted", **known)
    Worker(house).run_until_empty()
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, steps)
    page = text_of(client.get(f"{base}/edit/check"))
    told = page.partition("与这份已有需求很相似")[2].partition("</section>")[0]
    assert published.ref in told and hidden_one.ref not in page
    assert CANARY not in told
    base = submitted(client, problem=steps["problem"])
    assert text_of(client.get(base)), "it goes into review all the same"
    officer = text_of(client_of(world.officer()).get(review_page(base)))
    assert published.ref in officer and hidden_one.ref in officer, "the county sees what waits there, too"


def test_other_figures_are_alike_not_the_same(world: World, client_of: ClientOf) -> None:
    body = "现配方在-40℃插拔时卡扣开裂，缺口冲击强度只有{0}kJ/m²，要求提高到{1}kJ/m²，试过两种增韧剂，强度都降得太多。"
    world.challenge(
        world.enterprise(), title=PROBLEM["title"], main_problem=body.format(6, 12), tech_requirements="", indicators=[]
    )
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, {"problem": {**PROBLEM, "main_problem": body.format(7, 15)}})
    page = text_of(client.get(f"{base}/edit/check"))
    assert "内容相似" in page and "内容重复" not in page, "found by its keys, though nothing is indexed yet"
