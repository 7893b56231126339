"""The funnel is what the events say, row by row, and nobody else's county."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from jieti.domain.dates import china_day
from jieti.domain.errors import NotAllowed
from jieti.domain.identity import SYSTEM
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Deal, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.figures import STAGES, FiguresService, Selection
from tests.web import counted_queries
from tests.world import World

TODAY = china_day(utcnow())
YEAR = Selection(TODAY - dt.timedelta(days=365), TODAY)


def told(
    world: World, challenge: Challenge, *names: str, days_ago: int = 1, value: str = "100", tech: str = "80"
) -> None:
    """Write the events of a challenge's way, as the services do."""
    at = utcnow() - dt.timedelta(days=days_ago)
    with UnitOfWork(world.database) as uow:
        common = {"region_code": challenge.region_code, "field": challenge.field, "at": at}
        for name in names:
            if name.startswith("deal."):
                broker = uow.session.query(User).first()
                assert broker is not None
                deal = uow.session.query(Deal).filter_by(challenge_id=challenge.id).first()
                if deal is None:
                    deal = Deal(
                        title="t",
                        challenge_id=challenge.id,
                        buyer_id=challenge.organisation_id,
                        broker_id=broker.id,
                        region_code=challenge.region_code,
                    )
                    uow.session.add(deal)
                    uow.session.flush()
                data = {"contract_value": value, "tech_value": tech} if name == "deal.sign_contract" else {}
                uow.record(name, "deal", deal.id, SYSTEM, data=data, **common)
            else:
                uow.record(name, "challenge", challenge.id, SYSTEM, **common)


@pytest.mark.both_databases
def test_the_funnel_is_recomputed_from_events(world: World, database: Database) -> None:
    firm, officer = world.enterprise(), world.officer()
    far = world.enterprise(region="331122")
    one, two, three = (world.challenge(firm) for _ in range(3))
    elsewhere = world.challenge(far)
    told(world, one, "challenge.publish", "match.found", "deal.open", "deal.sign_contract", value="120.5", tech="100")
    told(world, two, "challenge.publish", "match.found", "deal.open")
    told(world, three, "challenge.publish", days_ago=400)
    told(world, elsewhere, "challenge.publish", "match.found")
    with UnitOfWork(database, read=True) as uow:
        service = FiguresService(uow, world.identity(officer))
        total = service.figures(YEAR).total
        assert [getattr(total, stage) for stage in STAGES] == [2, 2, 2, 1]
        assert (str(total.contract_value), str(total.tech_value)) == ("120.5", "100")
        for stage in STAGES:
            rows, count = service.rows(YEAR, stage)
            assert count == len(rows) == getattr(total, stage)
        by_month = service.figures(YEAR).by_month
        assert sum(t.published for t in by_month.values()) == total.published


def test_a_signing_told_twice_counts_once_with_its_newest_amount(world: World, database: Database) -> None:
    challenge, officer = world.challenge(world.enterprise()), world.officer()
    told(world, challenge, "challenge.publish", "deal.open", "deal.sign_contract", value="100", days_ago=3)
    told(world, challenge, "deal.sign_contract", value="90", tech="60", days_ago=1)
    with UnitOfWork(database, read=True) as uow:
        total = FiguresService(uow, world.identity(officer)).figures(YEAR).total
    assert (total.signed, str(total.contract_value), str(total.tech_value)) == (1, "90", "60")


def test_a_firm_has_no_figures(world: World, database: Database, client_of: Callable[[User], FlaskClient]) -> None:
    firm = world.enterprise()
    with UnitOfWork(database, read=True) as uow, pytest.raises(NotAllowed):
        FiguresService(uow, world.identity(firm)).figures(YEAR)
    assert client_of(firm).get("/figures").status_code == 404


def test_pages_and_exports_say_the_same(world: World, client_of: Callable[[User], FlaskClient]) -> None:
    firm, officer = world.enterprise(), world.officer()
    challenge = world.challenge(firm, title="=HYPERLINK 样的标题")
    told(world, challenge, "challenge.publish", "match.found", "deal.open", "deal.sign_contract")
    client = client_of(officer)
    page = client.get("/figures")
    assert page.status_code == 200
    assert "100%" in page.text
    assert challenge.title in client.get("/figures/rows?stage=signed").text
    csv = client.get("/figures/export.csv").get_data(as_text=True)
    assert "'=HYPERLINK" in csv  # a spreadsheet must not run it
    book = load_workbook(io.BytesIO(client.get("/figures/export.xlsx").data))
    rows = list(book.worksheets[2].values)
    assert rows[1][1] == challenge.title and book.worksheets[2].cell(2, 2).data_type == "s"
    assert client.get("/figures/export.pdf").status_code == 404
    assert client.get("/figures?month=nonsense&field=%00").status_code == 200


def test_queries_do_not_grow_with_rows(
    world: World, database: Database, client_of: Callable[[User], FlaskClient]
) -> None:
    firm, client = world.enterprise(), client_of(world.officer())
    counts = []
    for _ in range(2):
        for _ in range(4):
            told(world, world.challenge(firm), "challenge.publish", "match.found", "deal.open")
        with counted_queries(database) as statements:
            assert client.get("/figures").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
