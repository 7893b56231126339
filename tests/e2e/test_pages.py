"""Every page of the list at 360 and 1280, light and dark: axe, no sideways scroll, one filled button, budgets, in English too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab

from tests.e2e import checks
from tests.e2e.conftest import OUTPUT, watch
from tests.e2e.pages import BROKER, EXEMPT, FIRM, MINE_OUT, MY_DRAFT, OFFICER, PAGES, SOLVER, VISITOR, Page
from tests.e2e.people import sign_in
from tests.e2e.refs import Refs
from tests.e2e.server import Installation

WIDTHS = (360, 1280)
HTML, CSS, REQUESTS = 40, 55, 12


def test_every_page_is_on_the_list(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    listed = {page.endpoint for page in PAGES}
    assert routes - listed - set(EXEMPT) == set(), "pages nobody looks at"
    assert (listed | set(EXEMPT)) - routes == set(), "no such page any more"
    assert not listed & set(EXEMPT)


class Desk:
    """Signed-in windows, one a person and width, kept for the module."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self._browser, self._installation = browser, installation
        self._tabs: dict[tuple[str, int], tuple[Tab, checks.Load]] = {}
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.url = installation.url

    def tab(self, who: str, width: int) -> tuple[Tab, checks.Load]:
        if (who, width) not in self._tabs:
            state = next((t.context.storage_state() for (w, _), (t, _load) in self._tabs.items() if w == who), None)
            context = self._browser.new_context(
                base_url=self._installation.url,
                viewport={"width": width, "height": 900},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",
                storage_state=state,
            )
            self._contexts.append(context)
            context.set_default_timeout(20_000)
            watch(context, self.problems, allow=r"status of 404")
            tab = context.new_page()
            if who != VISITOR and state is None:
                sign_in(tab, who)
            load = checks.Load()
            tab.on("response", load.note)
            self._tabs[who, width] = tab, load
        return self._tabs[who, width]

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, installation: Installation) -> Iterator[Desk]:
    opened = Desk(browser, installation)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def refs(installation: Installation, desk: Desk) -> Refs:
    """Of the demo content, and of one table that was checked and found faulty."""
    tab, _load = desk.tab(OFFICER, WIDTHS[-1])
    tab.goto("/imports")
    table = "需求名称,投入资金（万元）,截止日期\n灌装线残氧在线检测,40,2020-01-01\n,abc,\n".encode()
    tab.locator("input[type=file]").set_input_files({"name": "需求汇总.csv", "mimeType": "text/csv", "buffer": table})
    tab.get_by_role("button", name="检查表格").click()
    tab.wait_for_url("**/imports/*")
    return Refs(installation.var)


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_page(page: Page, desk: Desk, refs: Refs) -> None:
    path = page.path(refs)
    desk.problems.clear()
    found: list[str] = []
    for width in WIDTHS:
        tab, load = desk.tab(page.who, width)
        load.clear()
        answer = tab.goto(path)
        assert answer is not None and answer.status == page.status, f"{path}: {answer and answer.status}"
        found += [f"{width} {text}" for text in _looks(page, tab, width)]
        found += [f"{width} {text}" for text in _weighs(page, load)]
        for theme, rules in (("light", checks.AXE), ("dark", checks.COLOURS)):
            checks.switch_theme(tab, theme)
            found += [f"{width} {theme} axe {text}" for text in checks.axe_violations(tab, rules)]
            _keep(tab, OUTPUT / "pages" / page.id / f"{width}-{theme}.png")
    found += desk.problems
    assert not found, f"{path}\n" + "\n".join(found)


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_page_in_english(page: Page, desk: Desk, refs: Refs) -> None:
    tab, _load = desk.tab(page.who, 360)
    tab.context.add_cookies([{"name": "locale", "value": "en", "url": desk.url}])
    try:
        answer = tab.goto(page.path(refs))
        assert answer is not None and answer.status == page.status
        assert tab.locator("html").get_attribute("lang") == "en"
        assert checks.sideways(tab) == []
    finally:
        tab.context.clear_cookies(name="locale")


