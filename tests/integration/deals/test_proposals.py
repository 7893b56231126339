"""A proposal from the first draft to the firm's decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed, NotAllowed, NotVisible
from jieti.persistence.models import Notification, Proposal, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.proposals import Proposals
from jieti.services.proposals_decisions import ProposalDecisions
from tests.integration.deals.scene import Scene
from tests.web import counted_queries, forms, post_form

ClientOf = Callable[[User], FlaskClient]
ANSWERS = {"answers": [{"meets": "met", "value": "15 kJ/m²", "evidence": "第三方检测报告", "when": "已达到"}]}
PLAN = {"summary": "用核壳增韧剂改性。", "result": ""}
TERMS = {
    "team": "示范大学高分子团队",
    "price": "75",
    "negotiable": False,
    "schedule": "六个月小试，六个月中试",
    "ip_terms": "共有",
}


def write(scene: Scene, by: User | None = None, **terms: Any) -> Proposal:
    """A submitted proposal of this researcher to the scene's challenge."""
    author = by or scene.researcher
    with UnitOfWork(scene.database) as uow:
        service = Proposals(uow, scene.world.identity(author))
        ref = service.start(scene.challenge.ref).ref
        for step, typed in (("indicators", ANSWERS), ("plan", PLAN), ("terms", {**TERMS, **terms})):
            service.save(ref, step, typed, 99)
        return service.submit(ref)


def decide(scene: Scene, proposal: Proposal, verb: str, by: User, reason: str = "") -> Proposal:
    with UnitOfWork(scene.database) as uow:
        version = uow.session.get_one(Proposal, proposal.id).version
        ProposalDecisions(uow, scene.world.identity(by)).decide(proposal.ref, verb, version, reason)
    read: Proposal = scene.read(Proposal, proposal.id)
    return read


def told(scene: Scene, user: User) -> list[str]:
    with UnitOfWork(scene.database, read=True) as uow:
        statement = select(Notification.kind).where(Notification.user_id == user.id).order_by(Notification.id)
        return list(uow.session.scalars(statement))


@pytest.mark.both_databases
def test_from_draft_to_award(scene: Scene) -> None:
    proposal = write(scene)
    assert (proposal.status, str(proposal.price), proposal.answers[0]["name"]) == (
        "submitted",
        "75.0000",
        "缺口冲击强度",
    )
    assert told(scene, scene.firm) == ["proposal_received"] and told(scene, scene.officer) == ["proposal_received"]
    assert decide(scene, proposal, "qualify", scene.officer).status == "qualified"
    assert decide(scene, proposal, "accept", scene.firm).status == "awarded"
    assert told(scene, scene.researcher) == ["proposal_qualified", "proposal_accepted"]
    assert told(scene, scene.broker) == ["proposal_chosen"]
    deal = scene.open(match_ref="", proposal_ref=proposal.ref)
    assert (deal.proposal_id, deal.seller_id) == (proposal.id, scene.researcher.organisation_id)


def test_declining_needs_a_reason_which_the_author_reads(scene: Scene) -> None:
    proposal = write(scene)
    with pytest.raises(Invalid):
        decide(scene, proposal, "decline", scene.firm)
    assert decide(scene, proposal, "decline", scene.firm, "报价不合适").decision_reason == "报价不合适"
    with pytest.raises(MoveNotAllowed):
        decide(scene, proposal, "accept", scene.firm)


def test_who_may_not(scene: Scene) -> None:
    proposal = write(scene)
    for user, verb, error in (
        (scene.researcher, "accept", NotAllowed),
        (scene.firm, "qualify", NotAllowed),
        (scene.officer, "accept", NotAllowed),
        (scene.world.enterprise(), "accept", NotVisible),
        (scene.world.officer("331122"), "qualify", NotVisible),
        (scene.world.researcher(), "withdraw", NotVisible),
    ):
        with pytest.raises(error):
            decide(scene, proposal, verb, user, "理由")
    with UnitOfWork(scene.database) as uow, pytest.raises(NotVisible):
        ProposalDecisions(uow, scene.world.identity(scene.world.enterprise())).compare(scene.challenge.ref)
    with UnitOfWork(scene.database) as uow, pytest.raises(NotAllowed):
        Proposals(uow, scene.world.identity(scene.firm)).start(scene.challenge.ref)


def test_a_draft_is_its_authors_alone(scene: Scene) -> None:
    colleague = scene.world.user("researcher", scene.read_organisation(scene.researcher))
    with UnitOfWork(scene.database) as uow:
        ref = Proposals(uow, scene.world.identity(scene.researcher)).start(scene.challenge.ref).ref
        again = Proposals(uow, scene.world.identity(scene.researcher)).start(scene.challenge.ref).ref
        assert again == ref
    for user in (scene.firm, scene.officer, scene.broker, colleague):
        with UnitOfWork(scene.database, read=True) as uow, pytest.raises(NotVisible):
            Proposals(uow, scene.world.identity(user)).view(ref)


def test_drafts_are_kept_as_typed_and_two_tabs_conflict(scene: Scene) -> None:
    with UnitOfWork(scene.database) as uow:
        service = Proposals(uow, scene.world.identity(scene.researcher))
        ref = service.start(scene.challenge.ref).ref
        messy = {"team": "  团队\u0000  ", "price": "一百", "negotiable": False, "schedule": "", "ip_terms": "🙂"}
        first = service.save(ref, "terms", messy, 0)
        assert service.typed(service.editing(ref))["price"] == "一百"
        with pytest.raises(Conflict) as refused:
            service.save(ref, "terms", {**messy, "team": "另一页"}, first.version - 1)
        assert refused.value.params["theirs"]["team"] == "  团队  "
        service.save(ref, "plan", PLAN, 0)  # another step: no conflict
        with pytest.raises(Invalid) as invalid:
            service.submit(ref)
        found = {(p.field, p.code) for p in invalid.value.problems}
        assert {("answers.0.meets", "required"), ("schedule", "required"), ("price", "money_unreadable")} <= found


