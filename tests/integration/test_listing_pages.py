"""The listings' own pages: one skeleton, different boxes; sealed content seen by those who may, and each view kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jieti.persistence.models import Challenge, Event, ListingVersion, Notification, Proposal, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.expiry import expire_due
from tests.integration.posting import (
    CANARY,
    CONTACT,
    INDICATORS,
    PROBLEM,
    fill,
    hidden,
    review_page,
    send,
    submitted,
    text_of,
    token,
)
from tests.web import counted_queries
from tests.world import JINYUN, World

ClientOf = Callable[[User], FlaskClient]


def published(world: World, client_of: ClientOf, owner: User, **steps: dict[str, object]) -> str:
    base = submitted(client_of(owner), **steps)
    officer = client_of(world.officer())
    assert send(officer, review_page(base), {"decision": "approve"}).status_code == 303
    return base


def row_of(world: World, base: str) -> Challenge:
    with world.database.session(read=True) as session:
        return session.scalars(select(Challenge).where(Challenge.ref == base.rsplit("/", 1)[1])).one()


def views(world: World) -> list[str]:
    with world.database.session(read=True) as session:
        return [e.actor_name for e in session.scalars(select(Event).where(Event.name == "challenge.sealed_view"))]


def test_sealed_content_shows_to_nobody_else(world: World, client_of: ClientOf) -> None:
    firm = world.organisation("enterprise")
    owner = world.user("enterprise", firm)
    base = published(
        world,
        client_of,
        owner,
        sealed={
            "sealed_text": f"{CANARY} 配方",
            "sealed_indicators-0-name": f"{CANARY}成本",
            "sealed_indicators-0-operator": "<=",
            "sealed_indicators-0-value": "21500",
            "sealed_indicators-0-unit": "元/t",
        },
    )
    fill(client_of(owner), base, {"sealed": {"sealed_text": f"{CANARY} 新配方"}})
    assert send(client_of(owner), f"{base}/edit/check", {}).status_code == 303
    with world.database.session(read=True) as session:
        versions = [v.version for v in session.scalars(select(ListingVersion).order_by(ListingVersion.version))]
        assert len(versions) == 2
        assert all(CANARY in str(v.snapshot) for v in session.scalars(select(ListingVersion)))
        assert not any(CANARY in str(e.data) + e.reason for e in session.scalars(select(Event)))
        assert not any(CANARY in str(n.params) for n in session.scalars(select(Notification)))
    strangers = [
        None,
        world.researcher(),
        world.enterprise(),
        world.officer(JINYUN),
        world.broker(JINYUN),
        world.user("enterprise", firm, membership="pending"),
        world.user("broker", world.organisation("broker_agency", verification="pending")),
    ]
    pages = [
        base,
        f"{base}?view=print",
        *(f"{base}/versions/{n}" for n in versions),
        "/challenges",
    ]
    for stranger in strangers:
        client = world_client(client_of, stranger)
        for page in pages:
            answer = client.get(page)
            assert CANARY not in text_of(answer), f"{page} to {stranger and stranger.name}"
        assert "已密封" in text_of(client.get(base))
        answer = client.post(
            f"{base}/edit/sealed/autosave", data=token(client, "/sign-in") if stranger is None else token(client, base)
        )
        assert answer.status_code in (302, 303, 404) and CANARY not in text_of(answer)
    before = len(views(world))
    for reader in (owner, world.officer(), world.broker()):
        assert CANARY in text_of(client_of(reader).get(base))
        assert CANARY not in text_of(client_of(reader).get(f"{base}?view=print")), "paper travels"
    assert len(views(world)) == before + 2, "the owner's own view is not kept, the others' are"
    assert "查看密封内容" in text_of(client_of(owner).get(base))


def world_client(client_of: ClientOf, user: User | None) -> FlaskClient:
    if user is not None:
        return client_of(user)
    return client_of.__closure__[0].cell_contents.test_client()  # type: ignore[index, no-any-return]


def test_an_anonymous_firm_is_named_to_its_own_and_the_county_only(world: World, client_of: ClientOf) -> None:
    owner = world.user("enterprise", world.organisation("enterprise", name="秘名示例厂"))
    base = published(
        world,
        client_of,
        owner,
        terms={"modes": ["licence"], "budget_negotiable": "y", "deadline": DEADLINE, "anonymous": "y"},
    )
    for reader in (world.researcher(), world.enterprise(), world.broker()):
        for page in (base, f"{base}?view=print", "/challenges"):
            shown = text_of(client_of(reader).get(page))
            assert "秘名示例厂" not in shown, page
        assert "匿名企业" in text_of(client_of(reader).get(base))
    for reader in (owner, world.officer()):
        assert "秘名示例厂" in text_of(client_of(reader).get(base))


DEADLINE = (dt.date.today() + dt.timedelta(days=60)).isoformat()


def test_the_box_differs_the_skeleton_does_not(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    base = published(world, client_of, owner)
    boxes = {
        "看匹配结果": owner,
        "选一项发起对接": world.broker(),
        "揭榜需要科研人员账号": world.enterprise(),
    }
    for words, reader in boxes.items():
        shown = text_of(client_of(reader).get(base))
        assert words in shown and PROBLEM["main_problem"] in shown
        assert shown.count("btn-primary") <= 1
    visitor = text_of(world_client(client_of, None).get(base))
    assert "登录后揭榜" in visitor and CONTACT["contact_phone"] not in visitor
    assert CONTACT["contact_phone"] not in text_of(client_of(world.researcher()).get(base))
    assert CONTACT["contact_phone"] in text_of(client_of(world.broker()).get(base))


def test_reasons_and_the_way_to_the_bureau_are_insiders_alone(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    officer = client_of(world.officer())
    base = submitted(client_of(owner))
    send(officer, review_page(base), {"decision": "return", "reason": "内部意见：缺少条件"})
    send(client_of(owner), f"{base}/edit/check", {})
    send(officer, review_page(base), {"decision": "approve"})
    mine = text_of(client_of(owner).get(base))
    assert "内部意见：缺少条件" in mine and "退回修改" in mine
    others = text_of(client_of(world.researcher()).get(base))
    assert "内部意见" not in others and "退回修改" not in others and "发布需求" in others
    first = row_of(world, base)
    with world.database.session(read=True) as session:
        numbers = sorted(session.scalars(select(ListingVersion.version).where(ListingVersion.listing_id == first.id)))
    assert client_of(world.researcher()).get(f"{base}/versions/{numbers[0]}").status_code == 404
    latest = text_of(client_of(world.researcher()).get(f"{base}/versions/{numbers[-1]}"))
    assert PROBLEM["main_problem"] in latest and CONTACT["contact_phone"] not in latest


def test_publishing_changes_makes_a_version_and_requeues(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    base = published(world, client_of, owner)
    client = client_of(owner)
    before = row_of(world, base)
    fill(client, base, {"indicators": {**INDICATORS, "indicators-0-value": "15"}})
    assert "≥12 kJ/m²" in text_of(client_of(world.researcher()).get(base)), "not before it is published"
    assert "有没发布的修改" in text_of(client.get(base))
    assert send(client, f"{base}/edit/check", {}).status_code == 303
    after = row_of(world, base)
    assert after.version == before.version + 1 and after.status == "published" and after.draft == {}
    shown = text_of(client_of(world.researcher()).get(base))
    assert "≥15 kJ/m²" in shown and "第" in shown and "历次版本" in shown
    assert "改了：技术指标" in text_of(client.get(base))
    unchanged = send(client, f"{base}/edit/check", {})
    assert unchanged.status_code == 303 and row_of(world, base).version == after.version


def test_a_change_can_be_given_up(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    base = published(world, client_of, owner)
    client = client_of(owner)
    fill(client, base, {"problem": {**PROBLEM, "title": "改坏了"}})
    assert client.post(f"{base}/discard", data=token(client, base)).status_code == 303
    assert PROBLEM["title"] in text_of(client.get(f"{base}/edit/problem"))


def test_what_cannot_be_undone_is_asked_on_its_own_page(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    base = published(world, client_of, owner)
    client = client_of(owner)
    solver = world.researcher()
    with UnitOfWork(world.database) as uow:
        uow.session.add(
            Proposal(
                challenge_id=row_of(world, base).id,
                author_id=solver.id,
                organisation_id=solver.organisation_id,
                status="submitted",
            )
        )
    asked = text_of(client.get(f"{base}/move?verb=close_failed"))
    assert "结案后不再征集，也不能恢复" in asked and 'name="reason"' in asked
    without = client.post(f"{base}/move", data={**token(client, base), "verb": "close_failed", "reason": " "})
    assert without.status_code == 422 and "请写明原因" in text_of(without)
    assert row_of(world, base).status == "published"
    fields = hidden(client, f"{base}/move?verb=close_failed")
    done = client.post(f"{base}/move", data={**fields, "verb": "close_failed", "reason": "谈了三家都没成"})
    assert done.status_code == 303 and row_of(world, base).status == "closed_failed"
    twice = client.post(f"{base}/move", data={**fields, "verb": "close_failed", "reason": "谈了三家都没成"})
    assert twice.status_code == 303, "the second click finds the first one's place"
    assert client.get(f"{base}/move?verb=withdraw").status_code == 409
    with world.database.session(read=True) as session:
        assert session.scalars(select(Notification.kind).where(Notification.user_id == solver.id)).all() == [
            "challenge_closed"
        ]


def test_moves_that_are_not_theirs(world: World, client_of: ClientOf) -> None:
    base = published(world, client_of, world.enterprise())
    stranger = client_of(world.enterprise())
    for verb in ("withdraw", "take_offline", "publish", "approve", "award", "x"):
        answer = stranger.post(f"{base}/move", data={**token(stranger, base), "verb": verb, "reason": "理由"})
        assert answer.status_code in (404, 409), verb
    officer = client_of(world.officer())
    assert (
        officer.post(
            f"{base}/move", data={**token(officer, base), "verb": "take_offline", "reason": "重复"}
        ).status_code
        == 303
    )
    assert world_client(client_of, None).get(base).status_code == 404
    assert officer.post(f"{base}/move", data={**token(officer, base), "verb": "restore"}).status_code == 303
    assert world_client(client_of, None).get(base).status_code == 200


def test_past_its_deadline_it_expires_and_can_be_extended(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    due = world.challenge(owner, deadline=dt.date.today() - dt.timedelta(days=2))
    open_still = world.challenge(owner, deadline=dt.date.today() + dt.timedelta(days=2))
    with UnitOfWork(world.database) as uow:
        assert expire_due(uow) == 1
    with UnitOfWork(world.database) as uow:
        assert expire_due(uow) == 0
    client = client_of(owner)
    base = f"/challenges/{due.ref}"
    assert row_of(world, base).status == "expired"
    assert row_of(world, f"/challenges/{open_still.ref}").status == "published"
    with world.database.session(read=True) as session:
        assert session.scalars(select(Notification.kind).where(Notification.user_id == owner.id)).all() == [
            "challenge_expired"
        ]
    past = send_move(client, base, {"verb": "extend", "deadline": "2020-01-01"})
    assert past.status_code == 422 and "截止日期已过" in text_of(past)
    assert send_move(client, base, {"verb": "extend", "deadline": "２０２７年３月１日"}).status_code == 303
    row = row_of(world, base)
    assert (row.status, row.deadline) == ("published", dt.date(2027, 3, 1))


def test_the_deadlines_own_day_still_counts(world: World) -> None:
    world.challenge(world.enterprise(), deadline=dt.date(2026, 12, 31))
    with UnitOfWork(world.database) as uow:
        assert expire_due(uow, lambda: dt.datetime(2026, 12, 31, 15, 59)) == 0  # 23:59 in China
    with UnitOfWork(world.database) as uow:
        assert expire_due(uow, lambda: dt.datetime(2026, 12, 31, 16, 0)) == 1


def send_move(client: FlaskClient, base: str, values: dict[str, str]) -> TestResponse:
    return client.post(f"{base}/move", data={**token(client, base), **values})


def test_mine_puts_what_waits_first(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    old = utcnow() - dt.timedelta(days=9)
    world.challenge(owner, title="平常的", status="solved")
    world.challenge(owner, title="待改的", status="needs_fix", updated_at=old)
    world.challenge(world.enterprise(), title="别家的")
    client = client_of(owner)
    base = send(client, "/challenges/new", {}).location.rsplit("/edit/", 1)[0]
    fill(client, base, {"problem": {**PROBLEM, "title": "正在写的"}})
    page = text_of(client.get("/challenges?scope=mine"))
    assert page.index("待改的") < page.index("正在写的") < page.index("平常的") and "别家的" not in page
    assert "1项等我处理" in page
    assert world_client(client_of, None).get("/challenges?scope=mine").status_code == 302
    assert "这里还没有成果" in text_of(client_of(world.researcher()).get("/results?scope=mine"))


@pytest.mark.parametrize("rows", [1, 15])
def test_pages_ask_a_bounded_number_of_queries(world: World, client_of: ClientOf, rows: int) -> None:
    owner, officer = world.enterprise(), world.officer()
    challenge = world.challenge(owner)
    for n in range(rows):
        world.challenge(owner, status="submitted", title=f"待审{n}", submitted_at=utcnow())
        with UnitOfWork(world.database) as uow:
            uow.record(
                "challenge.revise",
                "challenge",
                challenge.id,
                world.identity(owner),
                to_status="published",
                data={"version": n},
            )
            uow.session.add(ListingVersion(kind="challenge", listing_id=challenge.id, version=n + 10, snapshot={}))
            uow.session.add(
                Proposal(
                    challenge_id=challenge.id,
                    author_id=owner.id,
                    organisation_id=owner.organisation_id,
                    status="submitted",
                )
            )
    for reader, page, most in (
        (owner, f"/challenges/{challenge.ref}", 22),
        (owner, "/challenges?scope=mine", 12),
        (officer, "/reviews", 12),
    ):
        client = client_of(reader)
        assert client.get(page).status_code == 200
        with counted_queries(world.database) as asked:
            client.get(page)
        assert len(asked) <= most, f"{page}: {len(asked)} queries\n" + "\n".join(asked)


def test_a_zero_is_not_for_nothing(world: World, client_of: ClientOf) -> None:
    owner = world.enterprise()
    negotiable = world.challenge(owner, budget=None)
    assert "面议" in text_of(client_of(owner).get(f"/challenges/{negotiable.ref}"))
    assert row_of(world, f"/challenges/{world.challenge(owner, budget=Decimal('80.5')).ref}").budget == Decimal("80.5")
