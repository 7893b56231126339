"""What goes wrong at a desk: a double click, two tabs, a dead network, a session that ran out. Nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import checks
from tests.e2e.conftest import Open
from tests.e2e.people import sign_in
from tests.e2e.refs import OWN, Refs
from tests.e2e.server import Installation

pytestmark = pytest.mark.browser

DRAFTS = f"SELECT count(*) FROM challenge WHERE status = 'draft' AND created_by_id = ({OWN.format('enterprise')})"


def _drafts(installation: Installation) -> int:
    return int(Refs(installation.var).one(DRAFTS))


def _new_draft(page: Page) -> None:
    page.goto("/challenges/new")
    page.get_by_role("button", name="开始填写").click()
    page.wait_for_url("**/edit/problem")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_double_click_posts_once(script: bool, open_window: Open, installation: Installation) -> None:
    page = open_window(java_script_enabled=script)
    sign_in(page, "enterprise")
    page.goto("/challenges/new")
    before = _drafts(installation)
    page.get_by_role("button", name="开始填写").dblclick(no_wait_after=True)
    page.wait_for_url("**/edit/problem")
    page.wait_for_load_state("networkidle")
    assert _drafts(installation) == before + 1


@pytest.mark.parametrize("width", [360, 1280])
def test_a_stale_form_gives_the_choice(width: int, open_window: Open) -> None:
    """The same draft open twice: the later sender chooses field by field, and has lost nothing."""
    mine = open_window(width, allow="status of 409")
    sign_in(mine, "enterprise")
    _new_draft(mine)
    theirs = mine.context.new_page()
    theirs.goto(mine.url)
    theirs.locator("#title").fill("密炼机转子端面密封寿命")
    theirs.get_by_role("button", name="保存草稿").click()
    expect(theirs.get_by_text("已保存草稿（").first).to_be_visible()
    mine.locator("#title").fill("密炼机转子密封漏料")
    mine.locator("#main_problem").fill("端面密封三个月漏料。")
    mine.get_by_role("button", name="保存并继续").click()
    expect(mine.get_by_role("heading", name="同事也改过这份草稿")).to_be_visible()
    main = mine.locator("main")
    for text in ("密炼机转子端面密封寿命", "密炼机转子密封漏料", "端面密封三个月漏料。"):
        expect(main).to_contain_text(text)
    assert checks.axe_violations(mine) == []
    assert checks.sideways(mine) == []
    mine.get_by_role("button", name="按选择保存").click()
    mine.wait_for_url("**/edit/problem")
    expect(mine.locator("#title")).to_have_value("密炼机转子密封漏料")
    expect(mine.locator("#main_problem")).to_have_value("端面密封三个月漏料。")


def test_off_line_it_is_said_and_saved_later(open_window: Open) -> None:
    page = open_window(360, allow="ERR_INTERNET_DISCONNECTED")
    sign_in(page, "enterprise")
    _new_draft(page)
    page.context.set_offline(True)
    page.locator("#title").fill("离线时写下的难题")
    status = page.locator("[data-autosave-status]")
    expect(status).to_contain_text("没能保存：网络断开")
    page.context.set_offline(False)
    expect(status).to_contain_text(re.compile(r"已保存草稿（\d\d:\d\d）"))
    page.reload()
    expect(page.locator("#title")).to_have_value("离线时写下的难题")


def test_a_session_that_ran_out_loses_nothing(open_window: Open) -> None:
    """What was typed before and after it ran out is there after signing in again, in the same tab."""
    page = open_window(allow=r"status of (400|401)")
    sign_in(page, "enterprise")
    _new_draft(page)
    address = page.url
    page.locator("#title").fill("会话过期前写的标题")
    expect(page.locator("[data-autosave-status]")).to_contain_text("已保存草稿")
    kept = [c for c in page.context.cookies() if c["name"] in ("theme", "locale")]
    page.context.clear_cookies()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.locator("#main_problem").fill("会话过期后写的问题。")
    expect(page.locator("[data-autosave-status]")).to_contain_text("登录")
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/sign-in**")
    page.get_by_role("button", name="以企业身份体验").click()
    expect(page.get_by_role("heading", name="您填的内容还在")).to_be_visible()
    assert checks.axe_violations(page) == []
    page.get_by_role("button", name="接着提交").click()
    page.wait_for_url("**/edit/indicators")
    page.goto(address)
    expect(page.locator("#title")).to_have_value("会话过期前写的标题")
    expect(page.locator("#main_problem")).to_have_value("会话过期后写的问题。")
