"""Lists and search as people use them: counts, filters, pages, snippets, hostile URLs, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.jobs.handlers import INDEX, drain
from jieti.persistence.models import User
from jieti.persistence.outbox import Outbox
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.moves import Moves
from tests.web import counted_queries
from tests.world import JINYUN, World

CANARY = "密封金丝雀配方"
FIRM = "绝密金丝雀有限公司"


@pytest.fixture(autouse=True)
def floor(house: House) -> None:
    """The tests' encoder finds likeness in any two Chinese texts: only what is nearly the same counts as a neighbour."""
    house.__dict__["search"] = _engine(house)


def _engine(house: House) -> object:
    from search.engines import open_engine

    return open_engine(house.settings.search_url, dimensions=64, similarity_floor=0.97)


def index_all(house: House) -> None:
    while drain(house, Outbox(house.database), INDEX):
        pass


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, f"{url}: {response.status_code}"
    return response.get_data(as_text=True)


def shown(page: str, kind: str = "challenges") -> list[str]:
    """References of the cards on a page, in order."""
    return re.findall(rf'listing-title"><a href="/{kind}/([a-z0-9]+)"', page)


def total(page: str) -> int:
    found = re.search(r'class="list-count"[^>]*><strong>([\d,]+)</strong>', page)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_list_counts_filters_and_pages(client: FlaskClient, house: House, world: World) -> None:
    here, there = world.enterprise(), world.enterprise(region=JINYUN)
    first = [world.challenge(here, title=f"尼龙需求{n}", field="new_materials").ref for n in range(22)]
    second = [
        world.challenge(there, title=f"轴承需求{n}", field="advanced_equipment", budget=None).ref for n in range(3)
    ]
    index_all(house)
    page = text_of(client, "/challenges")
    assert total(page) == 25 and len(shown(page)) == 20
    rest = text_of(client, "/challenges?page=2")
    assert set(shown(page)) | set(shown(rest)) == {*first, *second}
    assert total(text_of(client, "/challenges?field=advanced_equipment")) == 3
    assert total(text_of(client, "/challenges?field=advanced_equipment&field=new_materials")) == 25
    assert total(text_of(client, "/challenges?county=331122")) == 3
    assert total(text_of(client, "/challenges?county=3311")) == 3, "a city is all its counties"
    assert total(text_of(client, "/challenges?county=3311&county=330521")) == 25
    assert total(text_of(client, "/challenges?amount_band=negotiable")) == 3
    assert total(text_of(client, "/challenges?amount_band=50_100&county=3311")) == 0
    assert shown(text_of(client, "/challenges?page=99")) == shown(rest), "a page beyond the last is the last"


def test_facets_count_what_choosing_them_would_find(client: FlaskClient, house: House, world: World) -> None:
    for n in range(3):
        world.challenge(world.enterprise(), field="new_materials", title=f"需求{n}")
    world.challenge(world.enterprise(region=JINYUN), field="agriculture", modes=["consulting", "service"])
    index_all(house)
    page = text_of(client, "/challenges?field=new_materials")
    counts = dict(re.findall(r'name="(?:field|county|mode)" value="(\w+)"[^>]*>.*?facet-count">([\d,]+)<', page))
    assert counts["new_materials"] == "3" and counts["agriculture"] == "1", "its own facet can be widened"
    assert counts["330521"] == counts["3305"] == "3" and "331122" not in counts
    for value, number in counts.items():
        name = "county" if value.isdigit() else "mode" if value == "commissioned_development" else "field"
        url = f"/challenges?{name}={value}" + ("" if name == "field" else "&field=new_materials")
        assert total(text_of(client, url)) == int(number), value


def test_words_are_marked_and_the_query_is_never_markup(client: FlaskClient, house: House, world: World) -> None:
    world.challenge(
        world.enterprise(),
        title="<script>alert(1)</script>尼龙增韧",
        main_problem="<img src=x onerror=alert(1)>尼龙开裂",
    )
    index_all(house)
    page = text_of(client, "/challenges?q=" + quote('尼龙"><script>alert(2)</script>'))
    assert "<script>alert" not in page and "<img src=x" not in page
    page = text_of(client, "/challenges?q=尼龙")
    assert "<mark>尼龙</mark>" in page and "<script>alert" not in page


