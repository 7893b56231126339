"""The brokering pages as a browser uses them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import func, select

from jieti.persistence.models import Contract, Deal, Event, Notification, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals_moves import DealMoves, MoveForm
from tests.integration.deals.scene import CONTRACT, SOON, TODAY, Scene
from tests.web import counted_queries, forms, post_form

ClientOf = Callable[[User], FlaskClient]
STEP = {"next_step": "约见研发团队", "next_step_on": SOON}
SIGNING = {name: getattr(CONTRACT, name) for name in CONTRACT.__slots__}


def test_the_story_from_a_match_to_a_signed_contract(scene: Scene, client_of: ClientOf) -> None:
    broker = client_of(scene.broker)
    opened = post_form(
        broker, f"/deals/new?match={scene.match.ref}", {"title": "尼龙66增韧", **STEP}, action="/deals/new"
    )
    assert opened.status_code == 303
    page = broker.get(opened.location)
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "待沟通" in text and "示范大学" in text and "记为已达成意向" in text
    agreed = post_form(broker, f"{opened.location}/move?verb=agree", STEP, action="/move")
    assert agreed.status_code == 303
    short = post_form(
        broker, f"{opened.location}/move?verb=sign_contract", {**STEP, **SIGNING, "tech_value": "130"}, action="/move"
    )
    assert short.status_code == 422
    text = short.get_data(as_text=True)
    assert (
        "技术交易额不能大于合同成交额。" in text
        and 'value="130"' in text
        and "约见研发团队" in text
        and "错误：" in text
    )
    signed = post_form(broker, f"{opened.location}/move?verb=sign_contract", {**STEP, **SIGNING}, action="/move")
    assert signed.status_code == 303
    text = broker.get(opened.location).get_data(as_text=True)
    assert "已签合同" in text and "120万元" in text and "96.5万元" in text
    for path in ("/deals", "/deals/board", f"{opened.location}?view=print"):
        answer = broker.get(path)
        assert answer.status_code == 200 and "尼龙66增韧" in answer.get_data(as_text=True), path
    for user in (scene.firm, scene.researcher, scene.officer):
        answer = client_of(user).get(opened.location)
        assert answer.status_code == 200 and "120万元" in answer.get_data(as_text=True)
    assert client_of(scene.world.enterprise()).get(opened.location).status_code == 404


def test_a_double_click_opens_one_deal(scene: Scene, client_of: ClientOf) -> None:
    broker = client_of(scene.broker)
    page = broker.get(f"/deals/new?match={scene.match.ref}")
    data = {
        **next(f for f in forms(page) if f["action"].endswith("/deals/new"))["hidden"],
        "title": "尼龙66增韧",
        **STEP,
    }
    first, second = broker.post("/deals/new", data=data), broker.post("/deals/new", data=data)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    third = broker.get(f"/deals/new?match={scene.match.ref}")
    assert third.status_code in {302, 303} and third.location == first.location
    with UnitOfWork(scene.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Deal)) == 1


def test_a_stale_move_keeps_what_was_typed(scene: Scene, client_of: ClientOf) -> None:
    deal = scene.open()
    broker = client_of(scene.broker)
    page = broker.get(f"/deals/{deal.ref}/move?verb=sign_nda")
    hidden = next(f for f in forms(page) if f["action"].endswith("/move"))["hidden"]
    with UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.officer)).move(
            deal.ref, MoveForm("agree", 1, next_step="科技局走访", next_step_on=SOON)
        )
    stale = broker.post(f"/deals/{deal.ref}/move", data={**hidden, "next_step": "我写的下一步", "next_step_on": SOON})
    text = stale.get_data(as_text=True)
    assert stale.status_code == 409 and "我写的下一步" in text and scene.officer.name in text
    hidden = next(f for f in forms(stale) if f["action"].endswith("/move"))["hidden"]
    again = broker.post(f"/deals/{deal.ref}/move", data={**hidden, "next_step": "我写的下一步", "next_step_on": SOON})
    assert again.status_code == 303


def test_the_board_moves_and_says_why_not(scene: Scene, client_of: ClientOf) -> None:
    deal = scene.open()
    broker = client_of(scene.broker)
    hidden = next(f for f in forms(broker.get("/deals/board")) if "ref" in f["hidden"])["hidden"]
    script = {"X-Requested-With": "fetch"}
    refused = broker.post("/deals/board", data={**hidden, "to": "settled"}, headers=script)
    assert refused.status_code == 409 and refused.mimetype == "text/plain" and "不能" in refused.get_data(as_text=True)
    assert broker.post("/deals/board", data={**hidden, "to": "agreed"}).status_code == 303
    assert scene.read(Deal, deal.id).stage == "agreed"
    stale = broker.post("/deals/board", data={**hidden, "to": "nda_signed"}, headers=script)
    assert stale.status_code == 409
    hidden["version"] = str(scene.read(Deal, deal.id).version)
    form = broker.post("/deals/board", data={**hidden, "to": "contract_signed"})
    assert form.status_code == 303 and form.location.endswith(f"/deals/{deal.ref}/move?verb=sign_contract")
    assert broker.post("/deals/board", data={**hidden, "to": "contract_signed"}, headers=script).status_code == 409


def test_undo_from_the_page(scene: Scene, client_of: ClientOf) -> None:
    deal = scene.move(scene.open(), "agree")
    broker = client_of(scene.broker)
    assert post_form(broker, f"/deals/{deal.ref}", {}, action="/undo").status_code == 303
    assert scene.read(Deal, deal.id).stage == "intent"
    assert "撤销上一步" in broker.get(f"/deals/{deal.ref}").get_data(as_text=True)


def test_notes_next_step_and_participants_from_the_page(scene: Scene, client_of: ClientOf) -> None:
    deal = scene.open()
    colleague = scene.world.user("researcher", scene.read_organisation(scene.researcher))
    firm, page = client_of(scene.firm), f"/deals/{deal.ref}"
    assert post_form(firm, page, {"text": "<script>alert(1)</script>工况已发"}, action="/notes").status_code == 303
    assert "&lt;script&gt;alert(1)&lt;/script&gt;工况已发" in firm.get(page).get_data(as_text=True)
    empty = post_form(firm, page, {"text": " "}, action="/notes")
    assert empty.status_code == 422 and "请先写备注。" in empty.get_data(as_text=True)
    past = post_form(firm, page, {"next_step": "寄样件", "next_step_on": "2020-01-01"}, action="/next-step")
    assert past.status_code == 422 and "寄样件" in past.get_data(as_text=True)
    assert post_form(firm, page, {"next_step": "寄样件", "next_step_on": SOON}, action="/next-step").status_code == 303
    assert post_form(firm, page, {"user": colleague.ref}, action="/participants").status_code == 303
    assert colleague.name in firm.get(page).get_data(as_text=True)
    assert firm.post(f"{page}/participants", data={"user": scene.broker.ref}).status_code == 400  # no token: refused


def test_a_contract_correction_from_the_page(scene: Scene, client_of: ClientOf) -> None:
    deal = scene.move(scene.move(scene.open(), "agree"), "sign_contract")
    broker, page = client_of(scene.broker), f"/deals/{deal.ref}/contract"
    assert post_form(broker, page, {**SIGNING, "contract_value": "150"}, action="contract").status_code == 422
    assert (
        post_form(broker, page, {**SIGNING, "contract_value": "150", "reason": "录错"}, action="contract").status_code
        == 303
    )
    with UnitOfWork(scene.database, read=True) as uow:
        assert uow.session.scalars(select(Contract.contract_value)).one() == 150
    assert client_of(scene.firm).get(page).status_code == 409


def test_pages_cost_the_same_however_long_the_lists(scene: Scene, client_of: ClientOf) -> None:
    """Query counts with few and with many rows: list, board, today, notifications."""
    paths = ("/deals", "/deals/board", "/today", "/notifications")
    scene.open()
    counts: list[dict[str, int]] = []
    for _round in range(2):
        found = {}
        for path in paths:
            client = client_of(scene.broker)
            client.get(path)
            with counted_queries(scene.database) as statements:
                assert client.get(path).status_code == 200
            found[path] = len(statements)
        counts.append(found)
        for n in range(12):
            challenge = scene.world.challenge(scene.world.enterprise(), title=f"需求{n}")
            scene.world.match(challenge, scene.result)
            result = scene.world.result(scene.world.researcher())
            scene.open(match_ref=scene.world.match(challenge, result).ref, title=f"对接{n}")
        with UnitOfWork(scene.database) as uow:
            uow.notify([scene.broker.id] * 1, "deal_note", "/deals", {"title": "x", "who": "y"})
            for n in range(40):
                uow.session.add(
                    Notification(
                        user_id=scene.broker.id, kind="deal_note", params={"title": str(n), "who": "y"}, url="/deals"
                    )
                )
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 16, counts


def test_sealed_text_reaches_no_notification_event_or_title(scene: Scene) -> None:
    canary = "密封金丝雀配方"
    secret = scene.world.challenge(
        scene.firm,
        sealed_text=canary,
        sealed_indicators=[
            {"name": canary, "operator": ">=", "value": "1", "value_to": "", "unit": "", "condition": ""}
        ],
    )
    match = scene.world.match(secret, scene.result)
    deal = scene.move(scene.move(scene.open(match_ref=match.ref, title="公开标题"), "agree"), "sign_contract")
    with UnitOfWork(scene.database, read=True) as uow:
        kept = [str(n.params) + n.url for n in uow.session.scalars(select(Notification))]
        kept += [str(e.data) + e.reason for e in uow.session.scalars(select(Event))]
    assert canary not in "".join(kept) + deal.title


def test_an_overdue_step_stands_first(scene: Scene, client_of: ClientOf) -> None:
    late = scene.open(title="早该联系的")
    other = scene.world.match(scene.world.challenge(scene.firm), scene.result)
    scene.open(title="不急的", match_ref=other.ref)
    with UnitOfWork(scene.database) as uow:
        uow.session.get_one(Deal, late.id).next_step_on = TODAY - dt.timedelta(days=4)
    text = client_of(scene.broker).get("/deals").get_data(as_text=True)
    assert text.index("早该联系的") < text.index("不急的") and "逾期4天" in text
    text = client_of(scene.broker).get("/today").get_data(as_text=True)
    assert (
        "已逾期" in text and text.index("早该联系的") < text.index("不急的")
        if "不急的" in text
        else "早该联系的" in text
    )
