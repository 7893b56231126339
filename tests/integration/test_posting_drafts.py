"""Drafts: as typed, autosaved, two people at once, clicked twice, far too long, and never anybody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jieti.persistence.models import Challenge, Event, ListingVersion, Notification, User
from tests.integration.posting import (
    CHALLENGE_STEPS,
    CONTACT,
    INDICATORS,
    PROBLEM,
    TERMS,
    fill,
    hidden,
    new,
    send,
    submitted,
    text_of,
    token,
)
from tests.world import World

ClientOf = Callable[[User], FlaskClient]
AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}


def autosave(client: FlaskClient, page: str, values: dict[str, Any], version: str | None = None) -> Any:
    fields = hidden(client, page)
    if version is not None:
        fields["version"] = version
    return client.post(f"{page}/autosave", data={**fields, **values}, headers=AUTOSAVE)


def the_challenge(world: World) -> Challenge:
    with world.database.session(read=True) as session:
        return session.scalars(select(Challenge)).one()


def test_a_step_is_kept_as_typed_however_wrong(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    typed = {"modes": ["licence"], "budget": "八十万左右", "deadline": "年底前", "ip_terms": "  两边都有\r\n份 "}
    answer = send(client, f"{base}/edit/terms", typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "错误：" in page.split("</title>")[0] and "有2处需要修改" in page
    assert 'value="八十万左右"' in page and 'value="年底前"' in page
    kept = the_challenge(world).draft["terms"]
    assert (kept["budget"], kept["deadline"], kept["ip_terms"]) == ("八十万左右", "年底前", "  两边都有\r\n份 ")
    again = text_of(client.get(f"{base}/edit/terms"))
    assert 'value="八十万左右"' in again and "两边都有" in again


def test_save_draft_asks_nothing(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    answer = send(client, f"{base}/edit/terms", {"budget": "八十万左右", "save_draft": "1"})
    assert (answer.status_code, answer.location) == (303, f"{base}/edit/terms")
    assert "已保存草稿" in text_of(client.get(f"{base}/edit/terms"))


def test_every_problem_is_listed_with_a_link_before_submitting(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, {"problem": {**PROBLEM, "title": ""}, "terms": TERMS | {"modes": []}})
    answer = send(client, f"{base}/edit/check", {})
    page = text_of(answer)
    assert answer.status_code == 422
    for link in (f"{base}/edit/problem#title", f"{base}/edit/terms#modes-0", f"{base}/edit/contact#contact_phone"):
        assert f'href="{link}"' in page
    assert the_challenge(world).status == "draft"


def test_rows_come_and_go_without_script(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/indicators"
    more = text_of(send(client, page, {**INDICATORS, "add_indicator": "1"}))
    assert 'name="indicators-1-name"' in more and 'value="１２"' in more
    second = {name.replace("-0-", "-1-"): value for name, value in INDICATORS.items()} | {
        "indicators-1-name": "拉伸强度"
    }
    less = text_of(send(client, page, {**INDICATORS, **second, "remove_indicator": "0"}))
    assert 'value="拉伸强度"' in less and 'value="缺口冲击强度"' not in less
    assert [r["name"] for r in the_challenge(world).draft["indicators"]["indicators"]] == ["拉伸强度"]


def test_prose_becomes_rows(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/indicators"
    prose = "要求拉伸强度不低于65MPa，耐温-40℃~120℃。"
    more = text_of(send(client, page, {**INDICATORS, "paste": prose, "split_text": "1"}))
    assert "拆出2条" in more and 'value="拉伸强度"' in more and 'value="缺口冲击强度"' in more
    rows = the_challenge(world).draft["indicators"]["indicators"]
    assert [(r["operator"], r["value"], r["value_to"], r["unit"]) for r in rows[1:]] == [
        (">=", "65", "", "MPa"),
        ("range", "-40", "120", "℃"),
    ]
    none = text_of(send(client, page, {**INDICATORS, "paste": "没有数字的一段话", "split_text": "1"}))
    assert "没有找到带单位的数字" in none and "没有数字的一段话</textarea>" in none


def test_advice_does_not_block(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, {"indicators": {**INDICATORS, "indicators-0-condition": ""}})
    assert "没有测试条件，补上后匹配更准" in text_of(client.get(f"{base}/edit/indicators"))
    fill(
        client,
        base,
        {
            "problem": {
                **PROBLEM,
                "title": "总是出问题",
                "main_problem": "我们这里的东西总是出问题，希望有人能来看看到底怎么回事情。",
                "expected_goal": "",
                "keywords": "",
            }
        },
    )
    panel = text_of(client.get(f"{base}/edit/problem")).partition("可以写得更清楚")[2]
    assert "可以补一句" in panel and "只是建议，不影响提交" in panel


def test_autosave_keeps_and_answers_with_the_new_version(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/problem"
    first = autosave(client, page, {**PROBLEM, "title": "半"})
    assert first.status_code == 200 and first.json["version"] == 1 and len(first.json["saved_at"]) == 5
    same = autosave(client, page, {**PROBLEM, "title": "半"}, version="0")
    assert (same.status_code, same.json["version"]) == (200, 1)
    later = autosave(client, page, {**PROBLEM, "title": "半句"}, version="1")
    assert later.json["version"] == 2
    assert the_challenge(world).draft["problem"]["title"] == "半句"


def test_two_at_once_choose_field_by_field(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise")
    one, other = (
        client_of(world.user("enterprise", firm, name="甲")),
        client_of(world.user("enterprise", firm, name="乙")),
    )
    base = new(one)
    page = f"{base}/edit/problem"
    stale = hidden(one, page)
    fill(other, base, {"problem": {**PROBLEM, "title": "乙的名称", "main_problem": "乙的问题"}})
    answer = one.post(page, data={**stale, **PROBLEM, "title": "甲的名称", "main_problem": "甲的问题"})
    told = text_of(answer)
    assert answer.status_code == 409
    assert all(words in told for words in ("甲的名称", "乙的名称", "甲的问题", "乙的问题", "（乙）"))
    assert PROBLEM["expected_goal"] not in told, "only what differs is asked"
    assert the_challenge(world).draft["problem"]["title"] == "乙的名称", "nobody is overwritten"

    chosen = send(one, f"{page}/conflict", {"choice.title": "mine", "choice.main_problem": "theirs"})
    assert chosen.status_code == 303
    kept = the_challenge(world).draft["problem"]
    assert (kept["title"], kept["main_problem"]) == ("甲的名称", "乙的问题")
    assert one.get(f"{page}/conflict").status_code == 302, "nothing waits any more"


def test_autosave_against_a_colleague_leads_to_the_choice(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise")
    one, other = client_of(world.user("enterprise", firm)), client_of(world.user("enterprise", firm))
    base = new(one)
    page = f"{base}/edit/problem"
    stale = hidden(one, page)["version"]
    fill(other, base, {"problem": PROBLEM})
    answer = autosave(one, page, {**PROBLEM, "title": "我正在写的"}, version=stale)
    assert answer.status_code == 409 and answer.json["url"] == f"{page}/conflict"
    assert "我正在写的" in text_of(one.get(answer.json["url"]))


def test_different_steps_do_not_conflict(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise")
    one, other = client_of(world.user("enterprise", firm)), client_of(world.user("enterprise", firm))
    base = new(one)
    stale = hidden(one, f"{base}/edit/contact")
    fill(other, base, {"problem": PROBLEM})
    assert one.post(f"{base}/edit/contact", data={**stale, **CONTACT}).status_code == 303


def test_clicked_twice_submits_once(world: World, client_of: ClientOf) -> None:
    officer = world.officer()
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, CHALLENGE_STEPS)
    fields = hidden(client, f"{base}/edit/check")
    first, second = (client.post(f"{base}/edit/check", data=fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303) and first.location == second.location
    with world.database.session(read=True) as session:
        assert session.scalar(select(func.count()).where(Event.name == "challenge.submit")) == 1
        assert session.scalar(select(func.count()).select_from(ListingVersion)) == 1
        assert session.scalar(select(func.count()).where(Notification.user_id == officer.id)) == 1


def test_new_clicked_twice_makes_one_draft(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    fields = hidden(client, "/challenges/new")
    places = {client.post("/challenges/new", data=fields).location for _ in range(2)}
    assert len(places) == 1


def test_ten_megabytes_of_pasted_text(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    fill(client, base, {"problem": PROBLEM})
    page = f"{base}/edit/problem"
    refused = client.post(page, data={**hidden(client, page), **PROBLEM, "main_problem": "字" * 3_500_000})
    assert refused.status_code == 413 and "太大" in text_of(refused)
    assert the_challenge(world).draft["problem"]["main_problem"] == PROBLEM["main_problem"], "what was saved is safe"

    long = send(client, page, {**PROBLEM, "main_problem": "字" * 1_100_000})
    assert long.status_code == 422 and "这份草稿太长" in text_of(long) and "字" * 1000 in text_of(long)

    counted = send(client, page, {**PROBLEM, "main_problem": "字" * 512})
    assert counted.status_code == 422 and "最多500字，已超12字" in text_of(counted)
    assert len(the_challenge(world).draft["problem"]["main_problem"]) == 512, "kept, not cut"


def test_emoji_full_width_and_script_tags(world: World, client_of: ClientOf) -> None:
    nasty = '<script>alert("x")</script>😀\0'
    client = client_of(world.enterprise())
    base = submitted(
        client,
        problem={**PROBLEM, "title": nasty, "main_problem": nasty, "keywords": "<i>x</i>"},
        terms=TERMS | {"budget": "１，２００"},
    )
    for page in (base, f"{base}?view=print", "/challenges?scope=mine"):
        shown = text_of(client.get(page))
        assert "<script>alert" not in shown and "&lt;script&gt;alert" in shown
    row = the_challenge(world)
    assert row.title == '<script>alert("x")</script>😀' and row.budget == 1200
    review = text_of(client_of(world.officer()).get(f"/reviews/challenge/{row.ref}"))
    assert "<script>alert" not in review


@pytest.mark.parametrize(
    "page", ["", "/edit/problem", "/edit/check", "/versions/2", "/move?verb=withdraw", "/edit/problem/conflict"]
)
def test_anothers_draft_is_not_there(world: World, client_of: ClientOf, page: str) -> None:
    base = new(client_of(world.enterprise()))
    for stranger in (world.enterprise(), world.officer(), world.researcher(), world.broker()):
        assert client_of(stranger).get(f"{base}{page}").status_code == 404


def test_anothers_draft_cannot_be_written(world: World, client_of: ClientOf) -> None:
    base = new(client_of(world.enterprise()))
    stranger = client_of(world.enterprise())
    fields = hidden(stranger, "/challenges/new")
    for page in (
        "edit/problem",
        "edit/problem/autosave",
        "edit/check",
        "files",
        "discard",
        "move",
        "edit/problem/conflict",
    ):
        answer = stranger.post(f"{base}/{page}", data={**fields, **PROBLEM, "verb": "withdraw"})
        assert answer.status_code == 404, page
    assert the_challenge(world).draft == {}


def test_a_pending_member_posts_nothing(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise")
    world.user("enterprise", firm)
    pending = client_of(world.user("enterprise", firm, membership="pending"))
    assert pending.get("/challenges/new").status_code == 404


def test_a_step_that_is_none(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    assert client.get(f"{base}/edit/alchemy").status_code == 404
    assert client.get("/challenges/nosuchref/edit/problem").status_code == 404


def test_after_submitting_the_content_stands_until_recalled(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = submitted(client)
    assert client.get(f"{base}/edit/problem").status_code == 409
    assert client.post(f"{base}/move", data={**token(client, base), "verb": "recall"}).status_code == 303
    assert client.get(f"{base}/edit/problem").status_code == 200
    assert PROBLEM["title"] in text_of(client.get(f"{base}/edit/problem"))