def test_nothing_is_submitted_to_a_closed_challenge(scene: Scene) -> None:
    closed = scene.world.challenge(scene.firm, status="expired")
    with UnitOfWork(scene.database) as uow, pytest.raises(MoveNotAllowed) as refused:
        Proposals(uow, scene.world.identity(scene.researcher)).start(closed.ref)
    assert refused.value.code == "not_open"


def test_only_an_own_listed_result_can_be_named(scene: Scene) -> None:
    foreign = scene.world.result(scene.world.researcher())
    with UnitOfWork(scene.database) as uow:
        service = Proposals(uow, scene.world.identity(scene.researcher))
        ref = service.start(scene.challenge.ref).ref
        for step, typed in (("indicators", ANSWERS), ("plan", {**PLAN, "result": foreign.ref}), ("terms", TERMS)):
            service.save(ref, step, typed, 99)
        with pytest.raises(Invalid) as refused:
            service.submit(ref)
        assert [(p.field, p.code) for p in refused.value.problems] == [("result", "not_yours")]
        service.save(ref, "plan", {**PLAN, "result": scene.result.ref}, 99)
        assert service.submit(ref).result_id == scene.result.id


def test_the_pages_from_start_to_decision(scene: Scene, client_of: ClientOf) -> None:
    author, firm = client_of(scene.researcher), client_of(scene.firm)
    started = post_form(author, f"/challenges/{scene.challenge.ref}/proposals/new", {}, action="/new")
    assert started.status_code == 303
    base = started.location.rsplit("/", 1)[0]
    answer = {"answers-0-meets": "met", "answers-0-value": "15", "answers-0-evidence": "报告", "answers-0-when": "现在"}
    assert post_form(author, started.location, answer, action="/indicators").location == f"{base}/plan"
    assert post_form(author, f"{base}/plan", PLAN, action="/plan").location == f"{base}/terms"
    page = author.get(f"{base}/check").get_data(as_text=True)
    assert "有3处需要修改" in page and "请介绍团队。" in page
    refused = post_form(author, f"{base}/check", {}, action="/check")
    assert refused.status_code == 422
    terms = {"team": "示范团队", "price": "面谈", "schedule": "一年", "ip_terms": ""}
    hidden = next(f for f in forms(author.get(f"{base}/terms")) if f["action"].endswith("/terms"))["hidden"]
    autosave = author.post(f"{base.replace('/edit', '/autosave')}/terms", data={**hidden, **terms})
    assert autosave.status_code == 200 and autosave.get_json()["version"] >= 3
    assert 'value="面谈"' in author.get(f"{base}/terms").get_data(as_text=True)
    post_form(author, f"{base}/terms", {**terms, "price": "７５"}, action="/terms")
    submitted = post_form(author, f"{base}/check", {}, action="/check")
    assert submitted.status_code == 303
    ref = submitted.location.rsplit("/", 1)[1]
    assert author.get(f"{base}/terms").status_code == 409
    compared = firm.get(f"/challenges/{scene.challenge.ref}/proposals").get_data(as_text=True)
    assert "示范大学" in compared and "75万元" in compared and "选定方案" in compared
    empty = post_form(firm, f"/proposals/{ref}/decide?verb=decline", {}, action="/decide")
    assert empty.status_code == 422 and "请选择原因。" in empty.get_data(as_text=True)
    chosen = post_form(firm, f"/proposals/{ref}/decide?verb=accept", {}, action="/decide")
    assert chosen.status_code == 303
    assert "已中榜" in author.get("/proposals?scope=mine").get_data(as_text=True)
    assert "发起对接" in client_of(scene.broker).get(f"/proposals/{ref}").get_data(as_text=True)
    assert client_of(scene.world.researcher()).get(f"/proposals/{ref}").status_code == 404
    assert author.get(f"/proposals/{ref}?view=print").status_code == 200


def test_an_anonymous_firm_stays_unnamed_until_there_is_a_deal(scene: Scene, client_of: ClientOf) -> None:
    scene.firm = scene.world.enterprise(name="不愿具名塑业有限公司")
    scene.challenge = scene.world.challenge(scene.firm, anonymous=True, title="匿名需求")
    scene.match = scene.world.match(scene.challenge, scene.result)
    author, name = client_of(scene.researcher), "不愿具名塑业有限公司"
    assert name not in author.get("/today").get_data(as_text=True)
    assert name not in author.get(f"/challenges/{scene.challenge.ref}/proposals/new").get_data(as_text=True)
    proposal = write(scene)
    decide(scene, proposal, "shortlist", scene.firm)
    for path in (f"/proposals/{proposal.ref}", "/proposals", "/notifications", "/today"):
        page = author.get(path)
        assert page.status_code == 200 and name not in page.get_data(as_text=True), path
        assert scene.firm.name not in page.get_data(as_text=True), path
    deal = scene.open(match_ref="", proposal_ref=proposal.ref)
    page = author.get(f"/deals/{deal.ref}").get_data(as_text=True)
    assert scene.read_organisation(scene.firm).name in page


def test_comparing_costs_the_same_for_many(scene: Scene, client_of: ClientOf) -> None:
    path, counts = f"/challenges/{scene.challenge.ref}/proposals", []
    for count in (1, 6):
        for _n in range(count):
            write(scene, by=scene.world.researcher())
        firm = client_of(scene.firm)
        firm.get(path)
        with counted_queries(scene.database) as statements:
            assert firm.get(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
    with UnitOfWork(scene.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Proposal)) == 7
