"""The story's key steps by keyboard alone: focus is seen, goes in order, is never caught."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Open
from tests.e2e.people import sign_in
from tests.e2e.refs import Refs
from tests.e2e.server import Installation

pytestmark = pytest.mark.browser

MOST_TABS = 90
FOCUS = """async () => {
  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));  // the scroll that follows the focus
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const all = [...document.querySelectorAll('*')];
  const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight));
  const ring = parseFloat(style.outlineWidth) * (style.outlineStyle === 'none' ? 0 : 1);
  const around = e.closest('.ts-control, .ts-wrapper');
  const other = around ? parseFloat(getComputedStyle(around).outlineWidth) || (getComputedStyle(around).boxShadow !== 'none' ? 3 : 0) : 0;
  return { at: all.indexOf(e), what: (e.id || e.innerText || e.name || e.tagName).trim().slice(0, 30),
    ring: Math.max(ring, other, style.boxShadow !== 'none' ? 3 : 0),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    hidden: !!middle && e !== middle && !e.contains(middle) && !middle.contains(e) && middle.closest('header, .form-actions') !== null };
}"""


def focused(page: Page) -> dict[str, Any] | None:
    """The element in focus; asserts that one sees where one is."""
    here = page.evaluate(FOCUS)
    if here is not None:
        assert here["ring"] >= 2, f"no visible focus on {here['what']}"
        assert here["seen"], f"focus is outside the window on {here['what']}"
        assert not here["hidden"], f"focus is covered on {here['what']}"
    return here


def tab_to(page: Page, target: Locator) -> None:
    """Tab forward until the target has the focus: in the document's order, without a turn back."""
    last = -1
    for _step in range(MOST_TABS):
        page.keyboard.press("Tab")
        here = focused(page)
        if here is None:
            last = -1
            continue
        assert here["at"] > last, f"focus goes back at {here['what']}"
        last = here["at"]
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"not reached with {MOST_TABS} Tabs: {target}")


def write(page: Page, target: Locator, text: str) -> None:
    tab_to(page, target)
    page.keyboard.insert_text(text)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_firm_signs_in_and_writes(width: int, open_window: Open) -> None:
    page = open_window(width, reduced_motion="reduce")
    page.goto("/challenges/new")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)"), (
        "the skip link leads into the page"
    )
    tab_to(page, page.get_by_role("button", name="以企业身份体验"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/challenges/new")
    tab_to(page, page.get_by_role("button", name="开始填写"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/problem")
    write(page, page.locator("#title"), "键盘写下的难题：挤出机模头积碳")
    write(page, page.locator("#main_problem"), "模头每两天积碳一次，停机清理四小时。")
    tab_to(page, page.locator("main").get_by_role("button", name="保存并继续"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/indicators")
    write(page, page.locator("#indicators-0-name"), "连续运行时间")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    write(page, page.locator("#indicators-0-value"), "２４０")
    tab_to(page, page.get_by_role("button", name="再加一条"))
    page.keyboard.press("Enter")
    expect(page.locator("#indicators-1-name")).to_be_focused()  # focus after a change of the page
    focused(page)


def test_a_list_is_walked_and_opened(open_window: Open) -> None:
    page = open_window(reduced_motion="reduce")
    page.goto("/challenges")
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    here = page.evaluate("document.activeElement.getAttribute('href')")
    assert here and here.startswith("/challenges/")
    focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{here}")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).not_to_be_visible()


def test_a_verdict_with_its_reason(open_window: Open, installation: Installation) -> None:
    page = open_window(reduced_motion="reduce")
    sign_in(page, pages.FIRM)
    page.goto(Refs(installation.var).match(pages.MY_MATCH))
    tab_to(page, page.locator(".feedback summary").first)
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".feedback input[type=radio]").first)
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="记下原因"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记下您的判断")).to_be_visible()


def test_a_deal_is_moved_on_the_board(open_window: Open, installation: Installation) -> None:
    """移到… from the card, with m: no dragging needed (WCAG 2.5.7)."""
    page = open_window(reduced_motion="reduce")
    sign_in(page, pages.BROKER)
    page.goto("/deals/board")
    card = page.locator("[data-card]:has([data-move-menu])").first
    tab_to(page, card.locator("h3 a"))
    page.keyboard.press("m")
    expect(card.locator(".menu-form button").first).to_be_focused()
    focused(page)
    page.keyboard.press("Escape")
    ref = card.get_attribute("data-ref")
    page.goto(f"/deals/{ref}")
    link = page.locator("main .btn-primary").first
    tab_to(page, link)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{ref}/move**")


@pytest.mark.parametrize(
    ("who", "path"),
    [(pages.VISITOR, "/"), (pages.VISITOR, "/challenges"), (pages.FIRM, "/challenges/new"), (pages.BROKER, "/deals/board"), (pages.OFFICER, "/figures")],
)  # fmt: skip
def test_nothing_catches_the_focus(who: str, path: str, open_window: Open) -> None:
    """Tab passes through the whole page and leaves it at its end."""
    page = open_window(360, reduced_motion="reduce")
    if who != pages.VISITOR:
        sign_in(page, who)
    page.goto(path)
    number = page.evaluate("document.querySelectorAll('a, button, input, select, textarea, summary').length")
    met = 0
    for _step in range(number + 20):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS) is None:
            break
        focused(page)
        met += 1
    else:
        raise AssertionError("focus never leaves the page")
    assert met > 5
