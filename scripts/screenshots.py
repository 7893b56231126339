"""Pictures for the README from a running demo: `make run` in one shell, `.venv/bin/python scripts/screenshots.py` in another.

Writes docs/screenshots/<page>-<width>.png, each under 200 kB.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs/screenshots"
LIMIT = 200_000  # bytes
HEIGHTS = {1280: 860, 360: 740}
CHALLENGE = "汽车高压连接器用PA66低温增韧改性"

Way = Callable[[Page], None]


def home(page: Page) -> None:
    page.goto("/")


def challenges(page: Page) -> None:
    page.goto("/challenges?q=尼龙")


def post(page: Page) -> None:
    page.goto("/challenges?scope=mine")
    page.get_by_role("link", name="0.4 mm薄壁无卤阻燃PA66").first.click()
    page.wait_for_url("**/challenges/*")
    page.goto(page.url.rstrip("/") + "/edit/indicators")


def matches(page: Page) -> None:
    page.goto("/challenges?scope=mine")
    page.get_by_role("link", name=CHALLENGE).first.click()
    page.wait_for_url("**/challenges/*")
    page.goto(page.url.rstrip("/") + "/matches")


def deal(page: Page) -> None:
    page.goto("/deals")
    page.locator("main").get_by_role("link", name=CHALLENGE).first.click()
    page.wait_for_url("**/deals/*")


def board(page: Page) -> None:
    page.goto("/deals/board")


def figures(page: Page) -> None:
    page.goto("/figures")
    page.wait_for_timeout(1200)  # the charts draw


SHOTS: dict[str, tuple[str | None, Way]] = {
    "home": (None, home),
    "challenges": (None, challenges),
    "post": ("以企业身份体验", post),
    "matches": ("以企业身份体验", matches),
    "deal": ("以经纪人身份体验", deal),
    "board": ("以经纪人身份体验", board),
    "figures": ("以科技局身份体验", figures),
}


def take(browser: Browser, url: str, width: int, name: str, button: str | None, way: Way) -> Path:
    context = browser.new_context(base_url=url, viewport={"width": width, "height": HEIGHTS[width]}, locale="zh-CN")
    page = context.new_page()
    if button:
        page.goto("/sign-in")
        page.get_by_role("button", name=button).click()
        page.wait_for_url("**/today")
    way(page)
    page.wait_for_load_state("networkidle")
    path = FOLDER / f"{name}-{width}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    url = parser.parse_args().url
    FOLDER.mkdir(parents=True, exist_ok=True)
    large = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, (button, way) in SHOTS.items():
            for width in HEIGHTS:
                path = take(browser, url, width, name, button, way)
                print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
                if path.stat().st_size > LIMIT:
                    large.append(path.name)
        browser.close()
    if large:
        print(f"over {LIMIT / 1000:.0f} kB: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
