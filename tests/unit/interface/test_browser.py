"""The style guide in a real browser: axe, the strict CSP, no sideways scroll, and each hastening that our script does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser

WIDTHS = (360, 1280)
THEMES = ("light", "dark")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def open_page(browser: Any, served: tuple[str, Any]) -> Iterator[Any]:
    """Opens a path of the style guide's server; fails the test on any console error (a CSP report is one) or script error."""
    contexts: list[Any] = []
    problems: list[str] = []

    def opened(path: str, width: int = 1280, allow: str = r"^$", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and not re.search(allow, m.text) and problems.append(m.text))
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.goto(served[0] + path)
        page.wait_for_load_state("load")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    report = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}}).response
    assert report["passes"], "axe looked at nothing"
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in report["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(open_page: Any, width: int, theme: str) -> None:
    page = open_page(f"/styleguide?theme={theme}", width)
    assert violations(page) == []
    page.evaluate(
        "document.querySelectorAll('main details, header details').forEach(d => { if (d.offsetParent) d.open = true })"
    )
    assert violations(page) == []
    page.evaluate("document.querySelectorAll('details.menu').forEach(d => { d.open = false })")
    if width < 1000:
        page.click("[data-facets-open]")
    else:
        page.evaluate("document.getElementById('keys').showModal()")
    assert violations(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_sideways_scroll(open_page: Any, width: int) -> None:
    page = open_page("/styleguide", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_wider_text_spacing_keeps_the_page_whole(open_page: Any) -> None:
    """WCAG 1.4.12, set through the CSSOM of a constructed sheet, which the CSP allows."""
    page = open_page("/styleguide", 360)
    page.evaluate(
        """() => { const s = new CSSStyleSheet();
        s.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
        document.adoptedStyleSheets = [s]; }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_script_everything_is_there(open_page: Any) -> None:
    page = open_page("/styleguide", 360, java_script_enabled=False)
    assert page.locator(".facets-form input[type=checkbox]").first.is_visible()
    assert page.locator("button[name=add_indicator]").is_visible()
    assert page.locator("select#county").is_visible()
    assert not page.locator("[data-facets-open]").is_visible()


def test_a_draft_is_saved_as_typed(open_page: Any, served: tuple[str, Any]) -> None:
    served[1].clear()
    page = open_page("/styleguide?ok=1")
    page.fill("#title", "锯床带锯条")
    page.wait_for_selector("[data-autosave-status]:has-text('14:33')", timeout=6000)
    kind, form = served[1][-1]
    assert kind == "autosave" and form["title"] == "锯床带锯条" and form["version"] == "3" and form["csrf_token"]
    assert page.input_value("#version") == "4"


def test_a_conflict_is_said_with_a_link(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1", allow="409")
    page.fill("#title", "冲突")
    page.wait_for_selector("[data-autosave-status] a[href='/conflict']", timeout=6000)


def test_off_line_is_said_and_saved_later(open_page: Any, served: tuple[str, Any]) -> None:
    page = open_page("/styleguide?ok=1", allow="ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    page.fill("#title", "离线时写的")
    page.wait_for_selector("[data-autosave-status]:has-text('网络断开')", timeout=6000)
    served[1].clear()
    page.context.set_offline(False)
    page.wait_for_selector("[data-autosave-status]:has-text('14:33')", timeout=6000)
    assert served[1][-1][1]["title"] == "离线时写的"


def test_indicator_rows_come_and_go(open_page: Any) -> None:
    page = open_page("/styleguide")
    page.fill("#indicators-0-name", "韧性")
    page.click("[data-add-row]")
    assert page.locator("[data-row]").count() == 3
    assert page.evaluate("document.activeElement.id") == "indicators-2-name"
    assert page.input_value("#indicators-2-name") == ""
    assert page.locator("label[for=indicators-2-unit]").count() == 1
    page.locator("[data-remove-row]").first.click()
    assert page.locator("[data-row]").count() == 2
    assert page.input_value("#indicators-0-name") == ""
    assert page.locator("#indicators-1-unit").count() == 1


def test_amounts_dates_and_lengths_are_told(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1")
    page.fill("#budget", "１２０万")
    assert page.inner_text("#budget-echo") == "= 1,200,000元"
    page.check("#is_negotiable")
    assert page.input_value("#budget") == ""
    page.click("[data-presets] button >> nth=0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page.input_value("#deadline"))
    page.fill("#title", "长" * 72)
    assert page.inner_text("#title-count") == "已超12字"
    assert page.input_value("#title") == "长" * 72


def test_composing_sends_and_submits_nothing(open_page: Any, served: tuple[str, Any]) -> None:
    served[1].clear()
    page = open_page("/styleguide?ok=1")
    page.click("#top-q")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "nilong", "selectionStart": 6, "selectionEnd": 6})
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert served[1] == [] and page.url.endswith("/styleguide?ok=1")
    session.send("Input.insertText", {"text": "尼龙"})
    page.wait_for_selector("#top-q-list:not([hidden])")
    assert ("suggest", "尼龙") in served[1]
    assert all(text == "尼龙" for kind, text in served[1] if kind == "suggest")


def test_suggestions_are_a_combobox(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1")
    page.fill("#top-q", "尼")
    page.wait_for_selector("#top-q-list:not([hidden])")
    assert page.get_attribute("#top-q", "aria-expanded") == "true"
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#top-q", "aria-activedescendant") == "top-q-list-0"
    page.keyboard.press("Escape")
    assert page.get_attribute("#top-q", "aria-expanded") == "false"
    page.fill("#top-q", "尼龙")
    page.wait_for_selector("#top-q-list:not([hidden])")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/today?b")


def test_keys_work_outside_fields_only(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1")
    page.keyboard.press("j")
    first = page.evaluate("document.querySelector('.is-picked a').textContent")
    page.keyboard.press("j")
    assert page.evaluate("document.querySelector('.is-picked a').textContent") != first
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('.is-picked a').textContent") == first
    page.keyboard.press("Shift+?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "top-q"
    page.keyboard.type("gtj?")
    assert page.input_value("#top-q") == "gtj?" and not page.locator("#keys").is_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/today")


def test_a_double_click_submits_once(open_page: Any, served: tuple[str, Any]) -> None:
    page = open_page("/styleguide?ok=1")
    served[1].clear()
    page.evaluate(
        """() => { const f = document.createElement('form'); f.method = 'post'; f.action = '/slow'; f.id = 'twice'; f.target = '_self';
        f.innerHTML = '<input type="hidden" name="csrf_token" value="' + document.querySelector('meta[name=csrf-token]').content + '"><button>x</button>';
        document.body.append(f); const b = f.querySelector('button'); b.click(); b.click(); }"""
    )
    page.wait_for_url("**/slow")
    assert [kind for kind, _ in served[1]] == ["slow"]


def test_dragging_a_card_posts_its_own_form(open_page: Any, served: tuple[str, Any]) -> None:
    page = open_page("/styleguide?ok=1")
    served[1].clear()
    page.locator("#deal-D2").scroll_into_view_if_needed()
    with page.expect_navigation():
        page.drag_and_drop("#deal-D2 .meta", "#stage-agreed h2")
    kind, form = served[1][-1]
    assert kind == "move" and form["ref"] == "D2" and form["to"] == "agreed" and form["version"] == "2"
    served[1].clear()
    page.drag_and_drop("#deal-D2 .meta", "#stage-nda_signed h2")
    assert "不能从这个阶段" in page.inner_text("[data-board-status]")
    assert served[1] == []


def test_tags_and_long_selects_are_named(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1")
    page.wait_for_selector(".ts-control input")
    page.click("#keywords-ts-control")
    page.keyboard.type("尼龙")
    page.keyboard.press("Enter")
    page.keyboard.type("增韧")
    page.keyboard.press("Enter")
    assert page.input_value("#keywords") == "尼龙、增韧"
    assert page.get_attribute("#keywords-ts-control", "aria-labelledby") == "keywords-label"
    assert violations(page) == []


def test_an_old_browser_gets_a_readable_page(open_page: Any, served: tuple[str, Any], browser: Any) -> None:
    """Newer CSS functions renamed in the answer: text keeps its contrast, boxes and buttons their borders."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()

    def old(route: Any) -> None:
        answer = route.fetch()
        body = re.sub(r"(light-dark|oklch|color-mix)\(", r"-x-\1(", answer.text()).replace(":has(", ":-x-has(")
        route.fulfill(response=answer, body=body)

    page.route("**/app.css*", old)
    page.goto(served[0] + "/styleguide?ok=1")
    assert violations(page) == []
    for selector in (".form-check-input:not(:checked)", ".form-actions .btn:not(.btn-danger)", ".form-control"):
        width, colour, ground = page.eval_on_selector(
            f"main {selector}",
            "e => { const s = getComputedStyle(e); return [s.borderTopWidth, s.borderTopColor, s.backgroundColor] }",
        )
        assert width != "0px" and colour not in {ground, "rgba(0, 0, 0, 0)"}, selector
    context.close()


def test_paper_is_light_whole_and_without_bars(open_page: Any) -> None:
    page = open_page("/styleguide?ok=1&theme=light")
    page.emulate_media(media="print")
    for selector in (".topbar", ".footer", ".facets", ".pages"):
        assert not page.locator(selector).first.is_visible()
    assert page.eval_on_selector("thead", "e => getComputedStyle(e).display") == "table-header-group"
    assert len(page.pdf(format="A4")) > 20_000
