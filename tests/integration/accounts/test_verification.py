"""The county verifies its organisations, the province its bureaus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jieti.bootstrap import House
from jieti.persistence.models import Event, Notification, Organisation, User
from jieti.persistence.unit_of_work import UnitOfWork
from tests.web import counted_queries, post_form
from tests.world import JINYUN, World

Signed = Callable[[User], FlaskClient]


def decide(client: FlaskClient, page: str, values: dict[str, str]) -> TestResponse:
    return post_form(client, page, values, action="/verification")


@pytest.mark.both_databases
def test_verify_and_reject_with_a_reason(client_of: Signed, world: World, house: House) -> None:
    officer = client_of(world.officer())
    good = world.organisation("enterprise", verification="pending", name="等着核验的公司")
    bad = world.organisation("enterprise", verification="pending", name="来历不明的公司")
    owner = world.user("enterprise", bad)
    listed = officer.get("/organisations?scope=county").text
    assert "等着核验的公司" in listed and "来历不明的公司" in listed
    assert decide(officer, f"/organisations/{good.ref}/verification", {"decision": "verify"}).status_code == 303
    nothing = decide(officer, f"/organisations/{bad.ref}/verification", {"decision": "reject", "reason": " "})
    assert nothing.status_code == 422 and "请写明原因" in nothing.text
    told = decide(officer, f"/organisations/{bad.ref}/verification", {"decision": "reject", "reason": "查无此照"})
    assert told.status_code == 303
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.get_one(Organisation, good.id).verification == "verified"
        assert uow.session.get_one(Organisation, bad.id).verification == "rejected"
        events = uow.session.execute(select(Event.name, Event.reason, Event.to_status).order_by(Event.id)).all()
        notices = uow.session.execute(select(Notification.kind, Notification.user_id)).all()
    assert [tuple(e) for e in events] == [
        ("organisation.verify", "", "verified"),
        ("organisation.reject", "查无此照", "rejected"),
    ]
    assert [tuple(n) for n in notices] == [("organisation.rejected", owner.id)]
    assert "查无此照" in client_of(owner).get(f"/organisations/{bad.ref}").text


def test_not_another_countys_and_not_ones_own(client_of: Signed, world: World, house: House) -> None:
    pending = world.organisation("enterprise", verification="pending")
    path = f"/organisations/{pending.ref}/verification"
    assert client_of(world.officer(JINYUN)).get(path).status_code == 404
    for other in (world.enterprise(), world.broker(), world.researcher()):
        assert client_of(other).get(path).status_code == 404
        assert client_of(other).get("/organisations?scope=county").status_code == 404
    self_made = world.organisation("tech_bureau", verification="pending")
    pretender = world.user("officer", self_made)
    assert client_of(pretender).get(f"/organisations/{self_made.ref}/verification").status_code == 404
    assert client_of(world.officer()).get(f"/organisations/{self_made.ref}/verification").status_code == 404
    province = client_of(world.user("province", world.organisation("tech_bureau")))
    assert province.get(path).status_code == 404, "firms are the county's"
    done = decide(province, f"/organisations/{self_made.ref}/verification", {"decision": "verify"})
    assert done.status_code == 303
    assert client_of(pretender).get(path).status_code == 200


def test_what_changed_meanwhile_is_read_again(client_of: Signed, world: World, house: House) -> None:
    pending = world.organisation("enterprise", verification="pending")
    officer = client_of(world.officer())
    with UnitOfWork(house.database) as uow:
        uow.session.get_one(Organisation, pending.id).name = "换了名字的公司"
    answer = decide(officer, f"/organisations/{pending.ref}/verification", {"decision": "verify", "version": "1"})
    assert answer.status_code == 409
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.get_one(Organisation, pending.id).verification == "pending"


def test_a_wrong_check_digit_and_a_namesake_are_pointed_out(client_of: Signed, world: World) -> None:
    code = world.uscc()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    world.organisation("enterprise", name="同名公司")
    pending = world.organisation("enterprise", name="同名公司", uscc=wrong, verification="pending")
    page = client_of(world.officer()).get(f"/organisations/{pending.ref}/verification").text
    assert "校验位不符" in page and "同名的单位" in page


def test_the_list_is_paged_and_bounded(client_of: Signed, world: World, house: House) -> None:
    officer = client_of(world.officer())

    def queries(path: str) -> int:
        with counted_queries(house.database) as sent:
            assert officer.get(path).status_code == 200
        return len(sent)

    world.organisation("enterprise", verification="pending")
    few = queries("/organisations?scope=county")
    for _n in range(24):
        world.organisation("enterprise", verification="pending")
    assert queries("/organisations?scope=county") == few
    second = officer.get("/organisations?scope=county&page=2").text
    assert second.count("data-item") == 5
    assert officer.get("/organisations?scope=county&page=99999999999").status_code == 200
    assert officer.get("/organisations?scope=county&verification=nonsense").status_code == 200
