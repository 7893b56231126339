"""Paper and unusual screens: the print views of 需求, 匹配说明, 对接项目; reduced motion; forced colours."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import pages
from tests.e2e.conftest import OUTPUT, Open
from tests.e2e.people import sign_in
from tests.e2e.refs import COUNTY, Refs
from tests.e2e.server import Installation

pytestmark = pytest.mark.browser

SEALED = (
    f"SELECT ref, sealed_text FROM challenge WHERE sealed_text <> '' AND status = 'published' AND {COUNTY} ORDER BY id"
)


def _printed(open_window: Open, who: str, path: str, name: str) -> str:
    """The text on paper; the PDF is kept among the outputs. Nothing clipped: no text wider than the sheet."""
    page = open_window(1280)
    if who != pages.VISITOR:
        sign_in(page, who)
    page.goto(path)
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 less its margins, in CSS pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= 680, "clipped at the right"
    assert page.locator(".topbar, .footer, .skip").filter(visible=True).count() == 0
    folder = OUTPUT / "print"
    folder.mkdir(parents=True, exist_ok=True)
    pdf = page.pdf(path=folder / f"{name}.pdf", format="A4", prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 1 <= sheets <= 8, f"{sheets} sheets"
    assert len(pdf) > 8_000, "an empty sheet"
    return text


def test_a_challenge_on_paper(open_window: Open, installation: Installation) -> None:
    ref, sealed = Refs(installation.var).rows(SEALED)[0]
    for who in (pages.VISITOR, pages.SOLVER):
        text = _printed(open_window, who, f"/challenges/{ref}?view=print", f"challenge-{who}")
        assert str(sealed)[:12] not in text
        assert "主要问题" in text and "技术指标" in text and str(ref) in text


def test_a_match_on_paper(open_window: Open, installation: Installation) -> None:
    refs = Refs(installation.var)
    path = refs.match(pages.SOLVERS_MATCH + " AND c.sealed_text <> ''")
    sealed = refs.one(
        f"SELECT sealed_text FROM challenge WHERE id = (SELECT challenge_id FROM \"match\" WHERE ref = '{path.rsplit('/', 1)[1]}')"
    )
    text = _printed(open_window, pages.SOLVER, f"{path}?view=print", "match")
    assert sealed[:12] not in text
    assert "需求原文" in text and "成果原文" in text


def test_a_deal_on_paper(open_window: Open, installation: Installation) -> None:
    refs = Refs(installation.var)
    deal = refs.deal(f"id IN (SELECT deal_id FROM contract) AND {pages.LED}")
    text = _printed(open_window, pages.BROKER, f"{deal}?view=print", "deal")
    assert "技术合同" in text and "合同成交额" in text and deal.rsplit("/", 1)[1] in text


def test_reduced_motion_moves_nothing(open_window: Open) -> None:
    page = open_window(reduced_motion="reduce")
    page.goto("/challenges")
    slow = page.evaluate(
        """[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
        return Math.max(...(s.transitionDuration + ',' + s.animationDuration).split(',').map(parseFloat)) > 0.01; }).length"""
    )
    assert slow == 0


def test_forced_colours_keep_borders_and_words(open_window: Open, installation: Installation) -> None:
    page = open_window(forced_colors="active")
    page.goto(Refs(installation.var).challenge(pages.MINE_OUT))
    expect(page.get_by_role("link", name="登录后揭榜")).to_be_visible()
    bare = page.evaluate(
        """[...document.querySelectorAll('.btn:not(.btn-quiet), .form-control, .pill')].filter(e => e.checkVisibility())
        .filter(e => parseFloat(getComputedStyle(e).borderTopWidth) < 1).map(e => e.className)"""
    )
    assert bare == []
