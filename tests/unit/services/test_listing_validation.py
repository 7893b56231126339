"""The rules of a listing's content."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jieti.domain.errors import Invalid
from jieti.services.listing_fields import FIELDS, STEPS, fields_of, step_of
from jieti.services.listing_validation import read_listing, split_tags
from jieti.services.reviews_warnings import alike, leaks, pairs
from jieti.web.problems import PROBLEMS

TODAY = dt.date(2026, 11, 23)
GOOD: dict[str, Any] = {
    "title": "PA66低温增韧",
    "main_problem": "卡扣开裂。",
    "field": "new_materials",
    "modes": ["licence"],
    "budget": "120",
    "deadline": "2027-01-31",
    "contact_name": "示例",
    "contact_phone": "0572-8000000",
}
ROW = {"name": "冲击强度", "operator": ">=", "value": "12", "value_to": "", "unit": "kJ/m²", "condition": ""}


def problems(kind: str = "challenge", **changed: Any) -> dict[str, str]:
    return {p.field: p.code for p in read_listing(kind, GOOD | changed, today=TODAY).problems}


def test_good_content_is_typed() -> None:
    values = read_listing("challenge", GOOD | {"indicators": [ROW], "anonymous": "on"}, today=TODAY).required()
    assert values["budget"] == Decimal(120)
    assert values["deadline"] == dt.date(2027, 1, 31)
    assert values["anonymous"] is True
    assert values["indicators"] == [
        {"name": "冲击强度", "operator": ">=", "value": 12.0, "value_to": None, "unit": "kJ/m²", "condition": ""}
    ]


def test_nothing_typed_lists_everything_that_is_missing() -> None:
    found = read_listing("challenge", {}, today=TODAY)
    assert [p.field for p in found.problems] == [
        "title",
        "main_problem",
        "field",
        "modes",
        "budget",
        "deadline",
        "contact_name",
        "contact_phone",
    ]
    with pytest.raises(Invalid) as caught:
        found.required()
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"budget": "-5"}, "money_negative"),
        ({"budget": "100001"}, "money_absurd"),
        ({"budget": "0"}, "money_zero"),
        ({"budget": "many"}, "money_unreadable"),
        ({"budget": ""}, "money_required"),
        ({"deadline": "2026-11-22"}, "date_past"),
        ({"deadline": "2126-11-22"}, "date_too_far"),
        ({"deadline": "2026-02-30"}, "date_unreadable"),
        ({"field": "alchemy"}, "unknown_choice"),
        ({"modes": ["licence", "theft"]}, "unknown_choice"),
        ({"trl_min": "10"}, "unknown_choice"),
        ({"trl_min": "x"}, "unknown_choice"),
        ({"industry": "Z"}, "unknown_choice"),
        ({"activity_type": "x"}, "unknown_choice"),
        ({"title": " \0 "}, "required"),
        ({"contact_phone": "请发邮件"}, "phone_unreadable"),
        ({"keywords": "一、二、三、四、五、六"}, "too_many"),
        ({"keywords": "词" * 21}, "keyword_too_long"),
    ],
)
def test_what_does_not_hold_is_told_beside_its_field(changed: dict[str, Any], code: str) -> None:
    assert problems(**changed) == {next(iter(changed)): code}


def test_allowed_edges() -> None:
    assert problems(budget="100000") == {}
    assert problems(budget="", budget_negotiable=True) == {}
    assert problems(deadline=TODAY.isoformat()) == {}
    assert problems(industry="C29") == {}
    assert problems(keywords="一、二、三、四、五、五") == {}
    assert problems(main_problem="字" * 500) == {}


def test_over_long_text_is_counted_not_cut() -> None:
    found = read_listing("challenge", GOOD | {"main_problem": "字" * 512}, today=TODAY).problems
    assert [(p.code, p.params["over"]) for p in found] == [("too_long", 12)]
    emoji = read_listing("challenge", GOOD | {"main_problem": "😀" * 500}, today=TODAY)
    assert emoji.required()["main_problem"] == "😀" * 500


@pytest.mark.parametrize(
    ("row", "where", "code"),
    [
        ({"value": ""}, "value", "required"),
        ({"value": "twelve"}, "value", "number_unreadable"),
        ({"name": ""}, "name", "required"),
        ({"unit": ""}, "unit", "unit_required"),
        ({"operator": "about"}, "operator", "unknown_choice"),
        ({"operator": "range", "value": "5", "value_to": "1"}, "value_to", "range_order"),
        ({"operator": "range", "value": "5"}, "value_to", "required"),
        ({"operator": "+-", "value_to": "-1"}, "value_to", "tolerance_negative"),
        ({"condition": "很" * 101}, "condition", "too_long"),
    ],
)
def test_indicator_rows(row: dict[str, str], where: str, code: str) -> None:
    assert problems(indicators=[ROW, {**ROW, **row}]) == {f"indicators.1.{where}": code}


def test_indicator_rows_that_hold() -> None:
    rows = [
        {**ROW, "operator": "range", "value": "-40", "value_to": "120", "unit": "℃"},
        {**ROW, "name": "相对粘度", "unit": ""},
        {**ROW, "value": "67%", "unit": ""},
        {**dict.fromkeys(ROW, ""), "operator": ">="},
    ]
    read = read_listing("challenge", GOOD | {"indicators": rows}, today=TODAY).required()["indicators"]
    assert [(r["value"], r["value_to"], r["unit"]) for r in read] == [(-40, 120, "℃"), (12, None, ""), (67, None, "%")]
    assert problems(indicators=[ROW] * 21) == {"indicators": "too_many"}


def test_ip_rows() -> None:
    base = {"title": "成果", "summary": "一句话", "body": "简介", "trl": "6", "price": "10", "region_code": "330521"}
    good = GOOD | base

    def found(row: dict[str, str]) -> dict[str, str]:
        return {p.field: p.code for p in read_listing("result", good | {"ip_rows": [row]}, today=TODAY).problems}

    assert found({"kind": "invention", "number": "ZL 2023 1", "status": "granted", "title": ""}) == {}
    assert found({"kind": "secret", "number": "", "status": "", "title": "凝聚工艺"}) == {}
    assert found({"kind": "", "number": "ZL1", "status": "", "title": ""}) == {"ip_rows.0.kind": "required"}
    assert found({"kind": "royal", "number": "1", "status": "", "title": ""}) == {"ip_rows.0.kind": "unknown_choice"}
    assert problems("result", **base | {"region_code": "999999"}) == {"region_code": "unknown_choice"}
    assert problems("result", **base | {"completed_on": "2027-01-01"}) == {"completed_on": "date_future"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(FIELDS)), data=st.data())
def test_whatever_is_sent_is_typed_or_told(kind: str, data: st.DataObject) -> None:
    """Random content never raises anything but the told problems, and every code has words."""
    raw: dict[str, Any] = {}
    for spec in FIELDS[kind]:
        rows = spec.reading.value in ("indicators", "ip_rows")
        text = st.text(max_size=60)
        part = st.dictionaries(
            st.sampled_from(["name", "operator", "value", "value_to", "unit", "kind", "number", "title"]), text
        )
        several = st.lists(text, max_size=4)
        raw[spec.name] = data.draw(
            st.lists(part, max_size=3)
            if rows
            else several
            if spec.reading.value == "choices"
            else st.one_of(text, st.none())
        )
    found = read_listing(kind, raw, today=TODAY)
    assert {p.code for p in found.problems} <= set(PROBLEMS)
    assert all(step_of(kind, p.field) in STEPS[kind] for p in found.problems)
    json.dumps({k: str(v) for k, v in found.values.items()}, ensure_ascii=False).encode()


def test_every_field_is_asked_once_in_a_step_that_exists() -> None:
    for kind, specs in FIELDS.items():
        assert len({s.name for s in specs}) == len(specs)
        assert {s.step for s in specs} <= set(STEPS[kind])
        assert fields_of(kind, "check") == ()


def test_tags_are_split_at_every_usual_separator() -> None:
    assert split_tags("PA66、增韧，低温;增韧\n连接器") == ["PA66", "增韧", "低温", "连接器"]


def test_reviewers_are_told_of_leaks_and_of_titles_alike() -> None:
    told = {
        (c.code, c.excerpt)
        for c in leaks({"main_problem": "请致电１３８００００００００，现配方见附件", "body": "a@example.com"})
    }
    assert told == {("phone", "13800000000"), ("secret_word", "现配方"), ("mail", "a@example.com")}
    assert list(leaks({"contact_phone": "13800000000", "main_problem": "指标12000"})) == []
    assert alike(pairs("汽车连接器用PA66低温增韧"), pairs("汽车连接器用ＰＡ66低温增韧改性")) > 0.75
    assert alike(pairs("汽车连接器用PA66低温增韧"), pairs("改性车间烟气净化")) < 0.2
