"""The steps of the story as a person takes them; each works with and without script, and says what it saw by asserting."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.people import sign_in
from tests.e2e.texts import Text

MATCH_LIMIT = 150.0  # seconds for the worker to index and match, on a busy machine
REF = re.compile(r"/(challenges|deals|proposals|matches)/([a-z0-9]+)")


class Album:
    """Numbered screenshots of a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def take(self, page: Page, name: str) -> None:
        self._number += 1
        page.screenshot(path=self._folder / f"{self._number:02d}-{name}.png", full_page=True)


def day(ahead: int) -> str:
    return (dt.date.today() + dt.timedelta(days=ahead)).isoformat()


def pick(page: Page, field: str, value: str) -> None:
    """Choose in a select, searchable (Tom Select) or not."""
    select = page.locator(f"#{field}")
    if select.is_visible() and "tomselected" not in (select.get_attribute("class") or ""):
        select.select_option(value)
        return
    word = select.evaluate("(s, v) => [...s.options].find(o => o.value === v).text", value)
    page.locator(f"#{field}-ts-control").fill(word)
    page.locator(f"#{field}-ts-dropdown [role=option]", has_text=word).first.click()


def write_tags(page: Page, field: str, words: tuple[str, ...]) -> None:
    box = page.locator(f"#{field}-ts-control")
    if not box.count():
        page.locator(f"#{field}").fill("、".join(words))
        return
    for word in words:
        box.fill(word)
        box.press("Enter")
    box.press("Tab")


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def go_on(page: Page, step: str) -> None:
    """保存并继续, to the step that follows."""
    press(page, "保存并继续")
    page.wait_for_url(f"**/edit/{step}")


def start_posting(page: Page, who: str = "enterprise") -> None:
    """From the front page as a visitor: 我要出题, sign in, 开始填写."""
    page.goto("/")
    page.get_by_role("link", name="我要出题").first.click()
    page.wait_for_url("**/sign-in**")
    page.get_by_role("button", name="以企业身份体验").click()
    page.wait_for_url("**/challenges/new")
    press(page, "开始填写")
    page.wait_for_url("**/edit/problem")


def write_problem(page: Page, text: Text) -> None:
    page.locator("#title").fill(text.title)
    page.locator("#main_problem").fill(text.main_problem)
    page.locator("#tech_requirements").fill(text.tech_requirements)
    page.locator("#expected_goal").fill(text.expected_goal)
    pick(page, "field", "new_materials")
    write_tags(page, "keywords", text.keywords)


def write_indicators(page: Page, text: Text) -> None:
    for number, row in enumerate(text.indicators):
        if not page.locator(f"#indicators-{number}-name").count():
            press(page, "再加一条")
            page.locator(f"#indicators-{number}-name").wait_for()
        page.locator(f"#indicators-{number}-name").fill(row.name)
        page.locator(f"#indicators-{number}-operator").select_option(row.operator)
        page.locator(f"#indicators-{number}-value").fill(row.value)
        page.locator(f"#indicators-{number}-unit").fill(row.unit)
        page.locator(f"#indicators-{number}-condition").fill(row.condition)


def write_terms(page: Page, text: Text) -> None:
    page.get_by_label("委托开发").check()
    page.locator("#budget").fill(text.budget)
    page.locator("#deadline").fill(day(90))


def attach(page: Page, field: str, path: Path) -> None:
    """By XHR where script runs (the name appears in the list), else with the form."""
    page.locator(f"#{field}").set_input_files(path)
    if page.locator("html").evaluate("() => true") and page.locator(f"[data-upload-url] #{field}").count():
        page.locator(f"#{field}-files .file-name", has_text=path.name).wait_for()


