"""The macros: what they show, what they refuse, what they escape."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT, Lifecycle
from jieti.domain.vocabulary import Membership, Verification
from jieti.web import filters
from jieti.web.filters import MissingReasons
from jieti.web.pills import PILLS, Shape, pill_for
from search.ports import Span


def render(app: Flask, source: str, url: str = "/", **values: Any) -> str:
    with app.test_request_context(url):
        return render_template_string(source, **values)


LEVEL = '{% from "components/match.html" import level %}{{ level(value, reasons) }}'


@pytest.mark.parametrize(("value", "word"), [(4, "强"), (3, "较强"), (2, "弱"), (1, "无")])
def test_level_shows_word_and_bars(app: Flask, value: int, word: str) -> None:
    html = render(app, LEVEL, value=value, reasons=["体系一致"])
    assert f"</svg> {word}</span>" in html
    assert html.count('class="on"') == value - 1


@pytest.mark.parametrize("reasons", [[], None, "", ()])
def test_level_refuses_without_reasons(app: Flask, reasons: Any) -> None:
    with pytest.raises(MissingReasons):
        render(app, LEVEL, value=4, reasons=reasons)


def test_match_card_refuses_without_reasons(app: Flask) -> None:
    source = '{% from "components/match.html" import match_card %}{{ match_card(m, {"title": "x", "url": "#"}) }}'
    with pytest.raises(MissingReasons):
        render(app, source, m={"level": 4, "sentence": "", "evidence": []})


def test_diamond_only_for_whoever_must_act() -> None:
    assert pill_for("challenge", "submitted", acting=True).shape is Shape.WAIT
    assert pill_for("challenge", "submitted").shape is Shape.INFO
    assert pill_for("challenge", "published", acting=True).shape is Shape.GOOD
    with pytest.raises(KeyError):
        pill_for("challenge", "no such state")


@pytest.mark.parametrize("lifecycle", [CHALLENGE, RESULT, PROPOSAL, DEAL], ids=lambda table: table.name)
def test_pills_cover_the_lifecycles(lifecycle: Lifecycle) -> None:
    """Every state of the lifecycle tables has its word and shape, and the table of pills names no other."""
    assert set(lifecycle.statuses) == PILLS[lifecycle.name].keys()


def test_pills_cover_verification_and_membership() -> None:
    assert {v.value for v in Verification} == PILLS["organisation"].keys()
    assert {m.value for m in Membership} == PILLS["member"].keys()


def test_spans_escape_and_mark() -> None:
    pieces = (Span("<b>增韧", False), Span("尼龙<", True))
    assert str(filters.spans(pieces)) == "&lt;b&gt;增韧<mark>尼龙&lt;</mark>"
    assert str(filters.spans("<i>")) == "&lt;i&gt;"


def test_mark_terms_escapes_and_ignores_case() -> None:
    assert str(filters.mark_terms("用 pa66 <增韧> 的尼龙", ["PA66", "尼龙", "龙"])) == (
        "用 <mark>pa66</mark> &lt;增韧&gt; 的<mark>尼龙</mark>"
    )


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (80, "80万元"),
        (Decimal("1200.5"), "1,200.5万元"),
        (12000, "1.2亿元"),
        (None, "面议"),
        (Decimal("0"), "0万元"),
        (10000, "1亿元"),
    ],
)
def test_money(app: Flask, amount: Any, words: str) -> None:
    assert render(app, "{{ amount | money }}", amount=amount) == words


@pytest.mark.parametrize(
    ("indicator", "words"),
    [
        ({"operator": ">=", "value": 67.0, "unit": "%"}, "≥67%"),
        ({"operator": ">=", "value": 2000.0, "unit": "h"}, "≥2000 h"),
        ({"operator": "range", "value": -40.0, "value_to": 120.0, "unit": "℃"}, "-40~120℃"),
        ({"operator": "+-", "value": 5.0, "value_to": 0.1, "unit": "mm"}, "5±0.1 mm"),
        ({"operator": "=", "value": 0.00005, "unit": ""}, "0.00005"),
        ({"operator": "<", "value": 3.0, "unit": "次"}, "<3次"),
    ],
)
def test_quantity(indicator: dict[str, Any], words: str) -> None:
    assert filters.quantity(indicator) == words


def test_dates(app: Flask) -> None:
    with app.test_request_context():
        today = filters.today()
        assert filters.days_left(today + timedelta(days=12)) == "剩12天"
        assert filters.days_left(today) == "今天截止"
        assert filters.days_left(today - timedelta(days=1)) == "已截止"
        assert filters.due(today - timedelta(days=3)) == "逾期3天"
        assert filters.date_prose(date(2026, 12, 31)) == "2026年12月31日"
        # 17:00 UTC is the next day in China.
        assert filters.time_table(datetime(2026, 12, 31, 17, 5, tzinfo=UTC)) == "2027-01-01 01:05"
        assert filters.time_table(datetime(2026, 12, 31, 17, 5)) == "2027-01-01 01:05"
        assert filters.ago(datetime.now(UTC) - timedelta(minutes=12)) == "12分钟前"


def test_date_in_keeps_to_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "today", lambda: date(2026, 8, 31))
    assert filters.date_in(months=6) == "2027-02-28"
    assert filters.date_in(months=4) == "2026-12-31"


def test_urls_keep_the_query(app: Flask) -> None:
    source = "{{ url_with(page=3) }} {{ url_without('county', '331002') }} {{ url_with(q=none) }}"
    html = render(app, source, url="/challenges?q=尼龙&county=331002&county=330521&page=2")
    first, second, third = html.replace("&amp;", "&").split()
    assert first.endswith("&page=3") and first.count("county=") == 2
    assert "331002" not in second and "county=330521" in second and "page=" not in second
    assert "q=" not in third


def test_page_numbers() -> None:
    assert filters.page_numbers(5, 20) == [1, None, 4, 5, 6, None, 20]
    assert filters.page_numbers(1, 3) == [1, 2, 3]
    assert filters.page_numbers(3, 5) == [1, 2, 3, 4, 5]


class _Row(Form):
    name = StringField("名称", [DataRequired("请填写名称。")])


class _Form(FlaskForm):  # type: ignore[misc]
    title = StringField("标题", [DataRequired("请填写标题。")])
    kind = RadioField(
        "类型", choices=[SelectChoice("a", "甲"), SelectChoice("b", "乙")], validators=[DataRequired("请选一种。")]
    )
    rows = FieldList(FormField(_Row), label="指标", min_entries=2)


def test_errors_are_told_at_the_field_and_in_the_summary(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    source = '{% from "components/forms.html" import field, error_summary %}{{ error_summary(form) }}{{ field(form.title, hint="一句话") }}{{ field(form.kind) }}'
    with app.test_request_context("/", method="POST", data={"rows-0-name": "韧性", "rows-1-name": ""}):
        form = _Form()
        assert not form.validate()
        html = render_template_string(source, form=form)
        found = filters.form_errors(form)
    assert [e.id for e in found] == ["title", "kind-0", "rows-1-name"]
    assert found[2].label == "指标第2行：名称"
    assert '<a href="#title">标题：请填写标题。</a>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="title-hint title-error"' in html
    assert "错误：</span>请填写标题。" in html
    assert "required" not in html
    assert html.index('id="title-error"') < html.index('<input aria-describedby="title-hint')


def test_card_escapes_and_hides_the_name_of_an_anonymous_firm(app: Flask) -> None:
    source = '{% from "components/listing.html" import challenge_card %}{{ challenge_card(c) }}'
    card = SimpleNamespace(
        url="/challenges/1", title="<script>alert(1)</script>", status="published", organisation_name=None, budget=None
    )
    html = render(app, source, c=card)
    assert "<script>" not in html and "匿名企业" in html and "面议" in html


def test_sealed_shows_content_only_to_those_who_may(app: Flask) -> None:
    source = '{% from "components/layout.html" import sealed %}{% call sealed(state) %}配方{% endcall %}'
    assert "配方" in render(app, source, state="owner") and "配方" in render(app, source, state="released")
    assert "配方" not in render(app, source, state="sealed") and "配方" not in render(app, source, state="requested")


def test_the_style_guide_and_the_error_pages_render(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/styleguide").get_data(as_text=True)
    assert "<title>错误：样式 - 解题</title>" in page
    assert 'style="' not in page and "<script>" not in page
    assert page.count("btn-primary") <= 3  # the page's one, the facets' on a phone, none else
    for status in (400, 404, 405, 409, 413, 429, 500, 503):
        assert "<h1>" in render(app, f'{{% include "errors/{status}.html" %}}')
