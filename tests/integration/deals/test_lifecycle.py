"""A deal through all its stages: who may do what, what follows, what is recorded, what is told."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed, NotAllowed, NotVisible
from jieti.domain.lifecycles import DEAL
from jieti.persistence.models import (
    Challenge,
    Contract,
    Deal,
    DealParticipant,
    Event,
    Notification,
    Result,
    User,
    utcnow,
)
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.contracts import TypedContract
from jieti.services.deals import Deals
from jieti.services.deals_moves import UNDOABLE, DealMoves
from jieti.services.deals_opening import AlreadyOpen, DealOpening
from jieti.services.notifications import remind_due
from tests.integration.deals.scene import CONTRACT, TODAY, Scene


def told(scene: Scene, user: User) -> list[str]:
    with UnitOfWork(scene.database, read=True) as uow:
        return list(
            uow.session.scalars(
                select(Notification.kind).where(Notification.user_id == user.id).order_by(Notification.id)
            )
        )


def events(scene: Scene, deal: Deal) -> list[Event]:
    with UnitOfWork(scene.database, read=True) as uow:
        statement = select(Event).where(Event.subject_kind == "deal", Event.subject_id == deal.id).order_by(Event.id)
        rows = list(uow.session.scalars(statement))
        uow.session.expunge_all()
        return rows


@pytest.mark.both_databases
def test_opening_brings_in_both_sides_and_reserves_the_result(scene: Scene) -> None:
    deal = scene.open()
    assert (deal.stage, deal.buyer_id, deal.seller_id) == (
        "intent",
        scene.firm.organisation_id,
        scene.researcher.organisation_id,
    )
    assert scene.read(Result, scene.result.id).status == "negotiating"
    assert told(scene, scene.firm) == ["deal_opened"] and told(scene, scene.researcher) == ["deal_opened"]
    assert told(scene, scene.broker) == []
    with UnitOfWork(scene.database, read=True) as uow:
        people = uow.session.execute(
            select(DealParticipant.user_id, DealParticipant.side).where(DealParticipant.deal_id == deal.id)
        )
        assert dict(people.all()) == {scene.broker.id: "broker", scene.firm.id: "buyer", scene.researcher.id: "seller"}
    opened = events(scene, deal)[0]
    assert (opened.name, opened.region_code, opened.field) == (
        "deal.open",
        scene.challenge.region_code,
        "new_materials",
    )
    assert opened.data == {
        "challenge": scene.challenge.ref, "match": scene.match.ref, "match_level": 4, "result": scene.result.ref
    }  # fmt: skip


@pytest.mark.both_databases
def test_the_whole_road_to_settled(scene: Scene) -> None:
    deal = scene.open()
    for verb, by, stage in (
        ("agree", scene.broker, "agreed"),
        ("sign_nda", scene.officer, "nda_signed"),
        ("sign_contract", scene.broker, "contract_signed"),
        ("register", scene.researcher, "registering"),
        ("registered", scene.officer, "registered"),
        ("perform", scene.firm, "performing"),
        ("accept", scene.firm, "accepted"),
        ("settle", scene.broker, "settled"),
    ):
        deal = scene.move(deal, verb, by=by)
        assert deal.stage == stage
    assert (deal.next_step, deal.next_step_on) == ("", None)
    assert scene.read(Challenge, scene.challenge.id).status == "solved"
    assert scene.read(Result, scene.result.id).status == "contracted"
    signing = next(e for e in events(scene, deal) if e.name == "deal.sign_contract")
    assert (Decimal(signing.data["contract_value"]), Decimal(signing.data["tech_value"])) == (
        Decimal(120),
        Decimal("96.5"),
    )
    assert (signing.from_status, signing.to_status, signing.actor_id) == (
        "nda_signed",
        "contract_signed",
        scene.broker.id,
    )
    with UnitOfWork(scene.database, read=True) as uow:
        contract = uow.session.scalars(select(Contract).where(Contract.deal_id == deal.id)).one()
        assert (contract.contract_value, contract.tech_value, contract.kind) == (
            Decimal(120),
            Decimal("96.5"),
            "development",
        )
        names = set(uow.session.scalars(select(Event.name).where(Event.subject_kind == "challenge")))
        assert {"challenge.sign", "challenge.start_solving", "challenge.solve"} <= names


def test_every_row_of_the_table_can_be_walked_through_the_service(scene: Scene) -> None:
    """Each transition from its source, made by a leader or the officer: the service puts nothing in the table's way."""
    deal = scene.open()
    for transition in DEAL.transitions:
        with UnitOfWork(scene.database) as uow:
            row = uow.session.get_one(Deal, deal.id)
            row.stage, row.next_step, row.next_step_on = transition.source, "等消息", TODAY
        assert scene.move(deal, transition.verb, by=scene.officer).stage == transition.target, transition


