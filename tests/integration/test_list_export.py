"""导出 Excel of the lists: the rows of the page of the same URL, all of them, and nothing that the page would not show."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from jieti.bootstrap import House
from jieti.jobs.handlers import INDEX, drain
from jieti.persistence.models import User
from jieti.persistence.outbox import Outbox
from jieti.services import search_service
from jieti.web.downloads import XLSX
from jieti.web.posting import mine_export
from jieti.web.search import listing_export
from search.engines import open_engine
from search.ports import EngineUnavailable
from tests.web import counted_queries
from tests.world import JINYUN, World

ClientOf = Callable[[User], FlaskClient]
SEALED = "密封金丝雀配方"
SEALED_INDICATOR = "密封金丝雀指标"
FIRM = "绝密金丝雀有限公司"
LISTS = ("/challenges", "/results", "/experts")


@pytest.fixture(autouse=True)
def floor(house: House) -> None:
    """The tests' encoder finds likeness in any two Chinese texts: only what is nearly the same counts as a neighbour."""
    house.__dict__["search"] = open_engine(house.settings.search_url, dimensions=64, similarity_floor=0.97)


def index_all(house: House) -> None:
    while drain(house, Outbox(house.database), INDEX):
        pass


def engine_down(house: House) -> None:
    def search(_query: Any) -> None:
        raise EngineUnavailable("connection refused")

    house.__dict__["search"] = SimpleNamespace(search=search, close=house.search.close)


def sheets(client: FlaskClient, url: str) -> tuple[list[str], list[dict[str, Any]], dict[str, Any]]:
    """(heads, rows by head, what the second sheet says)."""
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    book = load_workbook(io.BytesIO(answer.data))
    first, second = book.worksheets
    table = list(first.iter_rows(values_only=True))
    heads = [str(head) for head in table[0]]
    about = {str(name): value for name, value in second.iter_rows(min_row=2, values_only=True)}
    return heads, [dict(zip(heads, row, strict=True)) for row in table[1:]], about


def everything(client: FlaskClient, url: str) -> str:
    _heads, rows, about = sheets(client, url)
    return str((rows, about))


def test_a_challenge_stands_in_the_file_as_on_the_page(client: FlaskClient, house: House, world: World) -> None:
    owner = world.user("enterprise", world.organisation("enterprise", name="示例塑料厂"))
    challenge = world.challenge(owner, budget=Decimal("80.5"), deadline=dt.date(2099, 12, 31), trl_min=6)
    world.challenge(owner, title="面议的需求", budget=None)
    index_all(house)
    answer = client.get("/challenges/export.xlsx")
    assert answer.mimetype == XLSX
    named = unquote(answer.headers["Content-Disposition"])
    assert "filename*=UTF-8''技术需求-20" in named and named.endswith(".xlsx")
    assert answer.cache_control.private
    heads, rows, about = sheets(client, "/challenges/export.xlsx")
    assert heads[:5] == ["编号", "需求名称", "状态", "企业", "县（市、区）"] and "投入资金（万元）" in heads
    by_title = {row["需求名称"]: row for row in rows}
    row = by_title[challenge.title]
    assert row["编号"] == challenge.ref and row["企业"] == "示例塑料厂" and row["县（市、区）"] == "德清县"
    assert row["状态"] == "待揭榜" and row["技术领域"] == "新材料" and row["应用行业"] == "制造业"
    assert row["投入资金（万元）"] == 80.5 and row["截止日期"] == dt.datetime(2099, 12, 31)
    assert row["技术指标"] == "缺口冲击强度 ≥12kJ/m² -30℃" and row["成熟度不低于"] == "TRL 6"
    assert row["网址"] == f"{house.settings.public_url}/challenges/{challenge.ref}"
    assert by_title["面议的需求"]["投入资金（万元）"] == "面议"
    assert about["总数"] == 2 and about["排序"] == "最新发布" and "请注意" not in about


def test_results_and_experts(client: FlaskClient, house: House, world: World) -> None:
    author = world.researcher()
    expert = world.expert(author, fields=["new_materials"], provides="检测与中试")
    result = world.result(author, expert_id=expert.id, trl=6)
    index_all(house)
    _heads, [row], _about = sheets(client, "/results/export.xlsx")
    assert row["编号"] == result.ref and row["成果名称"] == result.title and row["成熟度"] == "TRL 6"
    _heads, [row], _about = sheets(client, "/experts/export.xlsx")
    assert (
        row["编号"] == expert.ref and row["领域"] == "新材料" and row["可以提供"] == "检测与中试" and row["成果数"] == 1
    )