HOSTILE = [
    "q=" + "%00" * 5,
    "q=" + quote("'; DROP TABLE challenge; --"),
    "q=" + quote('" OR title:* NEAR(a b) ^ * -'),
    "q=" + quote("((((" * 50),
    "q=%ff%fe%80",
    "q=" + quote("😀🏭" * 30),
    "q=" + quote("１２０ＭＰａ　ＰＡ６６"),
    "q=" + "a" * 5000,
    "q[]=1&q[x]=2",
    "page=-1", "page=0", "page=abc", "page=99999999999999999999", "page=1.5", "page=%F1", "page=²",
    "sort=price;drop", "sort=deadline", "sort=relevance",
    "county=9999", "county=3305' OR 1=1", "county=330521&county=xx",
    "trl=99", "trl=-1", "status=draft", "status=%3Cb%3E", "mode=" + "x" * 3000,
    "&".join(f"county=33{n:04d}" for n in range(300)),
    "field=__proto__", "amount_band[$gt]=1",
]  # fmt: skip


def test_hostile_urls_are_answered(client: FlaskClient, house: House, world: World) -> None:
    world.challenge(world.enterprise())
    world.result(world.researcher())
    index_all(house)
    for number, query in enumerate(HOSTILE):
        paths = ("/challenges", "/results", "/experts", "/search", "/search/suggestions")
        for path in paths if number < 10 else paths[:1]:  # texts go everywhere, filters are read by one function
            page = text_of(client, f"{path}?{query}")
            assert "Traceback" not in page and "<b>" not in page, query


def test_what_is_not_understood_is_said(client: FlaskClient, house: House, world: World) -> None:
    world.challenge(world.enterprise())
    index_all(house)
    for query in ("county=999999", "sort=price", "status=draft", "trl=99"):
        assert "网址里有不认识的条件，已忽略。" in text_of(client, f"/challenges?{query}")
    assert "只用了前200个字" in text_of(client, "/challenges?q=" + "尼" * 300)
    assert "已忽略" not in text_of(client, "/challenges?county=330521&sort=newest&q=尼龙")


def test_drafts_and_unpublished_are_nowhere(
    client: FlaskClient, client_of: Callable[[User], FlaskClient], house: House, world: World
) -> None:
    owner = world.enterprise()
    published = world.challenge(owner, title="公开的尼龙需求")
    for status in ("draft", "submitted", "rejected", "withdrawn", "offline"):
        world.challenge(owner, title=f"不公开的尼龙需求{status}", status=status)
    index_all(house)
    for url in ("/challenges", "/challenges?q=尼龙需求", "/search?q=尼龙需求", "/"):
        assert "不公开" not in text_of(client, url), url
    assert "不公开" not in text_of(client, "/search/suggestions?q=不公开的尼龙")
    officer = client_of(world.officer())
    assert shown(text_of(officer, "/challenges")) == [published.ref], "an officer's list begins with what is public"
    assert "不公开的尼龙需求submitted" in text_of(officer, "/challenges?status=submitted")
    assert "不公开" not in text_of(client, "/challenges?status=submitted")


def test_sealed_text_and_anonymous_firms_are_never_shown_or_found(
    client: FlaskClient, client_of: Callable[[User], FlaskClient], house: House, world: World
) -> None:
    owner = world.user("enterprise", world.organisation("enterprise", name=FIRM))
    challenge = world.challenge(owner, anonymous=True, sealed_text=CANARY, title="匿名的尼龙需求")
    index_all(house)
    everyone = {
        "nobody": client,
        "researcher": client_of(world.researcher()),
        "other firm": client_of(world.enterprise()),
    }
    for name, person in everyone.items():
        for url in ("/", "/challenges", "/challenges?q=尼龙", "/search?q=尼龙"):
            page = text_of(person, url)
            assert "匿名企业" in page and FIRM not in page and CANARY not in page, (name, url)
        for secret in (CANARY, FIRM):
            assert total(text_of(person, f"/challenges?q={secret}")) == 0, (name, secret)
            assert challenge.ref not in text_of(person, f"/search/suggestions?q={secret}")
    for person in (client_of(owner), client_of(world.officer()), client_of(world.broker())):
        page = text_of(person, "/challenges?q=尼龙")
        assert FIRM in page and CANARY not in page