def test_no_move_outside_the_table_and_none_by_the_wrong_side(scene: Scene) -> None:
    deal = scene.open()
    with pytest.raises(MoveNotAllowed) as refused:
        scene.move(deal, "settle")
    assert refused.value.code == "no_such_move"
    with pytest.raises(MoveNotAllowed) as refused:
        scene.move(deal, "agree", by=scene.firm)
    assert refused.value.code == "wrong_actor"
    for stranger in (
        scene.world.enterprise(),
        scene.world.researcher(),
        scene.world.officer("331122"),
        scene.world.broker(),
    ):
        with pytest.raises(NotVisible):
            scene.move(deal, "decline", by=stranger, version=1)
    assert scene.read(Deal, deal.id).stage == "intent"


def test_signing_needs_a_contract_and_says_all_that_is_wrong(scene: Scene) -> None:
    deal = scene.move(scene.open(), "agree")
    with pytest.raises(Invalid) as refused:
        scene.move(deal, "sign_contract", contract=None)
    assert {p.field for p in refused.value.problems} == {"kind", "name", "contract_value", "tech_value", "signed_on"}
    with pytest.raises(Invalid) as refused:
        scene.move(deal, "sign_contract", contract=TypedContract(**{**vars_of(CONTRACT), "tech_value": "121"}))
    assert [(p.field, p.code) for p in refused.value.problems] == [("tech_value", "tech_above_contract")]
    assert scene.read(Deal, deal.id).stage == "agreed"
    assert scene.read(Challenge, scene.challenge.id).status == "published"


def vars_of(typed: TypedContract) -> dict[str, str]:
    return {name: getattr(typed, name) for name in typed.__slots__}


def test_a_running_deal_always_has_a_next_step(scene: Scene) -> None:
    deal = scene.open()
    for bad, codes in (
        ({"next_step": " ", "next_step_on": ""}, {("next_step", "required"), ("next_step_on", "required")}),
        (
            {"next_step": "约谈", "next_step_on": (TODAY - dt.timedelta(days=1)).isoformat()},
            {("next_step_on", "date_passed")},
        ),
        (
            {"next_step": "长" * 201, "next_step_on": "明天"},
            {("next_step", "too_long"), ("next_step_on", "date_unreadable")},
        ),
    ):
        with pytest.raises(Invalid) as refused:
            scene.move(deal, "agree", **bad)
        assert {(p.field, p.code) for p in refused.value.problems} == codes


def test_a_pair_has_one_open_deal(scene: Scene) -> None:
    first = scene.open()
    with pytest.raises(AlreadyOpen) as refused:
        scene.open(by=scene.officer)
    assert refused.value.params["ref"] == first.ref
    scene.move(first, "decline")
    again = scene.open()
    with pytest.raises(MoveNotAllowed) as closed:
        scene.move(scene.read(Deal, first.id), "reopen")
    assert closed.value.code == "already_open" and again.ref != first.ref


