"""邀请解题, and an expert's own list of challenges: who may, who is told what, once, and how it is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.domain.errors import Invalid, MoveNotAllowed, NotAllowed, NotVisible
from jieti.domain.identity import SYSTEM
from jieti.jobs.worker import Worker
from jieti.persistence.database import Database
from jieti.persistence.models import Deal, Event, Expert, Match, Notification, Proposal, SolverInvitation, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import solver_invitations
from jieti.services.deals_opening import AlreadyOpen, DealOpening
from jieti.services.matches import Matches
from jieti.services.moves import Moves
from jieti.services.solver_invitations import SolverInvitations
from jieti.services.today import TodayService
from tests.integration.deals.scene import SOON
from tests.web import counted_queries, post_form
from tests.world import World

SignIn = Callable[[User], FlaskClient]
TOLD = {
    "sentence": "双方都涉及：增韧、尼龙66。",
    "evidence": [{"need_quote": "尼龙66增韧", "offer_quote": "尼龙66增韧改性", "terms": ["增韧", "尼龙66"]}],
    "verdicts": [],
    "missing": [],
    "contributions": [],
}


def notes(world: World, user: User) -> list[Notification]:
    with UnitOfWork(world.database, read=True) as uow:
        return list(uow.session.query(Notification).filter_by(user_id=user.id).order_by(Notification.id))


def rows(world: World) -> list[SolverInvitation]:
    with UnitOfWork(world.database, read=True) as uow:
        return list(uow.session.query(SolverInvitation))


def test_a_firm_invites_sees_it_and_takes_it_back(world: World, client_of: SignIn) -> None:
    firm, researcher = world.enterprise(name="德清示例塑业有限公司"), world.researcher()
    expert, challenge = world.expert(researcher), world.challenge(firm)
    match = world.match(challenge, expert, explanation=TOLD)
    client, page = client_of(firm), f"/experts/{expert.ref}/invitations/new"
    opened = client.get(page)
    assert challenge.title in opened.text and "双方都涉及：增韧、尼龙66。" in opened.text
    sent = post_form(client, page, {"challenge": challenge.ref, "note": "希望先小试。"}, action="/new")
    assert sent.status_code == 303
    (told,) = notes(world, researcher)
    assert (told.kind, told.url) == ("invited_matched", f"/matches/{match.ref}")
    mail = client_of(researcher).get("/notifications").text
    assert "德清示例塑业有限公司邀请您解" in mail and "匹配强，双方都涉及增韧、尼龙66" in mail
    again = client.get(f"/experts/{expert.ref}")
    assert "撤回邀请" in again.text and challenge.title in again.text
    assert "都已邀请过" in client.get(page).text
    assert post_form(client, f"/experts/{expert.ref}", {}, action="/withdraw").status_code == 303
    assert rows(world)[0].withdrawn_at is not None
    assert [n.kind for n in notes(world, researcher)] == ["invited_matched", "invitation_withdrawn"]
    assert "/withdraw" not in client.get(f"/experts/{expert.ref}").text


def test_asking_twice_is_asking_once(world: World, database: Database) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    expert, challenge = world.expert(researcher), world.challenge(firm)
    for _ in range(2):
        with UnitOfWork(database) as uow:
            SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref)
    (row,) = rows(world)
    assert len(notes(world, researcher)) == 1
    for _ in range(2):  # taken back twice is taken back once
        with UnitOfWork(database) as uow:
            SolverInvitations(uow, world.identity(firm)).withdraw(expert.ref, row.ref)
    with UnitOfWork(database) as uow:
        SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref)
    assert [r.ref for r in rows(world)] == [row.ref] and rows(world)[0].standing
    assert [n.kind for n in notes(world, researcher)] == ["invited", "invitation_withdrawn", "invited"]
    with UnitOfWork(database, read=True) as uow:
        names = [e.name for e in uow.session.query(Event).filter(Event.subject_kind == "expert").order_by(Event.id)]
    assert names == ["expert.invite", "expert.withdraw_invite", "expert.invite"]


def test_the_expert_answers(world: World, client_of: SignIn) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    expert, challenge = world.expert(researcher), world.challenge(firm, anonymous=True)
    with UnitOfWork(world.database) as uow:
        SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref, "希望先小试。")
    client = client_of(researcher)
    today = client.get("/today").text
    assert "回应邀请" in today and challenge.title in today and f"/experts/{expert.ref}/matches#invitations" in today
    page = client.get(f"/experts/{expert.ref}/matches").text
    assert "希望先小试。" in page and "匿名企业" in page and "写方案" in page
    assert "匿名企业邀请您解" in client.get("/notifications").text
    assert post_form(client, f"/experts/{expert.ref}/matches", {}, action="/decline").status_code == 303
    assert [n.kind for n in notes(world, firm)] == ["invitation_declined"]
    assert "回应邀请" not in client.get("/today").text
    assert "邀请您解的题" not in client.get(f"/experts/{expert.ref}/matches").text


def test_only_own_published_challenges_and_those_with_an_account(world: World, client_of: SignIn) -> None:
    firm, other, researcher = world.enterprise(), world.enterprise(), world.researcher()
    expert = world.expert(researcher)
    foreign, draft = world.challenge(other), world.challenge(firm, status="draft", title="没有发布的题")
    own = world.challenge(firm)
    client, page = client_of(firm), f"/experts/{expert.ref}/invitations/new"
    assert "没有发布的题" not in client.get(page).text
    for wrong in (foreign.ref, draft.ref, "", "zzzzzzzzzz", "字" * 40):
        answer = post_form(client, page, {"challenge": wrong, "note": "说明"}, action="/new")
        assert answer.status_code == 422 and "请从列表里选一项" in answer.text and "说明" in answer.text
    long = post_form(client, page, {"challenge": own.ref, "note": "字" * 201}, action="/new")
    assert long.status_code == 422 and "最多200字，已超1字" in long.text and "字" * 201 in long.text
    assert rows(world) == []
    with UnitOfWork(world.database) as uow:
        uow.session.get_one(Expert, expert.id).user_id = None
    assert "收不到邀请" in client.get(f"/experts/{expert.ref}").text
    assert client.get(page).status_code == 409
    assert client.post(page, data={"challenge": own.ref}).status_code == 400, "no CSRF token"


def test_who_has_answered_is_not_asked_again(world: World, client_of: SignIn) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    expert = world.expert(researcher)
    sent, drafted = (world.challenge(firm, title=title) for title in ("已有方案的题", "还在写方案的题"))
    with UnitOfWork(world.database) as uow:
        for challenge, status in ((sent, "submitted"), (drafted, "draft")):
            uow.session.add(
                Proposal(
                    challenge_id=challenge.id, author_id=researcher.id, status=status,
                    organisation_id=researcher.organisation_id or 0,
                )
            )  # fmt: skip
    client, page = client_of(firm), f"/experts/{expert.ref}/invitations/new"
    opened = client.get(page).text
    assert "已有方案的题" not in opened and "还在写方案的题" in opened, "a draft is its author's alone"
    refused = post_form(client, page, {"challenge": sent.ref}, action="/new")
    assert refused.status_code == 422 and "已就这道题提交方案" in refused.text
    assert rows(world) == []


def test_who_may_not(world: World, client_of: SignIn, client: FlaskClient) -> None:
    firm, other, researcher = world.enterprise(), world.enterprise(), world.researcher()
    expert, challenge = world.expert(researcher), world.challenge(firm)
    with UnitOfWork(world.database) as uow:
        row = SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref)
    page = f"/experts/{expert.ref}/invitations/new"
    assert client.get(page).status_code == 302
    for person in (researcher, world.officer(), world.broker()):
        assert client_of(person).get(page).status_code == 404
        with UnitOfWork(world.database) as uow, pytest.raises(NotAllowed):
            SolverInvitations(uow, world.identity(person)).invite(expert.ref, challenge.ref)
    stranger = world.identity(world.researcher())
    with UnitOfWork(world.database) as uow:
        with pytest.raises(NotVisible):
            SolverInvitations(uow, world.identity(other)).withdraw(expert.ref, row.ref)
        with pytest.raises(NotVisible):
            SolverInvitations(uow, stranger).decline(expert.ref, row.ref)
    hidden = world.expert(world.researcher(), listed=False)
    with UnitOfWork(world.database) as uow, pytest.raises(NotVisible):
        SolverInvitations(uow, world.identity(firm)).invite(hidden.ref, challenge.ref)
    # An expert's list is theirs, their organisation's and the county's.
    assert client_of(other).get(f"/experts/{expert.ref}/matches").status_code == 404
    assert client_of(world.researcher()).get(f"/experts/{expert.ref}/matches").status_code == 404
    assert client_of(world.broker()).get(f"/experts/{expert.ref}/matches").status_code == 200


def test_a_firm_does_not_ask_everybody(world: World, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_invitations, "A_DAY", 2)
    firm = world.enterprise()
    challenge = world.challenge(firm)
    experts = [world.expert(world.researcher()) for _ in range(3)]
    with UnitOfWork(database) as uow:
        service = SolverInvitations(uow, world.identity(firm))
        for expert in experts[:2]:
            service.invite(expert.ref, challenge.ref)
        with pytest.raises(Invalid) as caught:
            service.invite(experts[2].ref, challenge.ref)
    assert caught.value.problems[0].code == "too_many_invitations"
    tomorrow = utcnow() + dt.timedelta(days=1, minutes=1)
    with UnitOfWork(database) as uow:
        SolverInvitations(uow, world.identity(firm), clock=lambda: tomorrow).invite(experts[2].ref, challenge.ref)


def test_a_match_that_is_not_open_to_the_expert_is_not_told(world: World, database: Database) -> None:
    """A match kept by sealed text alone: the invitation must not say its level."""
    firm, researcher = world.enterprise(), world.researcher()
    expert, challenge = world.expert(researcher), world.challenge(firm, sealed_text="石墨烯气凝胶")
    match = world.match(challenge, expert, explanation=TOLD)
    with UnitOfWork(database) as uow:
        Moves(uow, SYSTEM).refresh_match(uow.session.get_one(Match, match.id), challenge, None, None)
    with UnitOfWork(database) as uow:
        SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref)
    (told,) = notes(world, researcher)
    assert told.kind == "invited" and "level" not in told.params
    with UnitOfWork(database, read=True) as uow:
        assert Matches(uow, world.identity(researcher)).of_expert(expert.ref)[1].total == 0


def test_from_the_worker_to_the_experts_own_page(world: World, house: House, client_of: SignIn) -> None:
    researcher = world.researcher()
    expert = world.expert(
        researcher, directions="尼龙66低温增韧改性，缺口冲击强度", projects=["高抗冲尼龙66复合材料开发"]
    )
    challenge = world.challenge(world.enterprise())
    Worker(house).run_until_empty()
    client = client_of(researcher)
    page = client.get(f"/experts/{expert.ref}/matches")
    assert page.status_code == 200 and challenge.title in page.text and "需求原文" in page.text
    own = client.get(f"/experts/{expert.ref}").text
    assert "适合您的题" in own and challenge.title in own
    assert all(n.kind != "match_for_you" for n in notes(world, researcher)), "that one speaks of a result"


def test_today_names_a_challenge_once(world: World, database: Database) -> None:
    researcher = world.researcher()
    expert, result = world.expert(researcher), world.result(researcher)
    both, alone = (world.challenge(world.enterprise(), title=title) for title in ("两边都合适", "只合适专家"))
    world.match(both, expert)
    world.match(both, result)
    world.match(alone, expert)
    with UnitOfWork(database, read=True) as uow:
        found = TodayService(uow, world.identity(researcher)).page()
    titles = [row.title for group in found.groups.values() for row in group if row.verb == "answer_challenge"]
    assert sorted(titles) == ["两边都合适", "只合适专家"]


def test_a_broker_opens_a_deal_from_an_experts_match(world: World, database: Database, client_of: SignIn) -> None:
    firm, broker, university = world.enterprise(), world.broker(), world.organisation("university")
    one, two = (world.user("researcher", university) for _ in range(2))
    challenge = world.challenge(firm)
    first, second = world.match(challenge, world.expert(one)), world.match(challenge, world.expert(two))
    result_match = world.match(challenge, world.result(two, expert_id=second.expert_id))
    client = client_of(broker)
    assert f"match={first.ref}" in client.get(f"/challenges/{challenge.ref}/matches?offers=experts").text
    assert f"match={first.ref}" in client.get("/matches?offers=experts").text
    values = {"title": "尼龙66增韧", "next_step": "约见专家", "next_step_on": SOON}
    answer = post_form(client, f"/deals/new?match={first.ref}", values, action="/deals/new")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert one.name in page and "匹配说明" in page
    assert "deal_opened" in {n.kind for n in notes(world, one)} and "deal_opened" in {
        n.kind for n in notes(world, firm)
    }
    assert f"match={first.ref}" not in client.get("/matches?offers=experts").text
    # The same expert finds that deal; a colleague of the same university is another matter, and so is the colleague's result.
    with UnitOfWork(database) as uow:
        opening = DealOpening(uow, world.identity(broker))
        with pytest.raises(AlreadyOpen):
            opening.open(match_ref=first.ref, **values)
        deal = opening.open(match_ref=second.ref, **values)
        assert (deal.expert_id, deal.result_id) == (second.expert_id, None)
        with pytest.raises(AlreadyOpen):  # the colleague's own result, with whom there is a deal
            opening.open(match_ref=result_match.ref, **values)
    with UnitOfWork(database, read=True) as uow:
        assert uow.session.query(Deal).count() == 2


def test_an_expert_who_went_back_is_not_brokered(world: World, database: Database) -> None:
    broker, expert = world.broker(), world.expert(world.researcher())
    match = world.match(world.challenge(world.enterprise()), expert)
    with UnitOfWork(database) as uow:
        uow.session.get_one(Expert, expert.id).listed = False
        with pytest.raises(MoveNotAllowed):
            DealOpening(uow, world.identity(broker)).pair(match_ref=match.ref)


def test_queries_do_not_grow(world: World, database: Database, client_of: SignIn) -> None:
    researcher, counts = world.researcher(), []
    expert, client = world.expert(researcher), client_of(researcher)
    for _ in range(2):
        for _ in range(3):
            firm = world.enterprise()
            challenge = world.challenge(firm)
            world.match(challenge, expert)
            with UnitOfWork(database) as uow:
                SolverInvitations(uow, world.identity(firm)).invite(expert.ref, challenge.ref)
        with counted_queries(database) as statements:
            assert client.get(f"/experts/{expert.ref}/matches").status_code == 200
            assert client.get(f"/experts/{expert.ref}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