def test_text_filters_and_sort_are_those_of_the_list(client: FlaskClient, house: House, world: World) -> None:
    here, there = world.enterprise(), world.enterprise(region=JINYUN)
    for n, budget in enumerate((30, 90, 60)):
        world.challenge(here, title=f"尼龙需求{n}", field="new_materials", budget=Decimal(budget))
    world.challenge(there, title="轴承需求", field="advanced_equipment", main_problem="异响", keywords=["轴承"])
    index_all(house)

    def titles(query: str) -> list[str]:
        return [row["需求名称"] for row in sheets(client, f"/challenges/export.xlsx?{query}")[1]]

    assert titles("field=new_materials&sort=amount") == ["尼龙需求1", "尼龙需求2", "尼龙需求0"]
    assert titles("county=3311") == titles("q=轴承") == ["轴承需求"]
    assert titles("field=advanced_equipment&county=330521") == []
    about = sheets(client, "/challenges/export.xlsx?q=尼龙&field=new_materials&county=330521&county=999999")[2]
    assert about["搜索"] == "尼龙" and about["领域"] == "新材料" and about["地区"] == "德清县"
    assert about["请注意"] == "网址里有不认识的条件，已忽略。"


def test_the_link_carries_what_narrows_the_list(client: FlaskClient, house: House, world: World) -> None:
    for path in LISTS:
        assert "导出 Excel" not in client.get(path).get_data(as_text=True), "an empty list has nothing to take out"
    author = world.researcher()
    world.expert(author)
    world.result(author)
    for n in range(21):
        world.challenge(world.enterprise(), title=f"尼龙需求{n}")
    index_all(house)
    page = client.get("/challenges?q=尼龙&field=new_materials&sort=newest&page=2&_external=1&nonsense=1")
    link = "/challenges/export.xlsx?q=%E5%B0%BC%E9%BE%99&amp;sort=newest&amp;field=new_materials"
    assert f'href="{link}"' in page.get_data(as_text=True)
    assert len(sheets(client, link.replace("&amp;", "&"))[1]) == 21, "every page of the list"
    for path in LISTS[1:]:
        assert f'href="{path}/export.xlsx"' in client.get(path).get_data(as_text=True)


def test_an_empty_list_is_a_table_of_heads(client: FlaskClient, house: House) -> None:
    for path in LISTS:
        heads, rows, about = sheets(client, f"{path}/export.xlsx")
        assert heads[0] == "编号" and rows == [] and about["总数"] == 0


def test_what_is_sealed_or_not_public_is_never_in_it(
    client: FlaskClient, client_of: ClientOf, house: House, world: World
) -> None:
    owner = world.user("enterprise", world.organisation("enterprise", name=FIRM))
    world.challenge(
        owner,
        title="匿名的尼龙需求",
        anonymous=True,
        sealed_text=SEALED,
        sealed_indicators=[{"name": SEALED_INDICATOR, "operator": ">=", "value": "1", "unit": "", "condition": ""}],
    )
    for status in ("draft", "submitted", "rejected", "withdrawn"):
        world.challenge(owner, title=f"不公开的需求{status}", status=status)
    author = world.researcher()
    world.result(author, title="不公开的成果", status="submitted")
    world.expert(world.researcher(), listed=False)
    index_all(house)
    outsiders = [client, client_of(author), client_of(world.enterprise())]
    insiders = [client_of(owner), client_of(world.officer())]
    for down in (False, True):
        if down:
            engine_down(house)
        for person in outsiders + insiders:
            text = everything(person, "/challenges/export.xlsx")
            assert "匿名的尼龙需求" in text and "不公开" not in text
            assert SEALED not in text and SEALED_INDICATOR not in text and "示例联系人" not in text
            assert "0572" not in text and (FIRM in text) is (person in insiders)
            assert "不公开" not in everything(person, "/results/export.xlsx")
            assert sheets(person, "/experts/export.xlsx")[1] == []
    assert "不公开" not in everything(client, "/challenges/export.xlsx?status=submitted")


def test_ones_own_list(client: FlaskClient, client_of: ClientOf, house: House, world: World) -> None:
    owner = world.enterprise()
    world.challenge(owner, title="自己的草稿", status="draft", sealed_text=SEALED)
    world.challenge(owner, title="自己的需求")
    world.challenge(world.enterprise(), title="别人的需求")
    mine = client_of(owner)
    url = "/challenges/export.xlsx?scope=mine"
    assert f'href="{url}"' in mine.get("/challenges?scope=mine").get_data(as_text=True)
    _heads, rows, about = sheets(mine, url)
    assert {row["需求名称"]: row["状态"] for row in rows} == {"自己的草稿": "草稿", "自己的需求": "待揭榜"}
    assert about["总数"] == 2 and SEALED not in str(rows)
    answer = client.get(url)
    assert answer.status_code == 302 and answer.location.endswith("next=/challenges?scope%3Dmine"), answer.location
    author = world.researcher()
    assert client_of(author).get(url).status_code == client_of(author).get("/challenges?scope=mine").status_code == 404

    office = world.user("transfer_office", world.organisation("university"))
    colleague = world.user("researcher", SimpleNamespace(id=office.organisation_id))  # type: ignore[arg-type]
    world.result(colleague, title="同事的成果")
    person = client_of(office)
    assert [row["成果名称"] for row in sheets(person, "/results/export.xlsx?scope=organisation")[1]] == ["同事的成果"]
    assert sheets(person, "/results/export.xlsx?scope=mine")[1] == []
    assert sheets(client_of(author), "/results/export.xlsx?scope=organisation")[1] == [], "the office's list only"


