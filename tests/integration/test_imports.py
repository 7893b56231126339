"""Import: faults named by row, nothing half-written, memory bounded, a second import updates."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from jieti.domain.errors import NotAllowed
from jieti.domain.identity import SYSTEM
from jieti.persistence.database import Database
from jieti.persistence.models import (
    Challenge,
    Event,
    ListingVersion,
    Organisation,
    OutboxRow,
    RecordAudience,
    Result,
    User,
)
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.imports.errors import UnreadableFile
from jieti.services.imports.importer import BATCH, Importer, Report
from tests.web import forms, post_form
from tests.world import World


def jsonl(path: Path, rows: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(database: Database, organisation: Organisation, kind: str, path: Path, *, publish: bool = True) -> Report:
    with UnitOfWork(database) as uow:
        importer = Importer(uow, SYSTEM, kind=kind, organisation=uow.session.merge(organisation), publish=publish)
        report = importer.check(path)
        return report if report.problems else importer.write(path)


def count(database: Database, model: type) -> int:
    with UnitOfWork(database, read=True) as uow:
        return uow.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.both_databases
def test_published_rows_have_audience_version_event_and_outbox(
    world: World, database: Database, tmp_path: Path
) -> None:
    firm = world.organisation()
    rows = [{"id": f"n{i}", "title": f"示例需求{i}", "body": "原料批次波动大，成品率低。"} for i in range(BATCH + 3)]
    report = run(database, firm, "challenge", jsonl(tmp_path / "n.jsonl", rows))
    assert (report.written, report.updated) == (BATCH + 3, 0)
    assert count(database, Challenge) == count(database, Event) == count(database, ListingVersion) == BATCH + 3
    assert count(database, OutboxRow) == 2 * (BATCH + 3)
    with UnitOfWork(database, read=True) as uow:
        public = select(func.count()).where(RecordAudience.token == "public")
        assert uow.session.scalar(public) == BATCH + 3


def test_a_second_import_updates_instead_of_doubling(world: World, database: Database, tmp_path: Path) -> None:
    university = world.organisation("university")
    run(database, university, "result", jsonl(tmp_path / "a.jsonl", [{"id": "r1", "title": "旧标题"}]))
    report = run(
        database,
        university,
        "result",
        jsonl(tmp_path / "b.jsonl", [{"id": "r1", "title": "新标题"}, {"id": "r2", "title": "另一项"}]),
    )
    assert (report.written, report.updated) == (2, 1)
    with UnitOfWork(database, read=True) as uow:
        titles = dict(uow.session.execute(select(Result.title, Result.version)).all())
    assert titles == {"新标题": 2, "另一项": 1}


def test_every_fault_is_named_by_row_and_nothing_is_written(world: World, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    lines = [
        '{"title": "好的一行"}',
        '{"title": "坏掉',
        '["不是对象"]',
        '{"title": ""}',
        '{"title": "钱不对", "budget": "-5"}',
        '{"title": "长", "body": "' + "长" * 20000 + '"}',
    ]
    path.write_bytes(
        "\n".join(lines).encode()
        + b"\n\xff\xfe\n"
        + '{"id": "x", "title": "一"}\n{"id": "x", "title": "二"}\n'.encode()
    )
    report = run(database, world.organisation(), "challenge", path)
    assert {(p.row, p.code) for p in report.problems} == {
        (2, "json_broken"),
        (3, "json_no_object"),
        (4, "required"),
        (5, "money_negative"),
        (6, "too_long"),
        (7, "not_utf8"),
        (9, "double_key"),
    }
    assert (report.total, report.faulty) == (9, 7)
    assert count(database, Challenge) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_as_excel_writes_it(world: World, database: Database, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(
            [["需求名称", "主要问题", "拟投入资金（万元）", "备注"], ["示例，含逗号", "第一行\n第二行", "１２０", "略"]]
        )
    assert run(database, world.organisation(), "challenge", path).written == 1
    with UnitOfWork(database, read=True) as uow:
        row = uow.session.scalars(select(Challenge)).one()
    assert (row.title, int(row.budget or 0)) == ("示例，含逗号", 120)


def workbook(path: Path, rows: Iterable[Iterable[object]], merge: str = "") -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    book.save(path)
    return path


def test_xlsx_with_good_rows(world: World, database: Database, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", [["成果名称", "简介", "成熟度"], ["一种示例方法", "内容", 6], [None, None, None]]
    )
    assert run(database, world.organisation("university"), "result", path).written == 1


def test_xlsx_with_wrong_heads_says_which(world: World, database: Database, tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["需求名称", "预算大概"], ["x", 1]])
    with pytest.raises(UnreadableFile) as caught:
        run(database, world.organisation(), "challenge", path)
    assert caught.value.code == "unknown_heads" and caught.value.params["unknown"] == "预算大概"
    with pytest.raises(UnreadableFile) as caught:
        run(database, world.organisation(), "challenge", workbook(tmp_path / "u.xlsx", [["甲", "乙"], [1, 2]]))
    assert caught.value.code == "no_heads"


def test_xlsx_with_merged_cells_or_a_formula(world: World, database: Database, tmp_path: Path) -> None:
    heads = ["需求名称", "主要问题"]
    with pytest.raises(UnreadableFile) as caught:
        run(
            database,
            world.organisation(),
            "challenge",
            workbook(tmp_path / "m.xlsx", [heads, ["x", "y"], ["z", ""]], merge="A2:A3"),
        )
    assert caught.value.code == "merged_cells" and "A2:A3" in caught.value.params["ranges"]
    report = run(database, world.organisation(), "challenge", workbook(tmp_path / "f.xlsx", [heads, ["=1+1", "y"]]))
    assert [(p.row, p.code, p.params["cell"]) for p in report.problems] == [(2, "formula", "A2")]


def test_files_that_are_not_what_they_say(world: World, database: Database, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"MZ not a workbook")
    (tmp_path / "x.exe").write_bytes(b"MZ")
    with zipfile.ZipFile(tmp_path / "y.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook either")
    for name, code in (("x.xlsx", "xlsx_broken"), ("x.exe", "import_file_type"), ("y.xlsx", "xlsx_broken")):
        with pytest.raises(UnreadableFile) as caught:
            run(database, world.organisation(), "challenge", tmp_path / name)
        assert caught.value.code == code


def test_an_officer_imports_for_the_own_county_only(world: World, database: Database) -> None:
    officer, far = world.identity(world.officer()), world.organisation(region="331122")
    firm = world.identity(world.enterprise())
    with UnitOfWork(database, read=True) as uow:
        for who in (officer, firm):
            with pytest.raises(NotAllowed):
                Importer(uow, who, kind="challenge", organisation=far, publish=True)


class TestPages:
    """The officer's pages: upload, see the faults, mend, write once."""

    def upload(self, client: FlaskClient, owner: Organisation, path: Path, **more: str) -> TestResponse:
        with path.open("rb") as file:
            values = {"kind": "challenge", "organisation": owner.ref, "publish": "y", "file": (file, path.name), **more}
            return post_form(client, "/imports", values, action="/imports", content_type="multipart/form-data")

    def test_a_faulty_table_is_refused_and_comes_back_marked(
        self, world: World, client_of: Callable[[User], FlaskClient], tmp_path: Path, database: Database
    ) -> None:
        firm, client = world.organisation(), client_of(world.officer())
        answer = self.upload(
            client, firm, workbook(tmp_path / "t.xlsx", [["需求名称", "拟投入资金"], ["甲", "-3"], ["乙", 5]])
        )
        page = client.get(answer.location)
        assert "1行可导入，1行有误" in page.text and "金额不能是负数" in page.text
        marked = load_workbook(io.BytesIO(client.get(answer.location + "/marked.xlsx").data)).active
        assert [c.value for c in marked[2]] == ["甲", "-3", "拟投入资金 金额不能是负数。"]
        assert client.post(answer.location + "/write").status_code in {400, 409}
        assert count(database, Challenge) == 0

    def test_a_good_table_is_written_once(
        self, world: World, client_of: Callable[[User], FlaskClient], tmp_path: Path, database: Database
    ) -> None:
        firm, client = world.organisation(), client_of(world.officer())
        answer = self.upload(client, firm, workbook(tmp_path / "t.xlsx", [["需求名称"], ["甲"], ["乙"]]))
        assert "2行都可以导入" in client.get(answer.location).text
        for _ in range(2):
            token = next(
                f["hidden"]["csrf_token"] for f in forms(client.get("/imports")) if "csrf_token" in f["hidden"]
            )
            assert client.post(answer.location + "/write", data={"csrf_token": token}).status_code == 303
        assert count(database, Challenge) == 2
        assert "已导入2行" in client.get(answer.location).text

    def test_the_fault_stands_beside_the_field(
        self, world: World, client_of: Callable[[User], FlaskClient], tmp_path: Path
    ) -> None:
        firm, client = world.organisation(), client_of(world.officer())
        answer = self.upload(client, firm, workbook(tmp_path / "t.xlsx", [["甲"], ["乙"]]))
        assert answer.status_code == 422 and "没有“名称”列" in answer.text
        (tmp_path / "t.exe").write_bytes(b"MZ")
        assert "不能导入.exe文件" in self.upload(client, firm, tmp_path / "t.exe").text

    def test_another_officers_run_is_not_there(
        self, world: World, client_of: Callable[[User], FlaskClient], tmp_path: Path
    ) -> None:
        firm = world.organisation()
        answer = self.upload(client_of(world.officer()), firm, workbook(tmp_path / "t.xlsx", [["需求名称"], ["甲"]]))
        assert client_of(world.officer()).get(answer.location).status_code == 404