@pytest.mark.both_databases
def test_two_openings_at_once_make_one_deal(scene: Scene) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def attempt(by: User) -> None:
        start.wait()
        try:
            outcomes.append(scene.open(by=by).ref)
        except AlreadyOpen as error:
            outcomes.append(error.params["ref"])

    threads = [threading.Thread(target=attempt, args=(by,)) for by in (scene.broker, scene.officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2 and len(set(outcomes)) == 1


def test_declining_releases_the_result_unless_another_deal_wants_it(scene: Scene) -> None:
    other_challenge = scene.world.challenge(scene.firm, title="另一项需求")
    other = scene.world.match(other_challenge, scene.result)
    first, second = scene.open(), scene.open(match_ref=other.ref)
    scene.move(first, "decline", by=scene.researcher)
    assert scene.read(Result, scene.result.id).status == "negotiating"
    scene.move(second, "decline", by=scene.firm)
    assert scene.read(Result, scene.result.id).status == "listed"


def test_cancelling_a_signed_contract_releases_the_result(scene: Scene) -> None:
    deal = scene.move(scene.move(scene.open(), "agree"), "sign_contract")
    assert scene.read(Result, scene.result.id).status == "contracted"
    scene.move(deal, "cancel")
    assert scene.read(Result, scene.result.id).status == "listed"


def test_a_stale_form_is_refused_and_says_who_was_first(scene: Scene) -> None:
    deal = scene.open()
    scene.move(deal, "agree", by=scene.officer)
    with pytest.raises(Conflict) as refused:
        scene.move(deal, "decline", version=deal.version)
    assert refused.value.params["by"] == scene.officer.name
    assert refused.value.params["version"] == scene.read(Deal, deal.id).version


def test_the_last_move_can_be_taken_back_by_its_maker_for_a_while(scene: Scene) -> None:
    deal = scene.open()
    moved = scene.move(deal, "decline", reason="预算不合")
    assert moved.next_step == "" and scene.read(Result, scene.result.id).status == "listed"
    with pytest.raises(MoveNotAllowed), UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.officer)).undo(deal.ref, moved.version)
    with pytest.raises(MoveNotAllowed), UnitOfWork(scene.database) as uow:
        late = lambda: utcnow() + dt.timedelta(minutes=11)  # noqa: E731
        DealMoves(uow, scene.world.identity(scene.broker), clock=late).undo(deal.ref, moved.version)
    with UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.broker)).undo(deal.ref, moved.version)
    back = scene.read(Deal, deal.id)
    assert (back.stage, back.next_step, back.next_step_on) == ("intent", deal.next_step, deal.next_step_on)
    assert scene.read(Result, scene.result.id).status == "negotiating"
    assert [e.name for e in events(scene, deal)] == ["deal.open", "deal.decline", "deal.undo"]
    with pytest.raises(MoveNotAllowed), UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.broker)).undo(deal.ref, back.version)


def test_signing_is_never_undone(scene: Scene) -> None:
    deal = scene.move(scene.move(scene.open(), "agree"), "sign_contract")
    with pytest.raises(MoveNotAllowed), UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.broker)).undo(deal.ref, deal.version)
    assert not UNDOABLE & {"sign_contract", "cancel", "perform", "accept"}


def test_a_wrong_amount_is_corrected_with_a_reason_and_recorded(scene: Scene) -> None:
    deal = scene.move(scene.move(scene.open(), "agree"), "sign_contract")
    right = TypedContract(**{**vars_of(CONTRACT), "contract_value": "150"})
    with pytest.raises(NotAllowed), UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.firm)).correct_contract(deal.ref, deal.version, right, "录错")
    with pytest.raises(Invalid), UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.broker)).correct_contract(deal.ref, deal.version, right, "")
    with UnitOfWork(scene.database) as uow:
        DealMoves(uow, scene.world.identity(scene.broker)).correct_contract(deal.ref, deal.version, right, "录错")
    last = events(scene, deal)[-1]
    assert (last.name, Decimal(last.data["contract_value"]), last.reason) == (
        "deal.correct_contract",
        Decimal(150),
        "录错",
    )


