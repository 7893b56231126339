"""今天要办的事: each role's rows, where they stand, when they go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from jieti.persistence.models import Challenge, Deal, MatchVerdict, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.notifications import Notifications
from jieti.services.proposals import Proposals
from jieti.services.today import TodayService
from jieti.services.today_deals import urgent_count
from jieti.services.today_rows import after_working_days
from tests.integration.deals.scene import TODAY, Scene
from tests.web import counted_queries, post_form

ClientOf = Callable[[User], FlaskClient]


def rows(scene: Scene, user: User, **values: int) -> dict[str, list[tuple[str, str]]]:
    """Group → (verb, title)."""
    with UnitOfWork(scene.database, read=True) as uow:
        found = TodayService(uow, scene.world.identity(user), **values).page()
        return {group.value: [(row.verb, row.title) for row in kept] for group, kept in found.groups.items()}


def test_an_enterprise_sees_matches_until_it_judges_them(scene: Scene) -> None:
    assert rows(scene, scene.firm)["week"] == [("look_at_matches", scene.challenge.title)]
    with UnitOfWork(scene.database) as uow:
        uow.session.add(MatchVerdict(match_id=scene.match.id, user_id=scene.firm.id, fits=True))
    assert rows(scene, scene.firm)["week"] == []


def test_an_enterprise_mends_waits_and_finishes(scene: Scene) -> None:
    for status in ("draft", "needs_fix", "submitted", "expired"):
        scene.world.challenge(scene.firm, status=status, title=status)
    found = rows(scene, scene.firm)
    assert ("fix_challenge", "needs_fix") in found["today"] and ("finish_challenge", "draft") in found["week"]
    assert ("await_review", "submitted") in found["waiting"] and ("extend", "expired") in found["week"]


def test_a_researcher_is_shown_what_may_be_solved_until_it_is_answered(scene: Scene) -> None:
    assert ("answer_challenge", scene.challenge.title) in rows(scene, scene.researcher)["week"]
    with UnitOfWork(scene.database) as uow:
        Proposals(uow, scene.world.identity(scene.researcher)).start(scene.challenge.ref)
    found = rows(scene, scene.researcher)
    assert found["week"] == [("finish_proposal", scene.challenge.title)]
    weak = scene.world.match(scene.world.challenge(scene.firm, title="弱"), scene.result, level=2)
    assert weak.open_level == 2 and "弱" not in str(rows(scene, scene.researcher))


def test_the_officer_reviews_oldest_first_and_late_ones_stand_out(scene: Scene) -> None:
    for days, title in ((1, "新"), (20, "旧")):
        waiting = scene.world.challenge(scene.firm, status="submitted", title=title)
        with UnitOfWork(scene.database) as uow:
            uow.session.get_one(Challenge, waiting.id).submitted_at = utcnow() - dt.timedelta(days=days)
    scene.world.organisation("enterprise", verification="pending", name="待核验企业")
    scene.world.organisation("enterprise", verification="pending", name="外县企业", region="331122")
    found = rows(scene, scene.officer, reply_days=3)
    assert found["overdue"][0] == ("review", "旧") and ("review", "新") not in found["overdue"]
    everything = [row for group in found.values() for row in group]
    assert ("verify_organisation", "待核验企业") in everything and "外县企业" not in str(everything)


def test_a_broker_sees_strong_matches_until_a_deal_is_open(scene: Scene) -> None:
    assert rows(scene, scene.broker)["week"] == [("open_deal", scene.challenge.title)]
    deal = scene.open()
    assert ("open_deal", scene.challenge.title) not in rows(scene, scene.broker)["week"]
    with UnitOfWork(scene.database) as uow:
        uow.session.get_one(Deal, deal.id).next_step_on = TODAY - dt.timedelta(days=2)
        assert urgent_count(uow, scene.world.identity(scene.broker), TODAY) == 1
    assert rows(scene, scene.broker)["overdue"] == [("follow_deal", deal.title)]
    assert rows(scene, scene.officer)["overdue"] == [("follow_deal", deal.title)]
    assert rows(scene, scene.firm)["overdue"] == [("prepare_step", deal.title)]
    assert rows(scene, scene.world.broker())["overdue"] == []


def test_the_buyer_is_asked_to_accept(scene: Scene) -> None:
    deal = scene.open()
    for verb in ("agree", "sign_contract", "perform"):
        deal = scene.move(deal, verb)
    everything = [row for group in rows(scene, scene.firm).values() for row in group]
    assert ("accept_work", deal.title) in everything


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [("2026-11-23", 3, "2026-11-26"), ("2026-11-26", 3, "2026-12-01"), ("2026-11-28", 1, "2026-11-30")],
)
def test_working_days(start: str, days: int, expected: str) -> None:
    assert after_working_days(dt.date.fromisoformat(start), days) == dt.date.fromisoformat(expected)


def test_everyone_has_a_home_and_its_cost_is_bounded(scene: Scene, client_of: ClientOf) -> None:
    pending = scene.world.user("enterprise", scene.read_organisation(scene.firm), membership="pending")
    office = scene.world.user("transfer_office", scene.read_organisation(scene.researcher))
    province = scene.world.user("province", scene.world.organisation("tech_bureau"))
    scene.world.result(scene.researcher, status="submitted", title="待确认成果")
    scene.open()
    for user in (scene.firm, scene.researcher, scene.officer, scene.broker, pending, office, province):
        client = client_of(user)
        client.get("/today")
        with counted_queries(scene.database) as statements:
            answer = client.get("/today")
        assert answer.status_code == 200 and len(statements) <= 20, len(statements)
    assert "待确认成果" in client_of(office).get("/today").get_data(as_text=True)
    assert client_of(scene.firm).get("/today").get_data(as_text=True).count("due-row") >= 1


def test_notifications_are_ones_own_and_are_marked_read(scene: Scene, client_of: ClientOf) -> None:
    scene.open()
    firm, broker = client_of(scene.firm), client_of(scene.broker)
    page = firm.get("/notifications").get_data(as_text=True)
    assert "发起了对接项目“尼龙66增韧”" in page
    with UnitOfWork(scene.database, read=True) as uow:
        ref = Notifications(uow, scene.world.identity(scene.firm)).page().items[0].ref
    assert broker.get(f"/notifications/{ref}").status_code == 404
    opened = firm.get(f"/notifications/{ref}")
    assert opened.status_code == 303 and opened.location.startswith("/deals/")
    with UnitOfWork(scene.database, read=True) as uow:
        assert Notifications(uow, scene.world.identity(scene.firm)).page().unread == 0
    with UnitOfWork(scene.database) as uow:
        uow.notify([scene.firm.id], "a_kind_of_tomorrow", "https://elsewhere.example/", {"x": 1})
        uow.notify([scene.firm.id], "deal_note", "/deals", {})
    assert firm.get("/notifications").status_code == 200
    with UnitOfWork(scene.database, read=True) as uow:
        odd = next(
            n.ref
            for n in Notifications(uow, scene.world.identity(scene.firm)).page().items
            if n.kind.startswith("a_kind")
        )
    assert firm.get(f"/notifications/{odd}").location == "/notifications"
    assert post_form(firm, "/notifications", {}, action="/notifications/read").status_code == 303
    with UnitOfWork(scene.database, read=True) as uow:
        assert Notifications(uow, scene.world.identity(scene.firm)).page(unread_only=True).total == 0
