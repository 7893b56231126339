"""The story's search and matching steps with JIETI_SEARCH_URL on a real Elasticsearch."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import steps
from tests.e2e.conftest import watch
from tests.e2e.people import sign_in
from tests.e2e.server import Installation
from tests.e2e.texts import FLAME
from tests.elasticsearch_server import elasticsearch_prefix, elasticsearch_url

__all__ = ["elasticsearch_prefix", "elasticsearch_url"]

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]


@pytest.fixture
def on_elasticsearch(
    prepared: Path, tmp_path: Path, elasticsearch_url: str, elasticsearch_prefix: str
) -> Iterator[Installation]:
    """The demo's data with the search moved over: its index is built on the server by `jieti reindex`."""
    var = tmp_path / "var"
    shutil.copytree(prepared, var)
    shutil.rmtree(var / "search")
    started = Installation(var, {"JIETI_SEARCH_URL": elasticsearch_url, "JIETI_SEARCH_PREFIX": elasticsearch_prefix})
    try:
        started.run("reindex")
        started.start()
        yield started
        started.stop()
    finally:
        started.kill()


def _documents(url: str, prefix: str) -> int:
    with urllib.request.urlopen(f"{url}/{prefix}-*/_count", timeout=10) as answer:
        return int(json.loads(answer.read())["count"])


def test_search_and_matching(
    on_elasticsearch: Installation, browser: Browser, elasticsearch_url: str, elasticsearch_prefix: str
) -> None:
    assert _documents(elasticsearch_url, elasticsearch_prefix) > 100
    problems: list[str] = []
    contexts = [
        browser.new_context(base_url=on_elasticsearch.url, viewport={"width": 1280, "height": 800}) for _ in range(3)
    ]
    try:
        for context in contexts:
            context.set_default_timeout(20_000)
            watch(context, problems)
        visitor, firm, officer = (context.new_page() for context in contexts)
        visitor.goto("/challenges?q=尼龙")
        assert visitor.locator("article").count() >= 3
        expect(visitor.locator("article mark").first).to_be_visible()
        visitor.locator("input[name=county][value='330521']").check()
        visitor.get_by_role("button", name="应用筛选").click()
        visitor.wait_for_url("**county=330521**")
        assert 1 <= visitor.locator("article").count() <= 12

        sign_in(officer, "officer")
        steps.start_posting(firm)
        challenge = steps.post_challenge(firm, FLAME, None, None)
        steps.review(officer, FLAME)
        steps.wait_for_match(firm, challenge, FLAME.answer)
        steps.check_reasons(firm, FLAME)
        visitor.goto(f"/search?q={FLAME.title}")
        expect(visitor.locator("main")).to_contain_text(FLAME.title)
        visitor.goto(f"/challenges?q={FLAME.canary}")
        assert FLAME.title not in visitor.locator("main").inner_text(), "sealed text can be searched for"
        assert not (on_elasticsearch.var / "search").exists(), "nothing goes to the embedded engine"
    finally:
        for context in contexts:
            context.close()
    assert problems == []
