"""Moving a deal through its stages, and taking the last move back.

The table in `domain.lifecycles.deal` decides what may be moved by whom. What a move brings along is here: the contract
record at signing, the challenge and the result that follow, the next step (required while the deal runs).

Undo: who made the last move may take it back within UNDO_WITHIN, provided nothing happened to the deal since. It is
not a move of the table but the exact reverse of one, recorded as `deal.undo` beside the event that it reverses. Not
undone: signing (a contract exists, figures count it: `cancel` or a correction are for that), cancelling, and moves
that carry the challenge on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from jieti.domain.dates import china_day
from jieti.domain.errors import Invalid, MoveNotAllowed, NotAllowed, Problem
from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.lifecycles import CHALLENGE, DEAL, RESULT, Actor, Transition
from jieti.domain.lifecycles.deal import ENDED, SIGNED
from jieti.domain.permissions import Permission, require
from jieti.domain.typed import clean_text
from jieti.persistence.models import Contract, Deal, Event, Result, utcnow
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.actors import deal_actors
from jieti.services.contracts import ContractTerms, TypedContract, read_contract
from jieti.services.deals import (
    LEADERS,
    WITH_PARTIES,
    Clock,
    check_version,
    deal_url,
    lock,
    participant_ids,
    read_next_step,
)
from jieti.services.moves import Moves

REASON_LIMIT = 500
UNDO_WITHIN = dt.timedelta(minutes=10)
UNDOABLE = frozenset(
    {
        "agree",
        "decline",
        "sign_nda",
        "register",
        "registered",
        "not_registered",
        "settle",
        "change",
        "dispute",
        "resume",
    }
)
CHALLENGE_FOLLOWS = {"sign_contract": "sign", "perform": "start_solving", "accept": "solve"}


@dataclass(frozen=True, slots=True)
class MoveForm:
    """A move as asked for. `next_step` None: the form had no such field (the board): the present one stays."""

    verb: str
    version: int
    reason: str = ""
    next_step: str | None = None
    next_step_on: str = ""
    contract: TypedContract | None = None


def needs_form(transition: Transition) -> bool:
    """Whether a move asks for more than a click: a reason, a contract, a first next step."""
    return transition.reason_required or transition.verb in {"sign_contract", "reopen"}


class DealMoves:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def find(self, deal: Deal, *, verb: str = "", target: str = "") -> Transition:
        """The move open to this person by its verb or by the stage it leads to.

        Raises MoveNotAllowed: no_such_move, wrong_actor.
        """
        actors = deal_actors(self._identity, deal)
        for transition in DEAL.open_to(deal.stage, actors):
            if transition.verb == verb or (target and transition.target == target):
                return transition
        known = any(t.source == deal.stage and (t.verb == verb or t.target == target) for t in DEAL.transitions)
        raise MoveNotAllowed(
            "wrong_actor" if known else "no_such_move", lifecycle="deal", source=deal.stage, verb=verb, target=target
        )

    def deal(self, ref: str) -> Deal:
        """The deal, for reading a move's form or for writing. Raises NotVisible."""
        require(self._identity, Permission.MOVE_DEAL)
        if not self._uow.read:
            lock(self._uow.session, ref)
        return get_visible(self._uow.session, Deal, ref, self._identity, *WITH_PARTIES)

    def move(self, ref: str, form: MoveForm) -> Event:
        """Raises NotVisible, Conflict, MoveNotAllowed, Invalid (reason, next_step, next_step_on, contract fields)."""
        deal = self.deal(ref)
        check_version(deal, form.version, self._uow.session)
        transition = self.find(deal, verb=form.verb)
        now = self._clock()
        today = china_day(now)
        problems: list[Problem] = []
        reason = clean_text(form.reason[: REASON_LIMIT * 4])
        if transition.reason_required and not reason:
            problems.append(Problem("reason", "required"))
        elif len(reason) > REASON_LIMIT:
            problems.append(Problem("reason", "too_long", {"limit": REASON_LIMIT, "over": len(reason) - REASON_LIMIT}))
        terms: ContractTerms | None = None
        if transition.verb == "sign_contract":
            try:
                terms = read_contract(form.contract or TypedContract(), today)
            except Invalid as error:
                problems.extend(error.problems)
        step, day = deal.next_step, deal.next_step_on
        if transition.target in ENDED:
            step, day = "", None
        elif form.next_step is not None or not step:
            try:
                step, day = read_next_step(form.next_step or "", form.next_step_on, today)
            except Invalid as error:
                problems.extend(error.problems)
        if problems:
            raise Invalid(problems)
        if transition.verb == "reopen":
            self._refuse_second(deal)
        event = Moves(self._uow, self._identity).deal(
            deal,
            transition.verb,
            reason,
            at=now,
            data={
                "version": deal.version + 1,
                "next_step": deal.next_step,
                "next_step_on": deal.next_step_on.isoformat() if deal.next_step_on else None,
                "challenge": deal.challenge.ref,
                **(terms.amounts() | {"contract_kind": terms.kind.value} if terms else {}),
            },
            field=deal.challenge.field,
        )
        deal.next_step, deal.next_step_on = step, day
        if terms is not None:
            self._write_contract(deal, terms, now)
        self._carry_along(deal, transition.verb, now)
        self._tell(deal, "deal_moved", stage=deal.stage)
        return event

    def undoable(self, deal: Deal) -> Event | None:
        """This person's last move, if it may still be taken back."""
        last = self._uow.session.scalars(
            select(Event)
            .where(Event.subject_kind == "deal", Event.subject_id == deal.id)
            .order_by(Event.at.desc(), Event.id.desc())
            .limit(1)
        ).first()
        if (
            last is None
            or last.actor_id is None
            or last.actor_id != self._identity.user_id
            or last.name.removeprefix("deal.") not in UNDOABLE
            or last.data.get("version") != deal.version
            or self._clock() - last.at > UNDO_WITHIN
        ):
            return None
        return last

    def undo(self, ref: str, version: int) -> Deal:
        """Take back this person's last move. Raises Conflict, MoveNotAllowed `undo_over`."""
        deal = self.deal(ref)
        check_version(deal, version, self._uow.session)
        last = self.undoable(deal)
        if last is None:
            raise MoveNotAllowed("undo_over")
        if last.name == "deal.decline":
            self._refuse_second(deal)
        now = self._clock()
        self._uow.record(
            "deal.undo",
            "deal",
            deal.id,
            self._identity,
            from_status=deal.stage,
            to_status=last.from_status,
            data={"event": last.id, "verb": last.name.removeprefix("deal.")},
            region_code=deal.region_code,
            field=deal.challenge.field,
            at=now,
        )
        deal.stage = last.from_status
        deal.next_step = str(last.data.get("next_step") or "")
        on = last.data.get("next_step_on")
        deal.next_step_on = dt.date.fromisoformat(on) if on else None
        deal.stage_since = deal.updated_at = now
        deal.version += 1
        if last.name == "deal.decline":
            self._result(deal, "negotiate", now)
        self._tell(deal, "deal_moved", stage=deal.stage)
        return deal

    def correct_contract(self, ref: str, version: int, typed: TypedContract, reason: str) -> Contract:
        """Put a mistake in the contract record right. A changed amount needs a reason and is recorded with the new amounts.

        Raises Conflict, Invalid, MoveNotAllowed `no_contract`, NotAllowed `not_leader`.
        """
        deal = self.deal(ref)
        if not deal_actors(self._identity, deal) & LEADERS:
            raise NotAllowed("not_leader")
        check_version(deal, version, self._uow.session)
        contract = self._uow.session.scalars(select(Contract).where(Contract.deal_id == deal.id)).first()
        if contract is None or deal.stage not in SIGNED:
            raise MoveNotAllowed("no_contract")
        now = self._clock()
        terms = read_contract(typed, china_day(now))
        why = clean_text(reason[: REASON_LIMIT * 4])[:REASON_LIMIT]
        amounts_changed = (contract.contract_value, contract.tech_value) != (terms.contract_value, terms.tech_value)
        if amounts_changed and not why:
            raise Invalid([Problem("reason", "required")])
        self._write_contract(deal, terms, now, contract)
        deal.version += 1
        deal.updated_at = now
        self._uow.record(
            "deal.correct_contract",
            "deal",
            deal.id,
            self._identity,
            reason=why,
            data={"challenge": deal.challenge.ref, "contract_kind": terms.kind.value, **terms.amounts()},
            region_code=deal.region_code,
            field=deal.challenge.field,
            at=now,
        )
        return contract

    def _write_contract(
        self, deal: Deal, terms: ContractTerms, now: dt.datetime, contract: Contract | None = None
    ) -> None:
        session = self._uow.session
        row = contract or session.scalars(select(Contract).where(Contract.deal_id == deal.id)).first()
        if row is None:
            row = Contract(deal_id=deal.id, created_at=now)
            session.add(row)
        else:
            row.version += 1
        row.kind = terms.kind.value
        row.name, row.number = terms.name, terms.number
        row.contract_value, row.tech_value = terms.contract_value, terms.tech_value
        row.signed_on, row.valid_from, row.valid_until = terms.signed_on, terms.valid_from, terms.valid_until
        row.updated_at = now

    def _carry_along(self, deal: Deal, verb: str, now: dt.datetime) -> None:
        """The challenge and the result follow the deal, as far as their own tables let them."""
        follow = CHALLENGE_FOLLOWS.get(verb)
        if follow and any(
            t.verb == follow and Actor.SYSTEM in t.actors and t.source == deal.challenge.status
            for t in CHALLENGE.transitions
        ):
            Moves(self._uow, SYSTEM).challenge(deal.challenge, follow, at=now)
        if verb == "sign_contract":
            self._result(deal, "contract", now)
        elif verb in {"decline", "cancel"} and not self._others_on(deal):
            self._result(deal, "release", now)
        elif verb == "reopen":
            self._result(deal, "negotiate", now)

    def _result(self, deal: Deal, verb: str, now: dt.datetime) -> None:
        result: Result | None = deal.result
        if result is not None and any(
            t.verb == verb and Actor.SYSTEM in t.actors and t.source == result.status for t in RESULT.transitions
        ):
            Moves(self._uow, SYSTEM).result(result, verb, at=now)

    def _others_on(self, deal: Deal) -> bool:
        """Whether another running deal negotiates the same result."""
        if deal.result_id is None:
            return False
        statement = select(Deal.id).where(
            Deal.result_id == deal.result_id, Deal.id != deal.id, Deal.stage.not_in(sorted(ENDED))
        )
        return self._uow.session.scalar(statement.limit(1)) is not None

    def _refuse_second(self, deal: Deal) -> None:
        """A deal comes back to life only if its pair has no other open one. Raises MoveNotAllowed `already_open`."""
        same_seller = Deal.seller_id.is_(None) if deal.seller_id is None else Deal.seller_id == deal.seller_id
        same_result = Deal.result_id.is_(None) if deal.result_id is None else Deal.result_id == deal.result_id
        same_expert = Deal.expert_id.is_(None) if deal.expert_id is None else Deal.expert_id == deal.expert_id
        statement = select(Deal.ref).where(
            Deal.challenge_id == deal.challenge_id,
            Deal.id != deal.id,
            same_seller,
            same_result,
            same_expert,
            Deal.stage.not_in(sorted(ENDED)),
        )
        other = self._uow.session.scalar(statement.limit(1))
        if other is not None:
            raise MoveNotAllowed("already_open", ref=other)

    def _tell(self, deal: Deal, kind: str, **params: str) -> None:
        others = [u for u in participant_ids(self._uow.session, deal) if u != self._identity.user_id]
        self._uow.notify(others, kind, deal_url(deal.ref), {"title": deal.title, "who": self._identity.name, **params})
