"""The story's main steps with JavaScript off: the server does the job, script only hastens it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import Open
from tests.e2e.people import sign_in
from tests.e2e.texts import WARP

pytestmark = pytest.mark.browser


def test_from_a_challenge_to_a_signed_contract(open_window: Open, tmp_path: Path) -> None:
    firm, officer, researcher, broker = (open_window(360, java_script_enabled=False) for _person in range(4))
    for page, who in ((officer, "officer"), (researcher, "researcher"), (broker, "broker")):
        sign_in(page, who)
    before = steps.figures(officer)
    photo = tmp_path / "盖板照片.png"
    firm.screenshot(path=photo)
    drawing = photo.rename(tmp_path / "图纸.png")
    firm.screenshot(path=photo)

    steps.start_posting(firm)
    challenge = steps.post_challenge(firm, WARP, (photo, drawing), None, script=False)
    expect(firm.locator("main")).to_contain_text(photo.name)
    steps.review(officer, WARP)
    steps.wait_for_match(firm, challenge, WARP.answer)
    steps.give_verdict(firm, WARP)
    proposal = steps.write_proposal(researcher, challenge, WARP)
    steps.accept_proposal(firm, challenge, proposal)
    deal = steps.open_deal(broker, proposal, WARP)
    steps.sign_contract(broker, deal, WARP)
    assert steps.figures(officer)[0] == before[0] + 1


def test_a_list_is_filtered_and_searched(open_window: Open) -> None:
    page = open_window(360, java_script_enabled=False)
    page.goto("/challenges")
    page.locator("main input[name=q]").fill("尼龙")
    page.locator("main").get_by_role("button", name="搜索").first.click()
    page.wait_for_url("**q=**")
    expect(page.locator("main mark").first).to_be_visible()
    found = page.locator("article").count()
    page.locator("input[name=field][value=new_materials]").check()
    page.get_by_role("button", name="应用筛选").click()
    page.wait_for_url("**field=new_materials**")
    assert "q=" in page.url, "the words stay when a filter is set"
    assert 1 <= page.locator("article").count() < found