def _looks(page: Page, tab: Tab, width: int) -> list[str]:
    found = []
    out = checks.sideways(tab)
    if out:
        found.append(f"scrolls sideways: {out}")
    filled = checks.filled_buttons(tab)
    if len(filled) > 1:
        found.append(f"more than one filled button: {filled}")
    if tab.locator("h1:visible").count() != 1:
        found.append(f"{tab.locator('h1:visible').count()} first headings")
    return found


def _weighs(page: Page, load: checks.Load) -> list[str]:
    limits = {"document": HTML, "stylesheet": CSS, "script": page.script, "font": 0}
    found = [
        f"{kind} {load.sizes[kind]:.1f} kB gzipped, budget {limit}"
        for kind, limit in limits.items()
        if load.sizes.get(kind, 0) > limit
    ]
    if len(load.requests) > REQUESTS:
        found.append(f"{len(load.requests)} requests: {load.requests}")
    return found


def _keep(tab: Tab, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=path, full_page=True)


@pytest.mark.browser
def test_errors_menu_and_dialog_open(desk: Desk, refs: Refs) -> None:
    """axe once more with what is closed on a fresh page: the list of errors, the menu, the dialog of keys, a confirmation."""
    tab, _load = desk.tab(FIRM, 360)
    tab.goto(refs.challenge(MY_DRAFT) + "/edit/indicators")
    tab.locator("#indicators-0-value").fill("约等于很多")
    with tab.expect_response(lambda r: r.request.method == "POST" and "autosave" not in r.url) as sent:
        tab.locator("main").get_by_role("button", name="保存并继续").click()
    assert sent.value.status == 422
    expect(tab).to_have_title(re.compile("^错误："))
    tab.wait_for_load_state()
    assert tab.locator("main .errors").evaluate(
        "e => e === document.activeElement || e.contains(document.activeElement)"
    )
    assert checks.axe_violations(tab) == []
    checks.switch_theme(tab, "dark")
    assert checks.axe_violations(tab, checks.COLOURS) == []
    tab.locator(".topbar-menu summary").click()
    assert checks.axe_violations(tab) == []
    tab.keyboard.press("Escape")
    tab.evaluate("document.getElementById('keys').showModal()")
    assert checks.axe_violations(tab) == []
    assert checks.sideways(tab) == []
    desk.problems[:] = [p for p in desk.problems if "422" not in p]
    assert desk.problems == []


@pytest.mark.browser
@pytest.mark.parametrize("who", [FIRM, SOLVER, OFFICER, BROKER])
def test_work_stands_before_numbers(who: str, desk: Desk, refs: Refs) -> None:
    """On a small phone, today's page shows at least three rows of work with a verb, and no chart."""
    tab, _load = desk.tab(who, 360)
    tab.set_viewport_size({"width": 360, "height": 640})
    try:
        tab.goto("/today")
        rows = tab.evaluate(
            "[...document.querySelectorAll('.due-row')].filter(r => r.getBoundingClientRect().bottom <= innerHeight + 40).length"
        )
        assert rows >= 3 or rows == tab.locator(".due-row").count()
        assert tab.locator("canvas, [data-chart]").count() == 0
    finally:
        tab.set_viewport_size({"width": 360, "height": 900})


@pytest.mark.browser
def test_larger_text_and_wider_spacing_lose_nothing(desk: Desk, refs: Refs) -> None:
    """200 % (half the width) and WCAG 1.4.12's spacing, on the pages with most on them."""
    tab, _load = desk.tab(FIRM, 1280)
    spacing = """() => { const s = new CSSStyleSheet();
        s.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
        document.adoptedStyleSheets = [s]; }"""
    try:
        for path in (
            refs.challenge(MINE_OUT),
            refs.challenge(MINE_OUT) + "/matches",
            refs.challenge(MY_DRAFT) + "/edit/terms",
            "/deals",
        ):
            for width in (640, 360):
                tab.set_viewport_size({"width": width, "height": 900})
                tab.goto(path)
                assert checks.sideways(tab) == [], (path, width)
                tab.evaluate(spacing)
                assert checks.sideways(tab) == [], (path, width, "spacing")
    finally:
        tab.set_viewport_size({"width": 1280, "height": 900})