def test_notes_and_participants(scene: Scene) -> None:
    deal = scene.open()
    colleague = scene.world.user("researcher", scene.read_organisation(scene.researcher))
    stranger = scene.world.researcher()
    with UnitOfWork(scene.database) as uow:
        service = Deals(uow, scene.world.identity(scene.firm))
        service.add_note(deal.ref, "工况已发给对方。")
        assert [u.ref for u in service.candidates(deal.ref)] == [colleague.ref]
        with pytest.raises(NotVisible):
            service.add_participant(deal.ref, stranger.ref)
        service.add_participant(deal.ref, colleague.ref)
        service.add_participant(deal.ref, colleague.ref)
    assert told(scene, colleague) == ["deal_joined"]
    assert told(scene, scene.researcher) == ["deal_opened", "deal_note"]
    with UnitOfWork(scene.database, read=True) as uow:
        view = Deals(uow, scene.world.identity(scene.researcher)).view(deal.ref)
        assert [n.text for n in view.notes] == ["工况已发给对方。"] and len(view.participants) == 4
    with pytest.raises(NotVisible), UnitOfWork(scene.database) as uow:
        Deals(uow, scene.world.identity(stranger)).add_note(deal.ref, "我也想参加")


@pytest.mark.both_databases
def test_an_overdue_next_step_is_reminded_of_once(scene: Scene) -> None:
    deal = scene.open()
    later = lambda: utcnow() + dt.timedelta(days=5)  # noqa: E731
    for expected in (1, 0):
        with UnitOfWork(scene.database) as uow:
            assert remind_due(uow, later) == expected
    assert told(scene, scene.broker) == ["deal_next_step_due"]
    with UnitOfWork(scene.database) as uow:
        changed = (TODAY + dt.timedelta(days=4)).isoformat()
        Deals(uow, scene.world.identity(scene.broker)).set_next_step(deal.ref, 1, "再约一次", changed)
    with UnitOfWork(scene.database) as uow:
        assert remind_due(uow, later) == 1
    with UnitOfWork(scene.database) as uow:
        assert remind_due(uow) == 0


def test_nothing_opens_on_what_is_closed_or_elsewhere(scene: Scene) -> None:
    closed = scene.world.match(scene.world.challenge(scene.firm, status="expired"), scene.result)
    with pytest.raises(MoveNotAllowed) as refused:
        scene.open(match_ref=closed.ref)
    assert refused.value.code == "challenge_closed"
    for user in (scene.world.broker("331122"), scene.world.officer("331122")):
        with pytest.raises(NotVisible):
            scene.open(by=user)
    with pytest.raises(NotAllowed):
        scene.open(by=scene.firm)
    with pytest.raises(NotVisible):
        scene.open(match_ref="nosuchref1")


def test_an_expert_can_be_brought_to_a_deal(scene: Scene) -> None:
    expert = scene.world.expert(scene.researcher)
    match = scene.world.match(scene.challenge, expert)
    deal = scene.open(match_ref=match.ref)
    assert deal.result_id is None and deal.seller_id == scene.researcher.organisation_id
    assert told(scene, scene.researcher) == ["deal_opened"]


def test_opening_validates_what_was_typed(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        scene.open(title="", next_step="", next_step_on="2020-01-01")
    assert {p.field for p in refused.value.problems} == {"title", "next_step", "next_step_on"}
    with UnitOfWork(scene.database, read=True) as uow:
        assert uow.session.scalar(select(Deal.id)) is None
        pair = DealOpening(uow, scene.world.identity(scene.broker)).pair(match_ref=scene.match.ref)
        assert pair.existing is None and pair.title == scene.challenge.title
