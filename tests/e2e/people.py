"""The story's four people, as the demo's sign-in page offers them."""

from __future__ import annotations

from playwright.sync_api import Page

BUTTONS = {
    "enterprise": "以企业身份体验",
    "researcher": "以科研人员身份体验",
    "officer": "以科技局身份体验",
    "broker": "以经纪人身份体验",
}
NAMES = {"enterprise": "程予安", "researcher": "沈砚秋", "officer": "姚望北", "broker": "岳同舟"}


def sign_in(page: Page, who: str) -> None:
    """By the button of demo mode; ends on today's work."""
    page.goto("/sign-in")
    page.get_by_role("button", name=BUTTONS[who]).click()
    page.wait_for_url("**/today")
