"""From a change to the index: the worker reads the truth, and nothing that is sealed, hidden or a draft goes in."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from jieti.bootstrap import House
from jieti.domain.identity import ANONYMOUS, PUBLIC
from jieti.jobs.handlers import INDEX, drain
from jieti.persistence.models import Challenge, OutboxRow
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import projection
from jieti.services.indexing import Indexing
from jieti.services.moves import Moves
from search.ports import Document, EngineUnavailable, Failure, Kind, Query, SearchEngine
from tests.world import World

pytestmark = pytest.mark.both_databases

CANARY = "密封金丝雀配方"
FIRM = "绝密金丝雀有限公司"


def index_all(house: House) -> int:
    outbox = Outbox(house.database)
    total = 0
    while done := drain(house, outbox, INDEX):
        total += done
    return total


def waiting(house: House, topic: str = "index") -> list[OutboxRow]:
    with UnitOfWork(house.database, read=True) as uow:
        return list(uow.session.scalars(select(OutboxRow).where(OutboxRow.topic == topic)))


def found(house: House, text: str, kind: Kind = Kind.CHALLENGE, tokens: frozenset[str] = ANONYMOUS.tokens) -> set[str]:
    return {hit.ref for hit in house.search.search(Query(kind, tokens, text=text)).hits}


class Recording:
    """The engine, with everything that is put into it written down."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self.documents: list[Document] = []

    def put(self, documents: list[Document]) -> list[Failure]:
        self.documents += documents
        return list(self._engine.put(documents))

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)


def test_published_listings_of_all_kinds_are_found_after_the_drain(house: House, world: World) -> None:
    challenge = world.challenge(world.enterprise())
    author = world.researcher()
    result = world.result(author)
    expert = world.expert(author)
    assert index_all(house) == 3
    assert waiting(house) == []
    assert found(house, "尼龙66复合材料") == {challenge.ref}
    assert found(house, "增韧尼龙66制备", Kind.RESULT) == {result.ref}
    assert found(house, "高分子材料增韧", Kind.EXPERT) == {expert.ref}
    assert len(waiting(house, "match")) == 3  # matching is another topic's work


def test_neither_sealed_text_nor_an_anonymous_firm_nor_contacts_reach_a_document(house: House, world: World) -> None:
    owner = world.user("enterprise", world.organisation("enterprise", name=FIRM))
    world.challenge(
        owner,
        sealed_text=f"真实配方是{CANARY}",
        sealed_indicators=[
            {"name": CANARY, "operator": ">=", "value": "7", "value_to": "", "unit": "%", "condition": CANARY}
        ],
        anonymous=True,
        contact_name="金丝雀联系人",
        contact_phone="0572-7654321",
        draft={"problem": {"title": CANARY}},
    )
    recording = Recording(house.search)
    subjects = [row.subject_kind for row in waiting(house)]
    assert subjects == ["challenge"]
    refused = Indexing(house.database, recording, house.matcher).refresh(
        [(r.subject_kind, r.subject_id) for r in waiting(house)]
    )  # type: ignore[arg-type]
    assert refused == {}
    (document,) = recording.documents
    written = repr(document)
    for secret in (CANARY, FIRM, "金丝雀联系人", "7654321"):
        assert secret not in written
    for secret in (CANARY, FIRM):
        assert found(house, secret, tokens=frozenset({PUBLIC, f"org:{owner.organisation_id}"})) == set()


def test_sealed_text_does_not_move_the_vector(house: House, world: World) -> None:
    plain = world.challenge(world.enterprise())
    sealed = world.challenge(world.enterprise(), sealed_text="与公开内容毫不相干的一大段话" * 50)
    index_all(house)
    vectors = house.search.vectors(Kind.CHALLENGE, [plain.ref, sealed.ref])
    assert (vectors[plain.ref] == vectors[sealed.ref]).all()


