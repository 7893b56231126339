"""Joining and registering an organisation, editing it, its public page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from jieti.bootstrap import House
from jieti.domain.permissions import Permission, permissions_of
from jieti.persistence.models import Event, Notification, Organisation, OutboxRow, Proposal, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user
from tests.web import counted_queries, post_form
from tests.world import DEQING, JINYUN, World

Signed = Callable[[User], FlaskClient]


def typed(world: World, **other: str) -> dict[str, str]:
    return {
        "name": "德清样例弹簧有限公司",
        "uscc": world.uscc(),
        "region_code": DEQING,
        "contact_name": "柳成行",
        "phone": "0572-8000000",
        **other,
    }


@pytest.fixture
def newcomer(house: House) -> User:
    with UnitOfWork(house.database) as uow:
        return create_user(uow, email="newcomer@example.com", password=None, name="柳成行")


def organisation_named(house: House, name: str) -> Organisation | None:
    with UnitOfWork(house.database, read=True) as uow:
        return uow.session.scalar(select(Organisation).where(Organisation.name == name))


def fill(client: FlaskClient, page: str, values: dict[str, str]) -> TestResponse:
    """The organisation's form on this page, sent."""
    return post_form(client, page, values, action=page.split("?")[0])


def notices(house: House, user: User) -> list[str]:
    with UnitOfWork(house.database, read=True) as uow:
        return list(uow.session.scalars(select(Notification.kind).where(Notification.user_id == user.id)))


@pytest.mark.both_databases
def test_registering_makes_an_administrator_and_tells_the_county(
    client_of: Signed, world: World, house: House, newcomer: User
) -> None:
    officer, elsewhere = world.officer(), world.officer(JINYUN)
    client = client_of(newcomer)
    assert client.get("/account/start").location.endswith("/account/organisation")
    found = client.get("/account/organisation?kind=enterprise&q=德清样例弹簧")
    assert "没有找到" in found.text
    page = "/organisations/new?kind=enterprise&q=德清样例弹簧有限公司"
    assert 'value="德清样例弹簧有限公司"' in client.get(page).text
    done = fill(client, page, typed(world, uscc="  " + world.uscc().lower() + " "))
    assert done.status_code == 303
    made = organisation_named(house, "德清样例弹簧有限公司")
    assert made.verification == "pending" and made.uscc == made.uscc.upper().strip()
    who = world.identity(newcomer)
    assert who.active_member and who.organisation_admin and Permission.POST_CHALLENGE in permissions_of(who)
    assert notices(house, officer) == ["organisation.pending"]
    assert notices(house, elsewhere) == []
    assert "还没有核验" in client.get(f"/organisations/{made.ref}").text


def test_a_wrong_check_digit_warns_and_goes_through(
    client_of: Signed, world: World, house: House, newcomer: User
) -> None:
    good = world.uscc()
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    client = client_of(newcomer)
    page = "/organisations/new?kind=enterprise"
    warned = fill(client, page, typed(world, uscc=wrong))
    assert warned.status_code == 200 and "信用代码校验不符，请核对；无误可继续。" in warned.text
    assert wrong in warned.text and "柳成行" in warned.text
    assert organisation_named(house, "德清样例弹簧有限公司") is None
    done = fill(client, page, typed(world, uscc=wrong, uscc_seen=wrong))
    assert done.status_code == 303
    assert organisation_named(house, "德清样例弹簧有限公司").uscc == wrong


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"uscc": "9133052"}, "是18位，现在是7位"),
        ({"uscc": "91330521MA28C0001I"}, "不会有I"),
        ({"uscc": "９１３３０５２１ＭＡ"}, "现在是10位"),
        ({"name": "  "}, "请填写"),
        ({"name": "长" * 121}, "最多120字，已超1字"),
        ({"phone": "电话"}, "请填电话号码"),
        ({"region_code": "110101"}, "Not a valid choice"),
        ({"intro": "字" * 2001}, "最多2000字"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client_of: Signed, world: World, house: House, newcomer: User, values: dict[str, str], told: str
) -> None:
    answer = fill(client_of(newcomer), "/organisations/new?kind=enterprise", typed(world, **values))
    assert answer.status_code == 422
    assert "柳成行" in answer.text
    if told != "Not a valid choice":
        assert told in answer.text
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_markup_and_emoji_in_a_name_stay_text(client_of: Signed, world: World, newcomer: User, house: House) -> None:
    done = fill(
        client_of(newcomer), "/organisations/new?kind=enterprise", typed(world, name="<script>甲</script>🎉公司")
    )
    page = client_of(newcomer).get(done.location).text
    assert "&lt;script&gt;甲&lt;/script&gt;🎉公司" in page and "<script>甲" not in page


