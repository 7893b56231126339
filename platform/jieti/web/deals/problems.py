"""Putting a service's problems beside the fields of a form."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form

from jieti.domain.errors import Invalid, Problem

REQUIRED: dict[str, Any] = {
    "title": _l("请填写项目名称。"),
    "next_step": _l("请写明下一步做什么。"),
    "next_step_on": _l("请选下一步的日期。"),
    "reason": _l("请写明理由。"),
    "text": _l("请先写备注。"),
    "kind": _l("请选择合同类型。"),
    "name": _l("请填写合同名称。"),
    "contract_value": _l("请填写合同成交额。"),
    "tech_value": _l("请填写技术交易额。"),
    "signed_on": _l("请填写签订日期。"),
    "summary": _l("请写明方案概述。"),
    "team": _l("请写明团队。"),
    "schedule": _l("请写明进度安排。"),
    "price": _l("请填写报价；未定请选“面议”。"),
    "meets": _l("请选择能否达到。"),
    "decline_reason": _l("请选择未选中的原因。"),
}
WORDS: dict[str, Any] = {
    "required": _l("请填写这一项。"),
    "money_unreadable": _l("没能读出金额，请写数字，例如 80 或 1,200.5。"),
    "money_too_fine": _l("金额请精确到元。"),
    "money_negative": _l("金额不能小于0。"),
    "money_absurd": _l("金额超过10亿元，请核对单位是不是万元。"),
    "zero": _l("合同成交额要大于0。"),
    "tech_above_contract": _l("技术交易额不能大于合同成交额。"),
    "date_unreadable": _l("没能读出日期，请写成 2026-12-31。"),
    "date_passed": _l("日期已过，请选今天以后的日期。"),
    "date_in_future": _l("签订日期不能晚于今天。"),
    "ends_before_start": _l("有效期的结束不能早于开始。"),
    "no_answers": _l("请至少答一项指标。"),
    "not_yours": _l("只能选本人登记的成果。"),
    "evidence_missing": _l("选了“达到”，请写依据。"),
}


def message(problem: Problem) -> str:
    name = problem.field.split(".")[-1]
    if problem.code == "required" and name in REQUIRED:
        return str(REQUIRED[name])
    if problem.code == "too_long":
        return str(_("最多%(limit)s字，已超%(over)s字。", limit=problem.params["limit"], over=problem.params["over"]))
    return str(WORDS[problem.code])


def attach(form: Form, error: Invalid) -> None:
    """Each problem beside its field (`rows.2.unit` for a row's); one whose field the form lacks stands over the form."""
    for problem in error.problems:
        place: Any = form
        for part in problem.field.split("."):
            entries = getattr(place, "entries", None)
            if entries is not None and part.isdecimal() and int(part) < len(entries):
                place = entries[int(part)].form
            else:
                place = getattr(place, part, None)
        if place is None or place is form:
            form.form_errors = [*form.form_errors, message(problem)]
        else:
            place.errors = [*place.errors, message(problem)]