def post_challenge(
    page: Page, text: Text, files: tuple[Path, Path] | None, album: Album | None, script: bool = True
) -> str:
    """From 开始填写 to 已提交; returns the challenge's address (a path)."""

    def shot(name: str) -> None:
        if album:
            album.take(page, name)

    write_problem(page, text)
    shot("firm-problem")
    go_on(page, "indicators")
    write_indicators(page, text)
    shot("firm-indicators")
    go_on(page, "terms")
    write_terms(page, text)
    shot("firm-terms")
    go_on(page, "sealed")
    page.locator("#sealed_text").fill(text.sealed)
    shot("firm-sealed")
    go_on(page, "contact")
    page.locator("#contact_name").fill("程予安")
    page.locator("#contact_phone").fill("0572-00000002")
    if files:
        for field, path in zip(("attachment", "sealed_attachment"), files, strict=True):
            page.locator(f"#{field}").set_input_files(path)
            if script:
                page.locator(f"#{field}-files .file-name", has_text=path.name).wait_for()
        shot("firm-contact")
    go_on(page, "check")
    expect(page.locator("main")).to_contain_text(text.indicators[0].name)
    expect(page.locator("main .errors")).to_have_count(0)
    shot("firm-check")
    press(page, "提交审核")
    page.wait_for_url(re.compile(r"/challenges/[a-z0-9]+$"))
    expect(page.get_by_text("已提交。科技局一般")).to_be_visible()
    shot("firm-submitted")
    found = REF.search(page.url)
    assert found
    return found[0]


def review(page: Page, text: Text, album: Album | None = None) -> None:
    """The officer finds it in today's work, reads it with what is sealed, publishes it."""
    page.goto("/today")
    if album:
        album.take(page, "officer-today")
    page.goto("/reviews")
    page.get_by_role("link", name=text.title).first.click()
    page.wait_for_url("**/reviews/challenge/**")
    expect(page.locator("main")).to_contain_text(text.canary)  # the county's officer is of the sealed audience
    if album:
        album.take(page, "officer-review")
    press(page, "通过并发布")
    page.wait_for_load_state()
    expect(page.locator("#messages")).not_to_be_empty()


def wait_for_match(page: Page, challenge: str, answer: str) -> None:
    """Until the worker has matched: the result that answers stands in the list."""
    limit = time.monotonic() + MATCH_LIMIT
    while True:
        page.goto(f"{challenge}/matches")
        if page.locator("article.match", has_text=answer).count():
            return
        assert time.monotonic() < limit, f"no match with {answer} after {MATCH_LIMIT:.0f} s"
        page.wait_for_timeout(700)


def check_reasons(page: Page, text: Text) -> None:
    """On the list of matches: a level of the better two, a sentence, quotes of both sides, verdicts."""
    card = page.locator("article.match", has_text=text.answer).first
    expect(card.locator(".level").first).to_have_text(re.compile("强"))
    assert card.locator(".match-sentence").inner_text().strip()
    quotes = card.locator("blockquote").all_inner_texts()
    assert len(quotes) >= 2 and "需求原文" in quotes[0] and "成果原文" in quotes[1], quotes
    assert any(part in quotes[0] for part in (*text.keywords, "尼龙66")), quotes[0]
    verdicts = " ".join(card.locator(".verdict:visible").all_inner_texts())
    assert "满足" in verdicts, verdicts


def give_verdict(page: Page, text: Text) -> None:
    card = page.locator("article.match", has_text=text.answer).first
    card.get_by_role("button", name="合适", exact=True).click()
    expect(page.get_by_text("已记下您的判断")).to_be_visible()


def write_proposal(page: Page, challenge: str, text: Text, album: Album | None = None) -> str:
    """揭榜 from the challenge's page; returns the proposal's address."""
    page.goto(challenge)
    page.locator("main").get_by_role("link", name="揭榜", exact=True).click()
    page.wait_for_url("**/proposals/new")
    press(page, "开始写方案")
    page.wait_for_url("**/edit/indicators")
    for number, (meets, value, evidence) in enumerate(text.replies):
        page.locator(f"input[name='answers-{number}-meets'][value='{meets}']").check()
        page.locator(f"#answers-{number}-value").fill(value)
        page.locator(f"#answers-{number}-evidence").fill(evidence)
        page.locator(f"#answers-{number}-when").fill("签约后6个月")
    if album:
        album.take(page, "researcher-proposal-indicators")
    go_on(page, "plan")
    page.locator("#summary").fill(
        "以本团队已登记的成果为基础，在企业现有双螺杆上调整配方，先做公斤级验证，再做三批吨级试产。"
    )
    choice = page.locator("#result").evaluate(
        "(s, t) => [...s.options].find(o => o.text.includes(t))?.value || ''", text.answer
    )
    assert choice, "the researcher's own result can be chosen"
    pick(page, "result", choice)
    go_on(page, "terms")
    page.locator("#team").fill("沈砚秋教授带队，一名副教授、三名博士生，做过两家改性厂的同类项目。")
    page.locator("#price").fill("75")
    page.locator("#schedule").fill("前2个月做配方验证，第3至5个月吨级试产，第6个月验收。")
    page.locator("#ip_terms").fill("新产生的专利双方共有，企业在汽车领域独占实施。")
    if album:
        album.take(page, "researcher-proposal-terms")
    go_on(page, "check")
    expect(page.locator("main .errors")).to_have_count(0)
    press(page, "提交方案")
    page.wait_for_url(re.compile(r"/proposals/[a-z0-9]+$"))
    expect(page.get_by_text("方案已提交。")).to_be_visible()
    if album:
        album.take(page, "researcher-proposal")
    found = REF.search(page.url)
    assert found
    return found[0]


