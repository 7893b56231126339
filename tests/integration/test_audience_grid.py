"""One rule, three places: Python (one record), SQL (lists), the engines (search) agree on a grid of people and records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.domain import audience as audiences
from jieti.domain.identity import ANONYMOUS, SYSTEM, Identity
from jieti.domain.lifecycles import CHALLENGE, RESULT
from jieti.persistence.models import Challenge, Expert, Result
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.indexing import Indexing
from jieti.services.projection import MODELS, indexed
from search.engines import open_engine
from search.ports import Kind, Query, SearchEngine
from tests.elasticsearch_server import elasticsearch_prefix, elasticsearch_url  # noqa: F401 (fixtures)
from tests.world import DEQING, JINYUN, World

Record = Challenge | Result | Expert


@pytest.fixture
def people(world: World) -> dict[str, Identity]:
    """Who asks: every role, in the county and out of it, verified and not, active and waiting."""
    firm = world.organisation("enterprise")
    university = world.organisation("university", region=JINYUN)
    users = {
        "firm": world.user("enterprise", firm),
        "firm's newcomer": world.user("enterprise", firm, membership="pending"),
        "another firm": world.enterprise(),
        "a firm not verified": world.user("enterprise", world.organisation("enterprise", verification="pending")),
        "researcher": world.user("researcher", university),
        "researcher's colleague": world.user("researcher", university),
        "transfer office": world.user("transfer_office", university),
        "another researcher": world.researcher(region=JINYUN),
        "officer here": world.officer(DEQING),
        "officer there": world.officer(JINYUN),
        "officer not verified": world.user(
            "officer", world.organisation("tech_bureau", region=DEQING, verification="pending")
        ),
        "officer's newcomer": world.user(
            "officer", world.organisation("tech_bureau", region=DEQING), membership="pending"
        ),
        "broker here": world.broker(DEQING),
        "broker there": world.broker(JINYUN),
        "broker for both": world.user(
            "broker", world.organisation("broker_agency", region=DEQING, served_regions=[JINYUN])
        ),
        "province": world.user("province", world.organisation("tech_bureau", region="330106")),
    }
    world.users = users  # type: ignore[attr-defined]
    return {"nobody": ANONYMOUS} | {name: world.identity(user) for name, user in users.items()}


@pytest.fixture
def records(world: World, people: dict[str, Identity]) -> list[Record]:
    """Every status of every kind, of two organisations in two counties."""
    users: dict[str, Any] = world.users  # type: ignore[attr-defined]
    made: list[Record] = []
    for status in CHALLENGE.statuses:
        made.append(world.challenge(users["firm"], status=status))
        made.append(world.challenge(users["another firm"], status=status, region_code=JINYUN, anonymous=True))
    for status in RESULT.statuses:
        made.append(world.result(users["researcher"], status=status))
        made.append(world.result(users["another researcher"], status=status, region_code=DEQING))
    made.append(world.expert(users["researcher"]))
    made.append(world.expert(users["another researcher"], listed=False))
    return made


def python_rule(record: Record, identity: Identity) -> bool:
    if isinstance(record, Challenge):
        tokens = audiences.challenge_audience(
            status=record.status, organisation_id=record.organisation_id, region_code=record.region_code
        )
    elif isinstance(record, Result):
        tokens = audiences.result_audience(
            status=record.status,
            organisation_id=record.organisation_id,
            region_code=record.region_code,
            author_id=record.created_by_id,
        )
    else:
        tokens = audiences.expert_audience(
            listed=record.listed,
            organisation_id=record.organisation_id,
            region_code=record.region_code,
            user_id=record.user_id,
        )
    return audiences.visible_to(tokens, identity)


def kind_of(record: Record) -> Kind:
    return next(kind for kind, model in MODELS.items() if isinstance(record, model))


def by_python(records: list[Record], identity: Identity) -> set[str]:
    return {record.ref for record in records if python_rule(record, identity)}


def by_sql(house: House, identity: Identity) -> set[str]:
    found: set[str] = set()
    with UnitOfWork(house.database, read=True) as uow:
        for model in MODELS.values():
            found |= set(uow.session.scalars(select(model.ref).where(visible(model, identity))))
    return found


def by_engine(engine: SearchEngine, identity: Identity) -> set[str]:
    return {hit.ref for kind in Kind for hit in engine.search(Query(kind, identity.tokens, size=1_000)).hits}


@pytest.mark.both_databases
def test_python_and_sql_agree(house: House, people: dict[str, Identity], records: list[Record]) -> None:
    for name, identity in (people | {"system": SYSTEM}).items():
        assert by_sql(house, identity) == by_python(records, identity), name
    assert by_python(records, SYSTEM) == {r.ref for r in records}
    sizes = {name: len(by_python(records, identity)) for name, identity in people.items()}
    assert sizes["officer not verified"] == sizes["officer's newcomer"] == sizes["nobody"], sizes
    assert sizes["firm's newcomer"] == sizes["nobody"] < sizes["firm"] < sizes["officer here"], sizes


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    if request.param == "embedded":
        opened = open_engine(str(tmp_path / "search"), dimensions=64)
    else:
        url, prefix = request.getfixturevalue("elasticsearch_url"), request.getfixturevalue("elasticsearch_prefix")
        opened = open_engine(url, dimensions=64, prefix=prefix)
    yield opened
    opened.close()


def test_the_engine_agrees(
    house: House, engine: SearchEngine, people: dict[str, Identity], records: list[Record]
) -> None:
    subjects = [(kind_of(record).value, record.id) for record in records]
    assert Indexing(house.database, engine, house.matcher).refresh(subjects) == {}
    searchable = {record.ref for record in records if indexed(record)}
    assert len(searchable) == len(records) - 4, "drafts of two firms and two universities are not indexed"
    for name, identity in people.items():
        assert by_engine(engine, identity) == by_python(records, identity) & searchable, name
        for kind in Kind:
            candidates = engine.candidates(kind, text="尼龙66增韧", vector=None, audience=identity.tokens)
            assert {c.ref for c in candidates} <= by_python(records, identity), name
            for suggested in engine.suggest([kind], "尼", identity.tokens, 50):
                assert suggested[1] in by_python(records, identity), name
    assert by_engine(engine, Identity()) == by_engine(engine, ANONYMOUS)
    for kind in Kind:
        assert engine.search(Query(kind, frozenset(), size=1_000)).total == 0
