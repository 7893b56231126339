"""匹配质量: for everyone, in counts that tell of no single person or listing; the files say the same as the page."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from jieti.domain.dates import china_day, china_midnight
from jieti.persistence.database import Database
from jieti.persistence.models import MatchVerdict, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.match_quality import MatchQuality
from jieti.web.match_quality import released
from tests.web import counted_queries, post_form
from tests.world import World

TODAY = china_day(utcnow())
LONG_AGO = TODAY - dt.timedelta(days=100)


def judge(
    world: World, number: int, *, fits: bool, reason: str = "", level: int = 4, role: str = "broker", days: int = 0
) -> None:
    """So many verdicts, each of a person and on a match of its own."""
    people = [world.broker() for _ in range(number)]
    firm = world.enterprise()
    for person in people:
        match = world.match(world.challenge(firm), world.result(world.researcher()), level=level)
        with UnitOfWork(world.database) as uow:
            uow.session.add(
                MatchVerdict(
                    match_id=match.id, user_id=person.id, fits=fits, reason=reason, level=level, role=role,
                    at=utcnow() - dt.timedelta(days=days),
                )
            )  # fmt: skip


@pytest.mark.both_databases
def test_counts_by_level_month_and_reason(world: World, database: Database) -> None:
    judge(world, 6, fits=True)
    judge(world, 5, fits=False, reason="maturity")
    judge(world, 6, fits=True, level=3, days=40)
    judge(world, 5, fits=True, role="researcher")  # of their own results: no judgement of the matcher
    judge(world, 3, fits=True, days=200)  # before the release
    with UnitOfWork(database, read=True) as uow:
        got = MatchQuality(uow, world.identity(world.broker())).verdicts(LONG_AGO)
    assert (got.all.fits, got.all.misfits) == (12, 5)
    assert [(c.key, c.fits, c.misfits, c.hidden) for c in got.by_level] == [
        ("4", 6, 5, False), ("3", 6, 0, False), ("2", 0, 0, False)
    ]  # fmt: skip
    assert [(c.key, c.misfits) for c in got.reasons if c.total] == [("maturity", 5)]
    assert sum(c.total for c in got.by_month) == 17
    assert got.by_month[0].key == f"{TODAY:%Y-%m}"


def test_the_first_and_the_last_month_are_counted_in_china(world: World, database: Database) -> None:
    """A verdict at half past midnight in China is of that day, though UTC has the day before."""
    judge(world, 5, fits=True)
    first = LONG_AGO.replace(day=1)
    with UnitOfWork(database) as uow:
        for row in uow.session.query(MatchVerdict):
            row.at = china_midnight(first) + dt.timedelta(minutes=30)
    with UnitOfWork(database, read=True) as uow:
        service = MatchQuality(uow, world.identity(world.broker()))
        assert [(c.key, c.total) for c in service.verdicts(first).by_month if c.total] == [(f"{first:%Y-%m}", 5)]
        assert service.verdicts(first + dt.timedelta(days=1)).all.total == 0


def test_the_page_before_anybody_judged(client: FlaskClient) -> None:
    page = client.get("/match-quality")
    assert page.status_code == 200 and "还没有人判断过" in page.text
    for method in released().methods:
        assert f"{method.ndcg.mean:.3f}" in page.text and f"{method.ndcg.low:.3f}" in page.text
    assert "匹配质量" in client.get("/").text, "linked from the footer"
    assert "/match-quality" in client.get("/help/matching").text


def test_few_verdicts_are_told_to_nobody(world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(world, 4, fits=False, reason="taken")
    page = client.get("/match-quality").text
    assert "还不足5条" in page and "已被占用" not in page and "table=verdicts" not in page
    assert "已被占用" not in client.get("/match-quality/export.csv?table=verdicts").text


def test_page_and_files_say_the_same_and_name_no_listing(world: World, client: FlaskClient) -> None:
    judge(world, 9, fits=True)
    judge(world, 3, fits=False, reason="indicators")
    judge(world, 6, fits=False, reason="maturity", level=3)
    judge(world, 2, fits=False, reason="field", level=2)
    page = client.get("/match-quality").text
    assert "75%，9/12" in page and "不足5条" in page
    assert "高抗冲尼龙66" not in page and "示例单位" not in page
    assert "成熟度低" in page
    csv = client.get("/match-quality/export.csv?table=verdicts").get_data(as_text=True)
    assert "按等级,强,12,9,3" in csv and "按等级,弱,不足5条,," in csv and "按等级,较强,不足5条,," in csv
    book = load_workbook(io.BytesIO(client.get("/match-quality/export.xlsx").data))
    assert [sheet.title for sheet in book.worksheets] == ["发布的数字", "等级可靠吗", "发布以来的判断"]
    figures = list(book.worksheets[0].values)
    assert figures[1][1] == released().methods[0].ndcg.mean and len(figures) == len(released().methods) + 1
    assert ("按等级", "强", 12, 9, 3) in list(book.worksheets[2].values)
    assert client.get("/match-quality/export.csv").status_code == 200
    for wrong in ("/match-quality/export.pdf", "/match-quality/export.csv?table=users"):
        assert client.get(wrong).status_code == 404


def test_english_has_no_chinese_left(world: World, client: FlaskClient) -> None:
    judge(world, 6, fits=False, reason="maturity")
    client.post("/display", data={"locale": "en"})
    page = post_form(client, "/match-quality", {"locale": "en"}, action="/display", follow_redirects=True).text
    assert "Match quality" in page and "100% (6/6)" in page


def test_a_verdict_keeps_the_moment(world: World, database: Database, client_of: Callable[[User], FlaskClient]) -> None:
    firm, researcher, broker = world.enterprise(), world.researcher(), world.broker()
    match = world.match(world.challenge(firm), world.result(researcher), level=3)
    for person in (firm, researcher, broker):
        post_form(client_of(person), f"/matches/{match.ref}", {"verdict": "fits"}, action="/verdict")
    with UnitOfWork(database, read=True) as uow:
        rows = uow.session.query(MatchVerdict).all()
    assert {row.user_id: row.role for row in rows} == {
        firm.id: "enterprise", researcher.id: "researcher", broker.id: "broker"
    }  # fmt: skip
    assert {(row.level, row.matcher_version) for row in rows} == {(3, "test")}


def test_queries_do_not_grow(world: World, database: Database, client: FlaskClient) -> None:
    counts = []
    for _ in range(2):
        judge(world, 6, fits=True)
        with counted_queries(database) as statements:
            assert client.get("/match-quality").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