def test_a_double_click_registers_once(client_of: Signed, world: World, house: House, newcomer: User) -> None:
    client = client_of(newcomer)
    values = typed(world, idempotency_key="same-key")
    answers = [fill(client, "/organisations/new?kind=enterprise", values) for _time in range(2)]
    assert [a.status_code for a in answers] == [303, 303] and answers[0].location == answers[1].location


@pytest.mark.both_databases
def test_joining_waits_for_the_administrator(client_of: Signed, world: World, house: House, newcomer: User) -> None:
    admin = world.enterprise(name="德清范例阀门有限公司")
    with UnitOfWork(house.database, read=True) as uow:
        organisation = uow.session.get_one(Organisation, admin.organisation_id)
    client = client_of(newcomer)
    found = client.get(f"/account/organisation?kind=enterprise&q={organisation.uscc.lower()}")
    assert "德清范例阀门有限公司" in found.text
    post_form(client, f"/account/organisation?kind=enterprise&q={organisation.uscc}", {}, action="/organisation/join")
    assert not world.identity(newcomer).active_member
    assert f"org:{organisation.id}" not in world.identity(newcomer).tokens
    assert notices(house, admin) == ["member.pending"]
    assert client.get(f"/organisations/{organisation.ref}/members").status_code == 404
    assert "管理员通过后" in client.get("/account/organisation").text

    page = f"/organisations/{organisation.ref}/members"
    done = post_form(client_of(admin), page, {"act": "approve"}, action=f"/members/{newcomer.ref}")
    assert done.status_code == 303
    who = world.identity(newcomer)
    assert who.active_member and not who.organisation_admin and f"org:{organisation.id}" in who.tokens
    assert notices(house, newcomer) == ["member.approved"]
    with UnitOfWork(house.database, read=True) as uow:
        names = set(uow.session.scalars(select(Event.name).where(Event.subject_kind == "organisation")))
    assert names == {"member.request", "member.approve"}


def test_a_registered_code_leads_to_joining(client_of: Signed, world: World, house: House, newcomer: User) -> None:
    organisation = world.organisation("enterprise", name="已在的公司")
    answer = fill(client_of(newcomer), "/organisations/new?kind=enterprise", typed(world, uscc=organisation.uscc))
    assert answer.status_code == 422 and "已登记为“已在的公司”" in answer.text and "去申请加入" in answer.text


def test_search_takes_wildcards_literally(client_of: Signed, world: World, newcomer: User) -> None:
    world.organisation("enterprise", name="百分之百公司")
    client = client_of(newcomer)
    assert "百分之百公司" not in client.get("/account/organisation?kind=enterprise&q=%25").text
    assert "百分之百公司" not in client.get("/account/organisation?kind=enterprise&q=_").text


def test_a_bureau_or_broker_of_ones_own_has_no_powers_before_it_is_verified(world: World) -> None:
    for role, kind in (("officer", "tech_bureau"), ("broker", "broker_agency")):
        who = world.identity(world.user(role, world.organisation(kind, verification="pending")))
        forbidden = {
            Permission.REVIEW_LISTING,
            Permission.VERIFY_ORGANISATION,
            Permission.IMPORT,
            Permission.SEE_FIGURES,
            Permission.OPEN_DEAL,
        }
        assert not forbidden & permissions_of(who)
        assert not {t for t in who.tokens if t.startswith(("officer:", "broker:"))}