def test_a_row_that_changed_since_it_was_indexed_is_checked_again(
    client: FlaskClient, house: House, world: World
) -> None:
    owner = world.enterprise()
    challenge = world.challenge(owner, title="即将撤回的需求")
    index_all(house)
    with UnitOfWork(house.database) as uow:
        Moves(uow, world.identity(owner)).challenge(uow.session.get_one(type(challenge), challenge.id), "withdraw")
    page = text_of(client, "/challenges?q=即将撤回")
    assert "即将撤回的需求" not in page.replace('value="即将撤回', ""), "the index lags, the database has the last word"


def test_nothing_found_says_what_to_give_up(client: FlaskClient, house: House, world: World) -> None:
    for n in range(6):
        world.challenge(world.enterprise(region=JINYUN), title=f"尼龙增韧{n}", budget=Decimal(10))
    other = {
        "main_problem": "轴承早期磨损。",
        "tech_requirements": "",
        "expected_goal": "",
        "keywords": [],
        "indicators": [],
    }
    world.challenge(world.enterprise(), title="轴承寿命", budget=Decimal(500), **other)
    index_all(house)
    page = text_of(client, "/challenges?q=尼龙&county=3305")
    assert total(page) == 0
    assert "没有同时符合这些条件的需求。" in page and "去掉“湖州市”有6项" in page
    link = re.search(r'<a href="([^"]+)">去掉“湖州市”有6项', page)
    assert link is not None and total(text_of(client, link[1].replace("&amp;", "&"))) == 6
    page = text_of(client, "/challenges?q=" + quote("尼龙 量子纠缠"))
    assert total(page) == 0 and "去掉“量子纠缠”有6项" in page
    assert "意思最接近的" in text_of(client, "/challenges?q=天书奇谭")


@pytest.mark.parametrize("url", ["/challenges", "/challenges?q=尼龙", "/results", "/experts", "/search?q=尼龙", "/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: FlaskClient, house: House, world: World, url: str
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            world.challenge(world.enterprise())
            author = world.researcher()
            expert = world.expert(author)
            world.result(author, expert_id=expert.id)
        index_all(house)

    fill(2)
    text_of(client, url)
    with counted_queries(house.database) as few:
        text_of(client, url)
    fill(15)
    with counted_queries(house.database) as many:
        text_of(client, url)
    assert len(many) == len(few) <= 12, many


def test_suggestions_are_a_fragment_of_at_most_eight(client: FlaskClient, house: House, world: World) -> None:
    owner = world.enterprise()
    for n in range(12):
        world.challenge(owner, title=f"尼龙<b>增韧</b>{n}")
    index_all(house)
    page = text_of(client, "/search/suggestions?q=尼龙")
    assert page.count("<li") == 8 and "<html" not in page and "&lt;b&gt;" in page
    assert text_of(client, "/search/suggestions?q=").strip() == ""


def test_search_counts_each_kind(client: FlaskClient, house: House, world: World) -> None:
    author = world.researcher()
    for n in range(4):
        world.challenge(world.enterprise(), title=f"尼龙增韧{n}")
    world.result(author)
    world.expert(author)
    index_all(house)
    page = text_of(client, "/search?q=尼龙")
    assert [int(n) for n in re.findall(r"<strong>(\d+)</strong> (?:技术需求|科技成果|专家)", page)] == [4, 1, 1]
    assert len(shown(page)) == 3 and len(shown(page, "results")) == 1
    assert "没有找到“天书奇谭”。" in text_of(client, "/search?q=天书奇谭")


def test_help_and_the_front_page(client: FlaskClient, house: House, world: World) -> None:
    empty = text_of(client, "/")
    assert "还没有征集中的需求" in empty
    for path in (
        "/help",
        "/help/enterprise",
        "/help/researcher",
        "/help/county",
        "/help/figures",
        "/help/matching",
        "/accessibility",
    ):
        text_of(client, path)
    text_of(client, "/help/nothing", 404)
    for n in range(9):
        world.challenge(world.enterprise(), title=f"需求{n}")
    assert text_of(client, "/").count("data-item") == 8