def test_a_draft_is_not_indexed_and_a_recalled_listing_leaves_the_index(house: House, world: World) -> None:
    owner = world.enterprise()
    world.challenge(owner, status="draft")
    submitted = world.challenge(owner, status="submitted")
    index_all(house)
    assert [ref for ref, _version in house.search.versions(Kind.CHALLENGE)] == [submitted.ref]
    identity = world.identity(owner)
    with UnitOfWork(house.database) as uow:
        Moves(uow, identity).challenge(uow.session.get_one(Challenge, submitted.id), "recall")
    index_all(house)
    assert list(house.search.versions(Kind.CHALLENGE)) == []


def test_withdrawn_is_gone_for_the_public_and_there_for_its_owner(house: House, world: World) -> None:
    owner = world.enterprise()
    challenge = world.challenge(owner)
    index_all(house)
    identity = world.identity(owner)
    with UnitOfWork(house.database) as uow:
        Moves(uow, identity).challenge(uow.session.get_one(Challenge, challenge.id), "withdraw")
    index_all(house)
    assert found(house, "尼龙66") == set()
    assert found(house, "尼龙66", tokens=identity.tokens) == {challenge.ref}


def test_one_refused_document_fails_alone(house: House, world: World) -> None:
    good = world.challenge(world.enterprise())
    bad = world.challenge(world.enterprise())
    with UnitOfWork(house.database) as uow:  # a row no service would write
        uow.session.execute(update(Challenge).where(Challenge.id == bad.id).values(version=-1))
    index_all(house)
    (row,) = waiting(house)
    assert (row.subject_id, row.attempts) == (bad.id, 1)
    assert "version" in row.last_error
    assert found(house, "尼龙66") == {good.ref}


def test_one_text_the_encoder_cannot_take_fails_alone(house: House, world: World) -> None:
    class Choking:
        def __init__(self, inner: object) -> None:
            self.inner = inner

        def encode(self, texts: list[str], *rest: object, **options: object) -> object:
            if any("毒" in text for text in texts):
                raise ValueError("cannot encode")
            return self.inner.encode(texts, *rest, **options)  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    good = world.challenge(world.enterprise())
    bad = world.challenge(world.enterprise(), title="毒")
    house.matcher.encoder = Choking(house.matcher.encoder)  # type: ignore[assignment]
    index_all(house)
    (row,) = waiting(house)
    assert row.subject_id == bad.id and "cannot encode" in row.last_error
    assert {ref for ref, _version in house.search.versions(Kind.CHALLENGE)} == {good.ref}


def test_while_the_engine_is_away_everything_waits_and_then_goes_in(house: House, world: World) -> None:
    class Away:
        def put(self, _documents: object) -> object:
            raise EngineUnavailable("connection refused")

    challenge = world.challenge(world.enterprise())
    engine = house.search
    house.__dict__["search"] = Away()
    outbox = Outbox(house.database)
    with pytest.raises(EngineUnavailable):
        drain(house, outbox, INDEX)
    (row,) = waiting(house)
    assert row.attempts == 0 and "connection refused" in row.last_error
    house.__dict__["search"] = engine
    outbox.end_leases()
    index_all(house)
    assert found(house, "尼龙66") == {challenge.ref}


def test_the_anonymous_firm_is_not_named_where_its_city_is(house: House, world: World) -> None:
    owner = world.enterprise()
    challenge = world.challenge(owner, anonymous=True)
    with UnitOfWork(house.database, read=True) as uow:
        (item,) = projection.read(uow, Kind.CHALLENGE, [challenge.id])
    assert isinstance(item, projection.Projected)
    assert item.document.organisation == ""
    assert item.document.facets["county"] == ("330521",) and item.document.facets["city"] == ("3305",)


def test_reading_a_batch_takes_the_same_number_of_queries_whatever_its_size(house: House, world: World) -> None:
    from tests.web import counted_queries

    owner = world.enterprise()
    ids = [world.challenge(owner).id for _ in range(12)]
    numbers = []
    for some in (ids[:2], ids):
        with counted_queries(house.database) as statements, UnitOfWork(house.database, read=True) as uow:
            assert len(projection.read(uow, Kind.CHALLENGE, some)) == len(some)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 3


def test_what_has_no_index_is_refused_by_name(house: House, world: World) -> None:
    owner = world.enterprise()
    assert Indexing(house.database, house.search, house.matcher).refresh([("user", owner.id)]) == {
        ("user", owner.id): "no index for user"
    }
