"""Who reviews what, in which order, with which cautions; two reviewers at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from jieti.persistence.models import Event, Notification, Result, User, utcnow
from tests.integration.posting import PROBLEM, hidden, review_page, send, submitted, text_of, token
from tests.world import JINYUN, World

ClientOf = Callable[[User], FlaskClient]
pytestmark = pytest.mark.both_databases


def test_the_queue_is_the_countys_own_oldest_first(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    for days, title in ((1, "新的"), (9, "最早的"), (5, "中间的")):
        world.challenge(owner, status="submitted", title=title, submitted_at=utcnow() - dt.timedelta(days=days))
    world.challenge(world.enterprise(region=JINYUN), status="submitted", title="缙云的", submitted_at=utcnow())
    world.organisation("enterprise", verification="pending")
    page = text_of(client_of(world.officer()).get("/reviews"))
    assert page.index("最早的") < page.index("中间的") < page.index("新的")
    assert "缙云的" not in page and "3项等您审核" in page and "1家单位等您核验" in page
    assert "缙云的" in text_of(client_of(world.officer(JINYUN)).get("/reviews"))


@pytest.mark.parametrize("role", ["enterprise", "researcher", "broker", "province"])
def test_nobody_else_reviews(world: World, client_of: ClientOf, role: str) -> None:
    base = submitted(client_of(world.enterprise()))
    kind = {
        "enterprise": "enterprise",
        "researcher": "university",
        "broker": "broker_agency",
        "province": "tech_bureau",
    }[role]
    client = client_of(world.user(role, world.organisation(kind)))
    assert client.get("/reviews").status_code == 404
    assert client.get(review_page(base)).status_code == 404
    answer = client.post(review_page(base), data={**token(client, "/account"), "decision": "approve"})
    assert answer.status_code == 404


def test_another_countys_officer_finds_nothing(world: World, client_of: ClientOf) -> None:
    base = submitted(client_of(world.enterprise()))
    far = client_of(world.officer(JINYUN))
    assert far.get(review_page(base)).status_code == 404
    assert far.post(review_page(base), data={**token(far, "/reviews"), "decision": "approve"}).status_code == 404


def test_cautions_advise(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise", verification="pending", uscc="913305211234567890"[:17] + "A")
    owner = world.user("enterprise", firm)
    twin = world.challenge(world.enterprise(), title=PROBLEM["title"] + "改性", field="new_materials")
    base = submitted(
        client_of(owner),
        problem={**PROBLEM, "main_problem": "请致电13800000000，现配方见附件，或写信到 a@example.com。"},
    )
    officer = client_of(world.officer())
    page = text_of(officer.get(review_page(base)))
    for words in ("校验不符", "单位还没有核验", "13800000000", "a@example.com", "现配方", twin.title):
        assert words in page, words
    assert send(officer, review_page(base), {"decision": "approve"}).status_code == 303, "cautions never block"


def test_a_clean_one_has_no_cautions(world: World, client_of: ClientOf) -> None:
    base = submitted(client_of(world.enterprise()), problem={**PROBLEM, "main_problem": "低温开裂。"})
    assert "请留意" not in text_of(client_of(world.officer()).get(review_page(base)))


def test_two_officers_at_once(world: World, client_of: ClientOf) -> None:
    base = submitted(client_of(world.enterprise()))
    one, other = client_of(world.officer()), client_of(world.officer())
    fields = hidden(other, review_page(base))
    assert send(one, review_page(base), {"decision": "approve"}).status_code == 303
    late = other.post(review_page(base), data={**fields, "decision": "reject", "reason": "不合适"})
    assert late.status_code == 409
    with world.database.session(read=True) as session:
        assert not session.scalars(select(Event).where(Event.name == "challenge.reject")).all()


def test_approved_twice_is_approved_once(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    base = submitted(client_of(owner))
    officer = client_of(world.officer())
    fields = {**hidden(officer, review_page(base)), "decision": "approve"}
    assert [officer.post(review_page(base), data=fields).status_code for _ in range(2)] == [303, 303]
    with world.database.session(read=True) as session:
        kinds = session.scalars(select(Notification.kind).where(Notification.user_id == owner.id)).all()
    assert kinds == ["listing_approved"]


def test_rejected_with_a_reason_the_owner_reads(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = submitted(client)
    officer = client_of(world.officer())
    long = send(officer, review_page(base), {"decision": "reject", "reason": "很" * 501})
    assert long.status_code == 422 and "已超1字" in text_of(long) and "很" * 501 in text_of(long)
    send(officer, review_page(base), {"decision": "reject", "reason_code": "not_technical"})
    assert "原因：不属于技术需求或科技成果" in text_of(client.get(base))
    assert client.get(f"{base}/edit/problem").status_code == 409, "rejected is final"


def test_a_university_without_an_office_is_confirmed_by_the_county(world: World, client_of: ClientOf) -> None:
    author = world.researcher()
    base = submitted(client_of(author), "result")
    officer = client_of(world.officer())
    assert "通过并上架" in text_of(officer.get(review_page(base)))
    assert send(officer, review_page(base), {"decision": "approve"}).status_code == 303
    with world.database.session(read=True) as session:
        assert session.scalars(select(Result.status)).one() == "listed"
        names = session.scalars(select(Event.name).where(Event.from_status != "").order_by(Event.id)).all()
    assert names == ["result.submit", "result.confirm", "result.list"]


def test_an_office_confirms_its_own_universitys_only(world: World, client_of: ClientOf) -> None:
    own, other = world.organisation("university"), world.organisation("university")
    author = world.user("researcher", own)
    base = submitted(client_of(author), "result")
    stranger = client_of(world.user("transfer_office", other))
    assert "核壳增韧尼龙" not in text_of(stranger.get("/reviews"))
    assert stranger.get(review_page(base)).status_code == 404
    office = client_of(world.user("transfer_office", own))
    assert "核壳增韧尼龙" in text_of(office.get("/results?scope=organisation"))
    returned = send(office, review_page(base), {"decision": "return", "reason": "请补权属证明"})
    assert returned.status_code == 303
    assert "已退回修改：请补权属证明" in text_of(client_of(author).get(base))


def test_a_result_taken_off_the_shelf_and_back(world: World, client_of: ClientOf) -> None:
    author = world.researcher()
    row = world.result(author)
    base = f"/results/{row.ref}"
    client, officer = client_of(author), client_of(world.officer())
    assert "下架后不再公开" in text_of(client.get(f"{base}/move?verb=delist"))
    assert (
        client.post(f"{base}/move", data={**token(client, base), "verb": "delist", "reason": "已转让"}).status_code
        == 303
    )
    reader = client_of(world.enterprise())
    assert reader.get(base).status_code == 404
    assert client.post(f"{base}/move", data={**token(client, base), "verb": "relist"}).status_code == 409
    assert officer.post(f"{base}/move", data={**token(officer, base), "verb": "relist"}).status_code == 303
    assert reader.get(base).status_code == 200 and reader.get(f"{base}?view=print").status_code == 200
