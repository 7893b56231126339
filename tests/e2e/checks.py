"""What is checked of a rendered page: axe-core, sideways scroll, filled buttons, what was loaded."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Response

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
_HELD = "document.documentElement"


COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""The rules that a change of theme can touch: the document is the same."""


def axe_violations(page: Page, options: dict[str, Any] = AXE) -> list[str]:
    """No rule is off. Each as rule: place: what to do."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)  # through the debugger: the page's CSP stays as it is
    report: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    assert report["passes"], "axe looked at nothing"
    return [
        f"{v['id']} ({len(v['nodes'])} times): {v['nodes'][0]['target']} {v['nodes'][0]['failureSummary']}"
        for v in report["violations"]
    ]


def switch_theme(page: Page, theme: str) -> None:
    """What the server writes into the page for the cookie `theme`."""
    page.evaluate(f"theme => {_HELD}.setAttribute('data-bs-theme', theme)", theme)
    page.evaluate("Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)))")


def sideways(page: Page) -> list[str]:
    """What sticks out at the right, if the page scrolls sideways."""
    return list(
        page.evaluate(
            """() => { const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 0.5)
                .slice(0, 6).map(e => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().right)} > ${wide}`)
                .concat([`scrollWidth ${document.documentElement.scrollWidth}`]); }"""
        )
    )


def filled_buttons(page: Page) -> list[str]:
    return list(
        page.evaluate(
            "[...document.querySelectorAll('main .btn-primary')].filter(b => b.checkVisibility()).map(b => b.innerText.trim())"
        )
    )


@dataclass
class Load:
    """What one cold load brought: kB gzipped by kind, and the number of requests."""

    sizes: dict[str, float] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    _known: dict[str, float] = field(default_factory=dict)

    def note(self, response: Response) -> None:
        kind, url = response.request.resource_type, response.url
        if urlsplit(url).scheme not in ("http", "https"):
            return
        self.requests.append(url)
        if url not in self._known or kind == "document":
            self._known[url] = len(gzip.compress(response.body(), 6)) / 1000
        self.sizes[kind] = self.sizes.get(kind, 0) + self._known[url]

    def clear(self) -> None:
        self.sizes, self.requests = {}, []
