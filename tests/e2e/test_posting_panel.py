"""Writing a challenge: what is missing is asked back and the matches it would get stand beside it, at each pause in typing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import checks, steps
from tests.e2e.conftest import OUTPUT, Open
from tests.e2e.texts import FLAME

pytestmark = pytest.mark.browser

SLOW = 20_000
"""Milliseconds: a busy machine encodes slowly. What it takes on a quiet one is a benchmark's figure (scripts/bench_preview.py)."""
VAGUE = "我们这里的东西总是出问题，希望有人能来看看到底怎么回事。"
ASIDE = ".panel"


def headline(page: Page) -> str:
    return page.locator(f"{ASIDE} [data-headline]").inner_text()


def look(page: Page, name: str) -> None:
    """axe in both themes, nothing sideways, one filled button; a picture of each."""
    for theme in ("light", "dark"):
        checks.switch_theme(page, theme)
        assert checks.axe_violations(page) == []
        page.screenshot(path=OUTPUT / f"posting-{name}-{theme}.png", full_page=True)
    checks.switch_theme(page, "light")
    assert checks.sideways(page) == []
    assert checks.filled_buttons(page) == ["保存并继续"]


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_missing_and_what_matches_follow_the_typing(open_window: Open, width: int) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page = open_window(width)
    steps.start_posting(page)
    panel = page.locator(ASIDE)
    expect(panel).to_contain_text("需求名称")  # still missing
    folded = page.locator("[data-preview]").evaluate("d => !d.open")
    assert folded is (width == 360), "folded on a phone, open on a desk"

    page.locator("#title").fill("总是出问题")
    page.locator("#main_problem").fill(VAGUE)
    expect(panel).to_contain_text("没看到用在什么产品或设备上", timeout=SLOW)
    expect(panel).to_contain_text("还没有可检验的数字")

    page.locator("#title").fill(FLAME.title)
    page.locator("#main_problem").fill(FLAME.main_problem)
    page.locator("#expected_goal").fill(f"{FLAME.expected_goal}缺口冲击强度不低于12。")
    expect(panel).to_contain_text("“缺口冲击强度不低于12”没有单位", timeout=SLOW)
    expect(panel).not_to_contain_text("没看到用在什么产品")
    expect(page.locator(f"{ASIDE} [data-headline]")).to_have_text(re.compile(r"能匹配到\d+项"), timeout=SLOW)
    if width == 360:
        assert page.locator("[data-preview]").evaluate("d => !d.open"), "it stays as the reader left it"
        page.locator("[data-preview] summary").click()
    match = page.locator("[data-preview] li", has_text=FLAME.answer)
    expect(match).to_be_visible()
    expect(match.locator(".level")).to_have_text(re.compile("强"))
    assert len(match.locator("p").last.inner_text()) > 8, "no level without its reason"
    assert page.locator("[data-panel-status]").inner_text() == headline(page), "said once, to those who do not see it"

    page.locator("#expected_goal").fill(f"{FLAME.expected_goal}缺口冲击强度不低于12 kJ/m²（-40℃）。")
    expect(panel).not_to_contain_text("没有单位", timeout=SLOW)
    assert page.locator("[data-preview]").evaluate("d => d.open"), "unfolded stays unfolded"
    look(page, str(width))


def test_a_newer_question_supersedes_an_older_one(open_window: Open) -> None:
    page = open_window(1280)
    steps.start_posting(page)
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) == 1:
            return  # never answered: the next one must not wait for it
        route.continue_()

    page.route("**/preview", late)
    page.locator("#main_problem").fill(VAGUE)
    page.wait_for_timeout(1500)
    page.locator("#title").fill(FLAME.title)
    page.locator("#main_problem").fill(FLAME.main_problem)
    expect(page.locator("[data-preview] li").first).to_be_visible(timeout=SLOW)
    assert len(asked) == 2, "one question a pause"


def test_off_line_it_stays_as_it_was(open_window: Open) -> None:
    page = open_window(1280, allow="ERR_INTERNET_DISCONNECTED|Failed to load resource")
    steps.start_posting(page)
    before = page.locator(ASIDE).inner_text()
    page.context.set_offline(True)
    page.locator("#main_problem").fill(FLAME.main_problem)
    page.wait_for_timeout(2500)
    assert page.locator(ASIDE).inner_text() == before
    page.context.set_offline(False)
    page.locator("#title").fill(FLAME.title)
    expect(page.locator("[data-preview] li").first).to_be_visible(timeout=SLOW)


def test_without_script_it_comes_with_each_saving(open_window: Open) -> None:
    page = open_window(360, java_script_enabled=False)
    steps.start_posting(page)
    expect(page.locator("[data-preview]")).to_contain_text("写下需求名称和主要问题")
    page.locator("#title").fill(FLAME.title)
    page.locator("#main_problem").fill(FLAME.main_problem)
    steps.press(page, "保存草稿")
    expect(page.locator("[data-preview] li", has_text=FLAME.answer)).to_be_visible()
    steps.press(page, "保存并继续")
    page.wait_for_url("**/edit/indicators")
    expect(page.locator("[data-preview] li", has_text=FLAME.answer)).to_be_visible()
    page.goto(page.url.replace("/indicators", "/check"))
    expect(page.locator("[data-preview] li", has_text=FLAME.answer)).to_be_visible()
