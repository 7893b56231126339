"""The experts' pages: public, one's own, saved once, never overwritten unawares."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.jobs.handlers import INDEX, drain
from jieti.persistence.models import Expert, User
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from search.ports import Kind
from tests.web import post_form
from tests.world import World

SignIn = Callable[[User], FlaskClient]


def stored(house: House) -> list[Expert]:
    with UnitOfWork(house.database, read=True) as uow:
        return list(uow.session.scalars(select(Expert).order_by(Expert.id)))


def test_a_researcher_makes_their_page_and_is_found_by_it(client_of: SignIn, house: House, world: World) -> None:
    researcher = world.researcher()
    client = client_of(researcher)
    values = {
        "name": "沈示例",
        "title": "教授",
        "directions": "连接器用尼龙的低温增韧",
        "provides": "失效分析",
        "keywords": "尼龙66、增韧，核壳",
        "projects": "低温插拔件\n\n薄壁卡扣",
        "listed": "y",
    }
    answer = post_form(client, "/experts/new", values, action="/experts/new")
    assert answer.status_code == 303
    (expert,) = stored(house)
    assert expert.user_id == researcher.id and expert.listed and expert.version == 1
    assert expert.keywords == ["尼龙66", "增韧", "核壳"] and expert.projects == ["低温插拔件", "薄壁卡扣"]
    while drain(house, Outbox(house.database), INDEX):
        pass
    assert house.search.count(Kind.EXPERT) == 1
    page = client.get(answer.location).get_data(as_text=True)
    assert "沈示例" in page and "失效分析" in page and "编辑专家页" in page
    assert client.get("/experts/new").status_code == 302, "there is one page a person"


def test_what_is_wrong_is_said_and_what_was_typed_stays(client_of: SignIn, house: House, world: World) -> None:
    client = client_of(world.researcher())
    answer = post_form(
        client,
        "/experts/new",
        {"name": "", "bio": "字" * 5_010, "directions": "<b>方向</b>", "listed": "y"},
        action="/experts/new",
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请填写这一项。" in page and "最多5000字，已超10字。" in page
    assert "&lt;b&gt;方向&lt;/b&gt;" in page and "字" * 5_010 in page
    assert stored(house) == []


def test_a_stale_form_does_not_overwrite(client_of: SignIn, house: House, world: World) -> None:
    researcher = world.researcher()
    expert = world.expert(researcher)
    client = client_of(researcher)
    url = f"/experts/{expert.ref}/edit"
    values = {"name": "沈示例", "directions": "后写的"}
    assert post_form(client, url, values, action="/edit").status_code == 303
    stale = post_form(
        client, url, values | {"version": str(expert.version), "directions": "我这边写的"}, action="/edit"
    )
    page = stale.get_data(as_text=True)
    assert stale.status_code == 409 and "我这边写的" in page and "后写的" in page
    (row,) = stored(house)
    assert row.directions == "后写的"


def test_nobody_edits_anothers_page(client: FlaskClient, client_of: SignIn, world: World) -> None:
    expert = world.expert(world.researcher())
    hidden = world.expert(world.researcher(), listed=False)
    assert client.get(f"/experts/{expert.ref}").status_code == 200
    assert client.get(f"/experts/{hidden.ref}").status_code == 404
    assert client.get(f"/experts/{expert.ref}/edit").status_code == 302
    for person in (world.researcher(), world.enterprise(), world.officer()):
        assert client_of(person).get(f"/experts/{expert.ref}/edit").status_code == 404
    colleague = world.user("researcher", world.organisation("university"))
    assert client_of(colleague).get(f"/experts/{hidden.ref}").status_code == 404
    assert client.get("/experts/zzzzzzzzzz").status_code == 404
