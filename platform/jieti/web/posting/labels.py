"""Names of the fields and steps: one list, for forms, pages, changes, versions and column heads."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

COMMON: dict[str, Any] = {
    "field": _l("技术领域"),
    "industry": _l("应用行业"),
    "keywords": _l("关键词"),
    "indicators": _l("技术指标"),
    "modes": _l("合作方式"),
    "contact_name": _l("联系人"),
    "contact_phone": _l("联系电话"),
}
FIELD_LABELS: dict[str, dict[str, Any]] = {
    "challenge": {
        **COMMON,
        "title": _l("需求名称"),
        "main_problem": _l("主要问题"),
        "tech_requirements": _l("技术要求"),
        "expected_goal": _l("预期目标"),
        "activity_type": _l("科技活动类型"),
        "trl_min": _l("成熟度不低于"),
        "budget": _l("投入资金（万元）"),
        "budget_negotiable": _l("面议"),
        "deadline": _l("截止日期"),
        "ip_terms": _l("产权归属"),
        "solver_conditions": _l("对揭榜方的要求"),
        "intended_partner": _l("意向单位或专家"),
        "anonymous": _l("对外不显示本单位名称"),
        "sealed_text": _l("密封说明"),
        "sealed_indicators": _l("密封指标"),
    },
    "result": {
        **COMMON,
        "title": _l("成果名称"),
        "summary": _l("一句话介绍"),
        "body": _l("成果简介"),
        "advantages": _l("优势"),
        "market": _l("应用与市场"),
        "trl": _l("成熟度"),
        "trl_scale": _l("成熟度标准"),
        "price": _l("转化价格（万元）"),
        "price_negotiable": _l("面议"),
        "completed_on": _l("完成时间"),
        "region_code": _l("面向的县（市、区）"),
        "ip_rows": _l("知识产权"),
        "awards": _l("获奖情况"),
    },
}
STEP_LABELS: dict[str, dict[str, Any]] = {
    "challenge": {
        "problem": _l("问题"),
        "indicators": _l("指标"),
        "terms": _l("条件与经费"),
        "sealed": _l("密封内容"),
        "contact": _l("联系与附件"),
        "check": _l("检查并提交"),
    },
    "result": {
        "basics": _l("成果"),
        "indicators": _l("指标"),
        "maturity": _l("成熟度与合作"),
        "ip": _l("知识产权"),
        "contact": _l("联系与附件"),
        "check": _l("检查并提交"),
    },
}
INDICATOR_LABELS: dict[str, Any] = {
    "name": _l("名称"),
    "operator": _l("比较"),
    "value": _l("值"),
    "value_to": _l("至"),
    "unit": _p("indicator", "单位"),
    "condition": _l("测试条件"),
}
IP_LABELS: dict[str, Any] = {
    "kind": _l("形式"),
    "number": _l("专利号或登记号"),
    "status": _l("状态"),
    "title": _l("名称"),
}
UNTITLED: dict[str, Any] = {"challenge": _l("未命名的需求"), "result": _l("未命名的成果")}
