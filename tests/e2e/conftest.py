"""One installation with the demo content for the run, and browser windows that remember every fault they saw."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.e2e.server import ROOT, Installation

OUTPUT = ROOT / "tests/output"

WATCH_CSP = """addEventListener('securitypolicyviolation',
    e => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"""

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one installation: one xdist worker."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `var` with the demo content, as a first `make run` leaves it after Ctrl-C; installations start from copies."""
    var = tmp_path_factory.mktemp("prepared") / "var"
    first = Installation(var)
    try:
        first.start()
        first.stop()
    finally:
        first.kill()
    return var


@pytest.fixture(scope="session")
def installation(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The run's installation: a second start on kept data."""
    var = tmp_path_factory.mktemp("installation") / "var"
    shutil.copytree(prepared, var)
    started = Installation(var)
    try:
        started.start()
        assert "演示数据：" not in started.said(), "a second start must not load the demo content again"
        yield started
        started.stop()
    finally:
        started.kill()


@pytest.fixture
def open_window(browser: Browser, installation: Installation) -> Iterator[Open]:
    """`open_window(width=…, dark=…, allow=…, **options)`: a window of its own (own cookies) at the installation.

    The test fails on any script error, CSP report or failed request that `allow` (a pattern) does not name.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(width: int = 1280, dark: bool = False, allow: str = r"^$", **options: Any) -> Page:
        options.setdefault("viewport", {"width": width, "height": 800 if width > 500 else 740})
        context = browser.new_context(base_url=installation.url, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        cookies = {"theme": "dark"} if dark else {}
        context.add_cookies([{"name": k, "value": v, "url": installation.url} for k, v in cookies.items()])
        watch(context, problems, allow)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


def watch(context: BrowserContext, problems: list[str], allow: str = r"^$") -> None:
    """Note every script error, console error (a CSP report is one) and server fault of this window in `problems`."""

    def told(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(allow, message.text):
            problems.append(f"{message.text} ({message.location.get('url')})")

    context.add_init_script(WATCH_CSP)
    context.on("console", told)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("response", lambda r: r.status >= 500 and problems.append(f"{r.status} {r.request.method} {r.url}"))
