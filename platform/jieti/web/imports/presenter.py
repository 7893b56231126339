"""Words of an import's faults."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from jieti.domain.errors import Problem
from jieti.web.problems import sentence

FIELD_WORDS: dict[str, Any] = {
    "import_key": _l("编号"),
    "title": _l("名称"),
    "keywords": _l("关键词"),
    "field": _l("技术领域"),
    "industry": _l("应用行业"),
    "modes": _l("合作方式"),
    "contact_name": _l("联系人"),
    "contact_phone": _l("联系电话"),
    "indicators": _l("技术指标"),
    "main_problem": _l("主要问题"),
    "tech_requirements": _l("技术要求"),
    "expected_goal": _l("预期目标"),
    "budget": _l("拟投入资金"),
    "deadline": _l("截止日期"),
    "trl_min": _l("成熟度"),
    "trl": _l("成熟度"),
    "summary": _l("一句话介绍"),
    "body": _l("成果简介"),
    "price": _l("价格"),
    "completed_on": _l("完成时间"),
}


def field_word(name: str) -> str:
    head = name.split(".", 1)[0]
    return str(FIELD_WORDS.get(head, head))


def fault(problem: dict[str, Any]) -> str:
    return sentence(Problem(problem["field"], problem["code"], problem["params"]))
