"""Rows that repeat a row or a listing: warned of row by row, left out on request, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jieti.domain.identity import SYSTEM, Identity
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, ListingKey, Organisation, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.imports.importer import BATCH, Importer, Report
from tests.integration.test_imports import count, jsonl
from tests.web import post_form
from tests.world import World

BODY = "冲压件在{0}小时盐雾试验后出现红锈，现用锌镍合金电镀，镀层厚{1}μm，希望在不增加厚度的前提下提高耐蚀性，并能在现有生产线上实施。"
OTHER = (
    "杨梅采摘后两天就软烂，冷链车上只能保鲜三天，希望找到成本不高的预冷和气调办法，把货架期延长到十天，果农自己也会用。"
)


def row(title: str = "冲压件耐蚀电镀", body: str = BODY.format(240, 8), **more: Any) -> dict[str, Any]:
    return {"title": title, "body": body, **more}


def run(
    database: Database,
    organisation: Organisation,
    path: Path,
    *,
    who: Identity = SYSTEM,
    publish: bool = True,
    leave_out: bool = False,
) -> tuple[Report, Report]:
    with UnitOfWork(database) as uow:
        owner = uow.session.merge(organisation)
        importer = Importer(uow, who, kind="challenge", organisation=owner, publish=publish)
        checked = importer.check(path)
        assert not checked.problems
        return checked, importer.write(path, skip=frozenset(checked.repeats) if leave_out else frozenset())


def codes(report: Report) -> list[tuple[int, str]]:
    return [(warning.row, warning.code) for warning in report.warnings]


@pytest.mark.both_databases
def test_rows_and_listings_that_repeat(world: World, database: Database, tmp_path: Path) -> None:
    firm = world.organisation()
    first = [
        row(id="a"),
        row(body=f"  {BODY.format(240, 8)}。 "),  # signs and spaces apart, equal
        row(body=BODY.format(480, 12)),  # other figures
        row("杨梅保鲜", OTHER),
    ]
    checked, written = run(database, firm, jsonl(tmp_path / "a.jsonl", first), leave_out=True)
    assert codes(checked) == [(2, "same_row"), (3, "similar_row")]
    assert checked.warnings[0].params["first"] == 1
    assert (list(checked.repeats), checked.alike) == ([2], 1)
    assert (written.written, written.skipped, count(database, Challenge)) == (3, 1, 3)

    again = [row(id="a"), row(id="b"), row("杨梅保鲜", OTHER.replace("果农", "农户"))]
    checked, written = run(database, firm, jsonl(tmp_path / "b.jsonl", again), leave_out=True)
    assert codes(checked) == [(2, "same_listing"), (3, "same_listing")], "row 1 updates the listing that it was before"
    assert (written.written, written.updated, written.skipped) == (1, 1, 2)
    assert count(database, Challenge) == 3

    checked, written = run(database, firm, jsonl(tmp_path / "c.jsonl", again))
    assert (len(checked.repeats), written.written, written.skipped) == (2, 3, 0), "without the choice all is written"


def test_repeats_are_found_across_batches_in_bounded_memory(world: World, database: Database, tmp_path: Path) -> None:
    rows = [row(f"示例需求第{n}号", f"第{n}项互不相干的内容。") for n in range(BATCH + 20)]
    rows[BATCH + 7] = rows[3]
    rows[BATCH + 9] = row()
    rows[5] = row()
    checked, _written = run(database, world.organisation(), jsonl(tmp_path / "n.jsonl", rows))
    assert sorted(codes(checked)) == [(BATCH + 8, "same_row"), (BATCH + 10, "same_row")]


def test_a_changed_listing_changes_its_keys(world: World, database: Database, tmp_path: Path) -> None:
    firm = world.organisation()
    run(database, firm, jsonl(tmp_path / "a.jsonl", [row(id="a")]))
    before = count(database, ListingKey)
    run(database, firm, jsonl(tmp_path / "b.jsonl", [row("杨梅保鲜", OTHER, id="a")]))
    assert count(database, ListingKey) == before
    checked, _written = run(database, firm, jsonl(tmp_path / "c.jsonl", [row()]))
    assert codes(checked) == []


def test_what_the_officer_may_not_see_is_not_told(world: World, database: Database, tmp_path: Path) -> None:
    """Another county's waiting listing and a firm's draft stay unknown; her own drafts of an earlier import do not."""
    world.challenge(
        world.enterprise(region="331122"), status="submitted", title="冲压件耐蚀电镀", main_problem=BODY.format(240, 8),
        tech_requirements="", expected_goal="", indicators=[],
    )  # fmt: skip
    officer = world.officer()
    firm, who = world.organisation(), world.identity(officer)
    path = jsonl(tmp_path / "a.jsonl", [row()])
    checked, _written = run(database, firm, path, who=who, publish=False)
    assert codes(checked) == []
    checked, _written = run(database, firm, path, who=who, publish=False)
    assert codes(checked) == [(1, "same_listing")] and checked.warnings[0].params["ref"] == ""
    other = world.identity(world.officer())
    checked, _written = run(database, firm, path, who=other, publish=False)
    assert codes(checked) == []


def test_the_page_offers_to_leave_them_out(
    world: World, database: Database, client_of: Callable[[User], FlaskClient], tmp_path: Path
) -> None:
    firm = world.organisation(name="示例五金有限公司")
    published = world.challenge(
        world.user("enterprise", firm), title="冲压件耐蚀电镀", main_problem=BODY.format(240, 8), tech_requirements="",
        expected_goal="", indicators=[],
    )  # fmt: skip
    client = client_of(world.officer())

    def upload(rows: list[dict[str, Any]]) -> str:
        path = jsonl(tmp_path / "rows.jsonl", rows)
        with path.open("rb") as file:
            sent = {"kind": "challenge", "organisation": firm.ref, "publish": "y", "file": (file, "rows.jsonl")}
            answer = post_form(client, "/imports", sent, action="/imports", content_type="multipart/form-data")
        assert answer.status_code == 303
        return str(answer.location)

    place = upload([row(), row("杨梅保鲜", OTHER)])
    page = client.get(place).get_data(as_text=True)
    assert (
        "其中1行重复，0行相似" in page
        and "与已有的“冲压件耐蚀电镀”重复" in page
        and f"/challenges/{published.ref}" in page
    )
    assert 'name="skip_repeats"' in page
    post_form(client, place, {"skip_repeats": "y"}, action="/write")
    assert "跳过1行重复的" in client.get(place).get_data(as_text=True)
    assert count(database, Challenge) == 2
    place = upload([row()])
    post_form(client, place, {}, action="/write")
    assert count(database, Challenge) == 3, "without the tick the row is written"
    with database.session(read=True) as session:
        assert session.scalar(select(func.count()).select_from(ListingKey)) or 0