def accept_proposal(page: Page, challenge: str, proposal: str, album: Album | None = None) -> None:
    page.goto(f"{challenge}/proposals")
    if album:
        album.take(page, "firm-proposals")
    page.locator(f"main a[href='{proposal}']").first.click()
    page.wait_for_url(f"**{proposal}")
    page.locator("main").get_by_role("link", name="选定方案", exact=True).click()
    page.wait_for_url("**/decide**")
    press(page, "选定方案")
    page.wait_for_url(re.compile(r"/proposals/[a-z0-9]+$"))
    expect(page.get_by_text("已选定这份方案")).to_be_visible()
    if album:
        album.take(page, "firm-accepted")


def open_deal(page: Page, source: str, text: Text, album: Album | None = None) -> str:
    """发起对接 from a match's or a proposal's page; returns the deal's address."""
    page.goto(source)
    page.locator("main").get_by_role("link", name="发起对接").first.click()
    page.wait_for_url("**/deals/new**")
    page.locator("#next_step").fill("约双方技术负责人到厂看样件，确认测试方法。")
    page.locator("#next_step_on").fill(day(7))
    if album:
        album.take(page, "broker-open")
    press(page, "发起对接")
    page.wait_for_url(re.compile(r"/deals/[a-z0-9]{6,}$"))
    expect(page.get_by_text("已发起对接")).to_be_visible()
    if album:
        album.take(page, "broker-deal")
    found = REF.search(page.url)
    assert found
    return found[0]


def move_deal(page: Page, deal: str, verb: str, fill: dict[str, str] | None = None) -> None:
    page.goto(f"{deal}/move?verb={verb}")
    for field, value in (fill or {}).items():
        if field == "kind":
            pick(page, field, value)
        else:
            page.locator(f"#{field}").fill(value)
    if page.locator("#next_step").count():
        page.locator("#next_step").fill("按合同准备第一批试样。")
        page.locator("#next_step_on").fill(day(14))
    page.locator("main form#move button[type=submit], main form#move button.btn-primary").first.click()
    page.wait_for_url(re.compile(rf"{deal}(#.*)?$"))


def sign_contract(page: Page, deal: str, text: Text, album: Album | None = None) -> None:
    """Intent → agreed → confidentiality agreement → contract signed, with its amounts."""
    move_deal(page, deal, "agree")
    move_deal(page, deal, "sign_nda")
    value, technology = text.contract
    page.goto(f"{deal}/move?verb=sign_contract")
    if album:
        album.take(page, "broker-contract-form")
    move_deal(
        page, deal, "sign_contract",
        {"kind": "development", "contract_value": value, "tech_value": technology, "signed_on": day(0), "number": f"HT-{text.canary[-4:]}"},
    )  # fmt: skip
    expect(page.locator("main")).to_contain_text("已签合同")
    expect(page.locator("main")).to_contain_text(f"{value}万元")
    if album:
        album.take(page, "broker-signed")


def figures(page: Page) -> tuple[int, float, float]:
    """Of the county's page: signed, 合同成交额, 技术交易额 (万元)."""
    page.goto("/figures")
    signed = page.locator(".funnel li").nth(3).locator(".funnel-value a").inner_text()
    amounts = [
        _amount(page.locator(".figure, .figure-tile, dl.figures > div", has_text=name).first.inner_text())
        for name in ("合同成交额", "技术交易额")
    ]
    return int(signed.replace(",", "")), amounts[0], amounts[1]


def _amount(text: str) -> float:
    found = re.search(r"([\d,.]+)\s*(万元|亿元)", text)
    assert found, text
    return float(found[1].replace(",", "")) * (1 if found[2] == "万元" else 10_000)


__all__ = ["Album", "sign_in"]
