"""One story through every room: a firm's challenge, reviewed, matched with reasons, answered, brokered to a signed contract.

Four people in four windows, on a desktop's and a phone's width; screenshots in tests/output/story/<width>/.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import OUTPUT, Open
from tests.e2e.people import sign_in
from tests.e2e.server import Installation
from tests.e2e.texts import FLOW, TOUGH, Text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "text"), [(1280, TOUGH), (360, FLOW)], ids=["desktop", "phone"])
def test_from_a_challenge_to_a_signed_contract(
    width: int, text: Text, open_window: Open, installation: Installation, tmp_path: Path
) -> None:
    album = steps.Album(OUTPUT / "story" / str(width))
    firm, officer, researcher, broker = (open_window(width) for _person in range(4))
    for page, who in ((officer, "officer"), (researcher, "researcher"), (broker, "broker")):
        sign_in(page, who)
    before = steps.figures(officer)

    # A firm posts a challenge, step by step, with what it keeps to itself.
    steps.start_posting(firm)
    challenge = steps.post_challenge(firm, text, _files(firm, tmp_path), album)

    # The bureau reads it, sealed content included, and publishes it.
    steps.review(officer, text, album)

    # The worker matches it; the firm sees who can solve it, and why.
    steps.wait_for_match(firm, challenge, text.answer)
    steps.check_reasons(firm, text)
    album.take(firm, "firm-matches")
    steps.give_verdict(firm, text)
    firm.goto(challenge)
    album.take(firm, "firm-challenge")

    # The other side is told, and sees why from open text alone.
    _researcher_sees_why(researcher, text, album)
    proposal = steps.write_proposal(researcher, challenge, text, album)

    # The firm compares and chooses.
    firm.goto("/notifications")
    expect(firm.locator("main")).to_contain_text(text.title)
    album.take(firm, "firm-notifications")
    steps.accept_proposal(firm, challenge, proposal, album)

    # The broker opens a deal (from the match, or from the proposal) and brings it to a contract.
    source = proposal
    if width > 500:
        broker.goto(f"{challenge}/matches")
        card = broker.locator("article.match", has_text=text.answer).first
        source = str(card.locator(".listing-title a").get_attribute("href"))
    deal = steps.open_deal(broker, source, text, album)
    steps.sign_contract(broker, deal, text, album)
    broker.goto("/deals/board")
    expect(broker.locator("#stage-contract_signed")).to_contain_text(text.title)
    album.take(broker, "broker-board")
    for page, name in ((firm, "firm"), (researcher, "researcher")):
        page.goto(deal)
        expect(page.locator("main")).to_contain_text("已签合同")
        album.take(page, f"{name}-deal")

    # The county's figures show it, to the row.
    after = steps.figures(officer)
    value, technology = map(float, text.contract)
    assert after == (before[0] + 1, pytest.approx(before[1] + value), pytest.approx(before[2] + technology))
    album.take(officer, "officer-figures")
    officer.goto("/figures/rows?stage=signed")
    expect(officer.locator("main")).to_contain_text(text.title)
    album.take(officer, "officer-rows")
    _exports_have(officer, text, tmp_path)

    # What was sealed stayed sealed: not on any page of the researcher's, not in the search index, not in a letter.
    for path in (
        "/today",
        "/notifications",
        challenge,
        f"{challenge}?view=print",
        proposal,
        deal,
        f"/search?q={text.canary}",
    ):
        researcher.goto(path)
        shown = researcher.locator("body").inner_text() if "q=" not in path else researcher.locator("main").inner_text()
        assert text.canary not in shown.replace(f"“{text.canary}”", ""), path
        assert text.sealed[:12] not in researcher.content(), path
    for path in [*(installation.var / "search").rglob("*"), *(installation.var / "outbox").rglob("*")]:
        assert not path.is_file() or text.canary.encode() not in path.read_bytes(), path
    assert text.canary not in installation.said()


def _files(page: Page, folder: Path) -> tuple[Path, Path]:
    """Two real pictures, as a phone would send them."""
    opened = (folder / "开裂照片.png", folder / "客户图纸.png")
    for path in opened:
        page.screenshot(path=path)
    return opened


def _researcher_sees_why(page: Page, text: Text, album: steps.Album) -> None:
    page.goto("/notifications")
    notice = page.locator(".notice a", has_text=text.title).first
    expect(notice).to_be_visible()
    album.take(page, "researcher-notifications")
    notice.click()
    page.wait_for_load_state()
    album.take(page, "researcher-match")
    main = page.locator("main")
    expect(main).to_contain_text("需求原文")
    expect(main).to_contain_text("成果原文")
    expect(main).to_contain_text("含密封内容，未展示")
    assert text.canary not in page.content()


def _exports_have(page: Page, text: Text, folder: Path) -> None:
    page.goto("/figures")
    for name, form in (("导出 CSV", "csv"), ("导出 Excel", "xlsx")):
        with page.expect_download() as coming:
            page.get_by_role("link", name=name).click()
        path = folder / f"figures.{form}"
        coming.value.save_as(path)
        if form == "csv":
            rows = [tuple(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))]
        else:
            sheet = openpyxl.load_workbook(path, read_only=True)["明细"]
            rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        own = [row for row in rows if text.title in row]
        assert len(own) == 1, f"{form}: {len(own)} rows"
        assert [float(cell) for cell in own[0][-2:]] == list(map(float, text.contract))