def test_a_text_that_looks_like_a_formula_stays_a_text(client: FlaskClient, house: House, world: World) -> None:
    hostile = ['=HYPERLINK("http://example.com")', "=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "\t=1+1", "坏\x0b字\x01符"]
    for text in hostile:
        world.challenge(world.enterprise(), title=text, main_problem=text, keywords=[text])
    index_all(house)
    book = load_workbook(io.BytesIO(client.get("/challenges/export.xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}
    written = {cell.value for cell in cells}
    assert {*hostile[:-1], "坏字符"} <= written
    about = load_workbook(io.BytesIO(client.get("/challenges/export.xlsx?q==1%2B1").data)).worksheets[1]
    assert all(cell.data_type != "f" for row in about.iter_rows() for cell in row)


def test_without_the_engine_it_is_listed_by_date(client: FlaskClient, house: House, world: World) -> None:
    for n in range(3):
        world.challenge(world.enterprise(), title=f"需求{n}", field="new_materials")
    world.challenge(world.enterprise(), title="别的需求", field="agriculture")
    engine_down(house)
    for path in LISTS:
        assert sheets(client, f"{path}/export.xlsx")[2]["请注意"] == "搜索暂时不可用，先按时间列出。"
    rows = sheets(client, "/challenges/export.xlsx?q=没有人写过&field=new_materials")[1]
    assert [row["需求名称"] for row in rows] == ["需求2", "需求1", "需求0"]


@pytest.mark.parametrize("down", [False, True])
def test_a_long_list_is_cut_and_says_so(
    client: FlaskClient,
    client_of: ClientOf,
    house: House,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    down: bool,
) -> None:
    for module in (search_service, mine_export):
        monkeypatch.setattr(module, "BATCH", 3)
        monkeypatch.setattr(module, "MOST_WHOLE", 6)
    monkeypatch.setattr(listing_export, "MOST_WHOLE", 6)
    monkeypatch.setattr("jieti.web.search.listing_page.MOST_WHOLE", 6)
    owner = world.enterprise()
    for n in range(8):
        world.challenge(owner, title=f"需求{n}")
    index_all(house)
    if down:
        engine_down(house)
    for person, url in ((client, "/challenges/export.xlsx"), (client_of(owner), "/challenges/export.xlsx?scope=mine")):
        _heads, rows, about = sheets(person, url)
        titles = {row["需求名称"] for row in rows}
        assert len(rows) == len(titles) == 6, url
        if down or "scope" in url:  # the engine knows the day of publication, which all of these share
            assert titles == {f"需求{n}" for n in range(2, 8)}, url
        assert about["总数"] == 8 and about["请注意"].startswith("只含前6项。"), url
    assert "只含前6项" in client.get("/challenges").get_data(as_text=True)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: FlaskClient, client_of: ClientOf, house: House, world: World
) -> None:
    owner, author = world.enterprise(), world.researcher()
    mine = client_of(owner)

    def fill(number: int) -> None:
        for _ in range(number):
            world.challenge(owner)
            world.challenge(world.enterprise())
            expert = world.expert(world.researcher())
            world.result(author, expert_id=expert.id)
        index_all(house)

    def queries(person: FlaskClient, url: str) -> int:
        with counted_queries(house.database) as asked:
            assert person.get(url).status_code == 200
        return len(asked)

    asked = [(client, f"{path}/export.xlsx") for path in LISTS]
    asked += [(client, "/challenges/export.xlsx?q=尼龙"), (mine, "/challenges/export.xlsx?scope=mine")]
    fill(2)
    few = [queries(*one) for one in asked]
    fill(12)
    assert [queries(*one) for one in asked] == few and max(few) <= 8, few


def test_a_script_is_slowed_down(client: FlaskClient, house: House) -> None:
    assert [client.get("/experts/export.xlsx").status_code for _ in range(11)] == [200] * 10 + [429]
    assert client.get("/experts").status_code == 200


def test_english_heads(client_of: ClientOf, house: House, world: World) -> None:
    owner = world.user("enterprise", world.organisation("enterprise"), locale="en")
    world.challenge(owner)
    index_all(house)
    person = client_of(owner)
    named = unquote(person.get("/challenges/export.xlsx").headers["Content-Disposition"])
    assert "Challenges-20" in named
    heads, [row], about = sheets(person, "/challenges/export.xlsx")
    assert heads[2] == "Status" and row["Enterprise"] and about["Total"] == 1
