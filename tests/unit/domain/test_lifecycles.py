"""No path that the tables do not have: random people try random moves, through Moves, on a real database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from jieti.domain.errors import MoveNotAllowed
from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT, Actor, Lifecycle
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Deal, Event, Proposal, RecordAudience, Result, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.moves import Moves
from tests.world import JINYUN, World

O, S, T, C, B, P, Y = (  # noqa: E741
    Actor.OWNER,
    Actor.SOLVER,
    Actor.TRANSFER_OFFICE,
    Actor.OFFICER,
    Actor.BROKER,
    Actor.PROVINCE,
    Actor.SYSTEM,
)


@dataclass
class Cast:
    """Who tries. `actors[kind][name]`: what that person is to the record, written by hand, not by services/actors."""

    database: Database
    identities: Mapping[str, Identity]
    ids: Mapping[str, int]
    organisations: Mapping[str, int]
    actors: Mapping[str, Mapping[str, frozenset[Actor]]] = field(default_factory=dict)


def people(world: World) -> Cast:
    firm, university = world.organisation("enterprise"), world.organisation("university")
    bureau = world.organisation("tech_bureau")
    users = {
        "owner": world.user("enterprise", firm),
        "firm_mate": world.user("enterprise", firm),
        "pending_mate": world.user("enterprise", firm, membership="pending"),
        "other_firm": world.enterprise(),
        "author": world.user("researcher", university),
        "university_mate": world.user("researcher", university),
        "office": world.user("transfer_office", university),
        "officer": world.user("officer", bureau),
        "far_officer": world.officer(JINYUN),
        "broker": world.broker(),
        "other_broker": world.broker(),
        "unverified_officer": world.user("officer", world.organisation("tech_bureau", verification="pending")),
        "province": world.user("province", world.organisation("tech_bureau", region="330106")),
    }
    identities = {name: world.identity(user) for name, user in users.items()} | {"system": SYSTEM}
    none: frozenset[Actor] = frozenset()

    def of(**known: set[Actor]) -> dict[str, frozenset[Actor]]:
        return {name: frozenset(known.get(name, none)) for name in identities}

    actors = {
        "challenge": of(owner={O}, firm_mate={O}, officer={C}, broker={B}, other_broker={B}, province={P}, system={Y}),
        "result": of(author={S, O}, office={T, O}, officer={C}, broker={B}, other_broker={B}, province={P}, system={Y}),
        "proposal": of(
            owner={O}, firm_mate={O}, author={S}, officer={C}, broker={B}, other_broker={B}, province={P}, system={Y}
        ),
        "deal": of(
            owner={O},
            firm_mate={O},
            author={S},
            university_mate={S},
            office={S},
            officer={C},
            broker={B},
            province={P},
            system={Y},
        ),
    }
    ids = {name: user.id for name, user in users.items()}
    return Cast(world.database, identities, ids, {"firm": firm.id, "university": university.id}, actors)


def fresh(cast: Cast, kind: str) -> tuple[int, int]:
    """A record in its lifecycle's first status, and its challenge's id (for a proposal)."""
    challenge = Challenge(
        organisation_id=cast.organisations["firm"], created_by_id=cast.ids["owner"], region_code="330521"
    )
    result = Result(
        organisation_id=cast.organisations["university"], created_by_id=cast.ids["author"], region_code="330521"
    )
    with UnitOfWork(cast.database) as uow:
        uow.session.add_all([challenge, result])
        uow.session.flush()
        record: Any = {"challenge": challenge, "result": result}.get(kind)
        if kind == "proposal":
            record = Proposal(
                challenge_id=challenge.id,
                author_id=cast.ids["author"],
                organisation_id=cast.organisations["university"],
            )
        if kind == "deal":
            record = Deal(
                title="对接",
                challenge_id=challenge.id,
                buyer_id=cast.organisations["firm"],
                seller_id=cast.organisations["university"],
                broker_id=cast.ids["broker"],
                region_code="330521",
            )
        uow.session.add(record)
        uow.session.flush()
        return record.id, challenge.id


MODELS: dict[str, tuple[Lifecycle, Any]] = {
    "challenge": (CHALLENGE, Challenge),
    "result": (RESULT, Result),
    "proposal": (PROPOSAL, Proposal),
    "deal": (DEAL, Deal),
}


def machine(cast: Cast, kind: str) -> type[RuleBasedStateMachine]:
    table, model = MODELS[kind]
    verbs = sorted({t.verb for t in table.transitions} | {"fly", ""})

    class Tries(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.status = table.initial
            self.done: list[tuple[str, str, str, str, str]] = []

        @initialize()
        def begin(self) -> None:
            self.record_id, self.challenge_id = fresh(cast, kind)

        @rule(
            verb=st.sampled_from(verbs),
            who=st.sampled_from(sorted(cast.identities)),
            reason=st.sampled_from(["", "  ", "指标不清，请补"]),
        )
        def try_anything(self, verb: str, who: str, reason: str) -> None:
            self.attempt(verb, who, reason)

        @rule(data=st.data())
        def follow_the_table(self, data: st.DataObject) -> None:
            """So that far statuses are reached: pick a row from here and one of its actors."""
            rows = [t for t in table.transitions if t.source == self.status]
            if rows:
                row = data.draw(st.sampled_from(rows))
                fitting = [n for n, actors in cast.actors[kind].items() if actors & row.actors]
                if fitting:
                    self.attempt(row.verb, data.draw(st.sampled_from(sorted(fitting))), "指标不清，请补")

        @rule(data=st.data())
        def push_in(self, data: st.DataObject) -> None:
            """A row that exists here, tried by somebody it is not for, or without the reason it asks for."""
            rows = [t for t in table.transitions if t.source == self.status]
            if rows:
                row = data.draw(st.sampled_from(rows))
                strangers = [n for n, actors in cast.actors[kind].items() if not actors & row.actors]
                self.attempt(row.verb, data.draw(st.sampled_from(sorted(strangers))), "指标不清，请补")
                if row.reason_required:
                    fitting = [n for n, actors in cast.actors[kind].items() if actors & row.actors]
                    self.attempt(row.verb, data.draw(st.sampled_from(sorted(fitting))), " ")

        def attempt(self, verb: str, who: str, reason: str) -> None:
            rows = [t for t in table.transitions if t.source == self.status and t.verb == verb]
            may = [t for t in rows if t.actors & cast.actors[kind][who] and (reason.strip() or not t.reason_required)]
            before = utcnow()
            try:
                with UnitOfWork(cast.database) as uow:
                    moves, record = Moves(uow, cast.identities[who]), uow.session.get_one(model, self.record_id)
                    if kind == "proposal":
                        moves.proposal(record, uow.session.get_one(Challenge, self.challenge_id), verb, reason)
                    else:
                        getattr(moves, kind)(record, verb, reason)
            except MoveNotAllowed as error:
                assert not may, f"{who} may {verb} from {self.status}"
                assert error.code in {"no_such_move", "wrong_actor", "reason_required"}
                return
            assert may, f"{who} must not {verb} from {self.status}"
            self.done.append((verb, self.status, may[0].target, who, reason.strip()))
            self.status = may[0].target
            assert before - dt.timedelta(seconds=1) <= self.events()[-1].at <= utcnow()

        def events(self) -> list[Event]:
            with cast.database.session(read=True) as session:
                statement = select(Event).where(Event.subject_kind == kind, Event.subject_id == self.record_id)
                return list(session.scalars(statement.order_by(Event.id)))

        @invariant()
        def every_move_is_kept(self) -> None:
            """Status and audit trail agree with what was allowed: each with its actor, its time and its reason."""
            if not hasattr(self, "record_id"):
                return
            with cast.database.session(read=True) as session:
                record = session.get_one(model, self.record_id)
                assert (record.stage if kind == "deal" else record.status) == self.status
                public = session.scalar(
                    select(RecordAudience.token).where(
                        RecordAudience.record_kind == kind,
                        RecordAudience.record_id == self.record_id,
                        RecordAudience.token == "public",
                    )
                )
            if kind in ("challenge", "result") and self.done:
                shown = {"challenge": _PUBLIC_CHALLENGE, "result": _PUBLIC_RESULT}[kind]
                assert (public is not None) == (self.status in shown)
            kept = [(e.name, e.from_status, e.to_status, e.actor_id, e.reason) for e in self.events()]
            assert kept == [
                (f"{kind}.{verb}", source, target, cast.ids.get(who), reason)
                for verb, source, target, who, reason in self.done
            ]

    return Tries


_PUBLIC_CHALLENGE = set("published reviewing awarded signed solving solved expired closed_failed".split())
_PUBLIC_RESULT = {"listed", "negotiating", "contracted"}


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_no_path_that_the_table_does_not_have(world: World, kind: str) -> None:
    cast = people(world)
    run_state_machine_as_test(
        machine(cast, kind),
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # the failing moves read well as they are: no minutes of shrinking
        ),
    )


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_every_status_can_be_reached_and_every_row_be_walked(kind: str) -> None:
    table, _model = MODELS[kind]
    reached, queue = {table.initial}, [table.initial]
    while queue:
        here = queue.pop()
        for transition in table.transitions:
            if transition.source == here and transition.target not in reached:
                reached.add(transition.target)
                queue.append(transition.target)
    assert reached == set(table.statuses)


@pytest.mark.parametrize(
    ("table", "ends"),
    [
        (CHALLENGE, {"rejected", "solved", "closed_failed", "withdrawn"}),
        (RESULT, {"rejected"}),
        (PROPOSAL, {"disqualified", "awarded", "not_selected", "withdrawn"}),
        (DEAL, {"settled", "cancelled"}),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_what_is_final_stays_final(table: Lifecycle, ends: set[str]) -> None:
    assert set(table.statuses) - {t.source for t in table.transitions} == ends


@pytest.mark.parametrize("table", [CHALLENGE, RESULT, PROPOSAL, DEAL], ids=lambda t: t.name)
def test_whoever_refuses_says_why(table: Lifecycle) -> None:
    refusing = {"ask_changes", "reject", "disqualify", "decline", "close_failed", "take_offline", "delist", "cancel"}
    assert all(t.reason_required for t in table.transitions if t.verb in refusing)


def test_a_row_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="bad row"):
        Lifecycle("x", "a", ["a", "b"], [*CHALLENGE.transitions[:1], *CHALLENGE.transitions[:1]])
