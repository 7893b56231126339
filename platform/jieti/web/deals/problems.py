"""Problems of the brokering forms beside their fields: a missing one is named, everything else is worded for all pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from jieti.domain.errors import Invalid, Problem
from jieti.web.problems import attach as attach_problems
from jieti.web.problems import sentence

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
    "summary": _l("请写方案概述。"),
    "team": _l("请介绍团队。"),
    "schedule": _l("请写进度安排。"),
    "price": _l("请填写报价；未定请选“面议”。"),
    "meets": _l("请选择能否达到。"),
    "choice": _l("请选择原因。"),
}


def message(problem: Problem) -> str:
    """The problem in words."""
    name = problem.field.rsplit(".", 1)[-1]
    if problem.code == "required" and name in REQUIRED:
        return str(REQUIRED[name])
    return sentence(problem)


def attach(form: Any, error: Invalid) -> None:
    """Each problem beside its field."""
    named = [p for p in error.problems if p.code == "required" and p.field in REQUIRED and p.field in form]
    for problem in named:
        form[problem.field].errors = [*form[problem.field].errors, message(problem)]
    attach_problems(form, [p for p in error.problems if p not in named])