def test_editing_is_for_its_administrator_and_a_new_code_asks_again(
    client_of: Signed, world: World, house: House
) -> None:
    admin, officer, stranger = world.enterprise(name="改名前公司"), world.officer(), world.enterprise()
    with UnitOfWork(house.database, read=True) as uow:
        organisation = uow.session.get_one(Organisation, admin.organisation_id)
    colleague = world.user("enterprise", organisation, organisation_admin=False)
    page = f"/organisations/{organisation.ref}/edit"
    for other in (stranger, colleague, officer):
        assert client_of(other).get(page).status_code == 404
        assert client_of(other).post(page, data={}).status_code in {400, 404}
    challenge = world.challenge(admin)
    with UnitOfWork(house.database) as uow:
        uow.session.query(OutboxRow).delete()

    kept = typed(world, uscc=organisation.uscc, name="改名后公司")
    assert fill(client_of(admin), page, kept).status_code == 303
    after = organisation_named(house, "改名后公司")
    assert after.verification == "verified"
    with UnitOfWork(house.database, read=True) as uow:
        waiting = uow.session.scalars(select(OutboxRow.subject_id).where(OutboxRow.topic == "index")).all()
    assert waiting == [challenge.id], "what is found by the firm's name is indexed again"

    recoded = fill(client_of(admin), page, typed(world, name="改名后公司"))
    assert recoded.status_code == 303
    assert organisation_named(house, "改名后公司").verification == "pending"
    assert notices(house, officer) == ["organisation.pending"]

    stale = fill(client_of(admin), page, typed(world, name="第三个名字", version="1"))
    assert stale.status_code == 409 and "第三个名字" in stale.text and "同事刚改过" in stale.text
    assert organisation_named(house, "第三个名字") is None


def test_the_public_page_shows_no_anonymous_challenge_and_no_unverified_firm(
    client: FlaskClient, client_of: Signed, world: World, house: House
) -> None:
    owner = world.enterprise(name="公开的公司")
    world.challenge(owner, title="公开挂名的需求")
    world.challenge(owner, title="不愿挂名的需求", anonymous=True)
    world.challenge(owner, title="还是草稿的需求", status="draft")
    with UnitOfWork(house.database, read=True) as uow:
        ref = uow.session.get_one(Organisation, owner.organisation_id).ref
    page = client.get(f"/organisations/{ref}").text
    assert "公开挂名的需求" in page and "不愿挂名的需求" not in page and "还是草稿的需求" not in page
    assert "不愿挂名的需求" in client_of(owner).get(f"/organisations/{ref}").text
    hidden = world.organisation("enterprise", verification="pending")
    assert client.get(f"/organisations/{hidden.ref}").status_code == 404
    assert client_of(world.officer()).get(f"/organisations/{hidden.ref}").status_code == 200
    assert client_of(world.officer(JINYUN)).get(f"/organisations/{hidden.ref}").status_code == 404


def test_reply_time_comes_from_events(client: FlaskClient, world: World, house: House) -> None:
    owner, solver = world.enterprise(), world.researcher()
    challenge = world.challenge(owner)
    start = dt.datetime(2026, 5, 1, 8)
    with UnitOfWork(house.database) as uow:
        for hours in (24, 72):
            proposal = Proposal(
                challenge_id=challenge.id, author_id=solver.id, organisation_id=solver.organisation_id, status="awarded"
            )
            uow.session.add(proposal)
            uow.session.flush()
            uow.record("proposal.submit", "proposal", proposal.id, world.identity(solver), at=start)
            answered = start + dt.timedelta(hours=hours)
            uow.record("proposal.decline", "proposal", proposal.id, world.identity(owner), at=answered)
        ref = uow.session.get_one(Organisation, owner.organisation_id).ref
    assert "2天（2次答复的中位数）" in client.get(f"/organisations/{ref}").text


def test_the_page_takes_as_many_queries_for_many_listings(client: FlaskClient, world: World, house: House) -> None:
    owner = world.enterprise()
    with UnitOfWork(house.database, read=True) as uow:
        ref = uow.session.get_one(Organisation, owner.organisation_id).ref

    def queries() -> int:
        with counted_queries(house.database) as sent:
            assert client.get(f"/organisations/{ref}").status_code == 200
        return len(sent)

    world.challenge(owner)
    few = queries()
    for _n in range(12):
        world.challenge(owner)
    assert queries() == few
