"""A challenge from the first key to publication, and a result likewise, through the pages as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from jieti.persistence.models import Challenge, Event, ListingVersion, Notification, OutboxRow, Result, User
from tests.integration.posting import CHALLENGE_STEPS, CONTACT, INDICATORS, PROBLEM, RESULT_STEPS, fill, new, send
from tests.world import World

ClientOf = Callable[[User], FlaskClient]
pytestmark = pytest.mark.both_databases


def test_challenge_from_first_key_to_publication(world: World, client_of: ClientOf) -> None:
    owner, officer = world.enterprise(), world.officer()
    firm = client_of(owner)
    base = new(firm)
    ref = base.rsplit("/", 1)[1]
    fill(firm, base, CHALLENGE_STEPS)
    check = firm.get(f"{base}/edit/check").get_data(as_text=True)
    assert "缺口冲击强度 ≥12 kJ/m²" in check and "120万元" in check
    assert 'class="errors"' not in check
    sent = send(firm, f"{base}/edit/check", {})
    assert (sent.status_code, sent.location) == (303, base)
    assert "已提交" in firm.get(base).get_data(as_text=True)

    bureau = client_of(officer)
    assert PROBLEM["title"] in bureau.get("/reviews").get_data(as_text=True)
    item = bureau.get(f"/reviews/challenge/{ref}")
    assert item.status_code == 200 and "通过并发布" in item.get_data(as_text=True)
    decided = send(bureau, f"/reviews/challenge/{ref}", {"decision": "approve"})
    assert decided.status_code == 303
    anyone = client_of(world.researcher()).get(base)
    assert anyone.status_code == 200 and "CANARY-7788" not in anyone.get_data(as_text=True)

    with world.database.session(read=True) as session:
        row = session.scalars(select(Challenge)).one()
        assert (row.status, row.budget, row.keywords) == ("published", 120, ["PA66", "增韧", "低温"])
        assert row.indicators == [
            {
                "name": "缺口冲击强度",
                "unit": "kJ/m²",
                "condition": "-40℃",
                "operator": ">=",
                "value": 12.0,
                "value_to": None,
            }
        ]
        assert row.draft == {} and row.published_at is not None
        moves = [e.name for e in session.scalars(select(Event).where(Event.from_status != "").order_by(Event.id))]
        assert moves == ["challenge.submit", "challenge.approve", "challenge.publish"]
        kinds = {(n.user_id, n.kind) for n in session.scalars(select(Notification))}
        assert {(owner.id, "listing_approved"), (officer.id, "listing_submitted")} <= kinds
        topics = {o.topic for o in session.scalars(select(OutboxRow).where(OutboxRow.subject_kind == "challenge"))}
        assert topics == {"index", "match"}
        assert [v.version for v in session.scalars(select(ListingVersion))] == [2]


def test_result_from_first_key_to_the_shelf(world: World, client_of: ClientOf) -> None:
    university = world.organisation("university", region="330521")
    author, office = world.user("researcher", university), world.user("transfer_office", university)
    officer = world.officer()
    client = client_of(author)
    base = new(client, "result")
    fill(client, base, RESULT_STEPS)
    assert send(client, f"{base}/edit/check", {}).status_code == 303
    ref = base.rsplit("/", 1)[1]
    # The university has a transfer office: the county waits for its word.
    assert client_of(officer).get(f"/reviews/result/{ref}").status_code == 404
    confirm = client_of(office)
    assert "确认成果" in confirm.get(f"/reviews/result/{ref}").get_data(as_text=True)
    assert send(confirm, f"/reviews/result/{ref}", {"decision": "approve"}).status_code == 303
    assert send(client_of(officer), f"/reviews/result/{ref}", {"decision": "approve"}).status_code == 303
    with world.database.session(read=True) as session:
        row = session.scalars(select(Result)).one()
        assert (row.status, row.trl, row.price) == ("listed", 6, None)
        assert row.ip_rows == [{"kind": "invention", "number": "ZL202310000001.X", "status": "granted", "title": ""}]
    shown = client_of(world.enterprise()).get(base).get_data(as_text=True)
    assert "TRL 6" in shown and CONTACT["contact_phone"] in shown


def test_returned_with_reason_then_mended(world: World, client_of: ClientOf) -> None:
    firm, bureau = client_of(world.enterprise()), client_of(world.officer())
    base = new(firm)
    ref = base.rsplit("/", 1)[1]
    fill(firm, base, CHALLENGE_STEPS)
    send(firm, f"{base}/edit/check", {})
    without = send(bureau, f"/reviews/challenge/{ref}", {"decision": "return"})
    assert without.status_code == 422 and "请写明原因" in without.get_data(as_text=True)
    returned = send(
        bureau,
        f"/reviews/challenge/{ref}",
        {"decision": "return", "reason_code": "no_indicators", "reason": "请补测试条件"},
    )
    assert returned.status_code == 303
    assert "已退回修改：缺少可检验的技术指标；请补测试条件。" in firm.get(base).get_data(as_text=True)
    fill(firm, base, {"indicators": {**INDICATORS, "indicators-0-value": "15"}})
    assert send(firm, f"{base}/edit/check", {}).status_code == 303
    again = bureau.get(f"/reviews/challenge/{ref}").get_data(as_text=True)
    assert "和上次提交相比" in again and "≥15 kJ/m²" in again and "≥12 kJ/m²" in again
