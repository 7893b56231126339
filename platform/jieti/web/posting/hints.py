"""What stands under each label while posting, what each step is for, and the advice that never blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.web.filters import quantity

if TYPE_CHECKING:
    from matcher.askback import Question

HINTS: dict[str, dict[str, Any]] = {
    "challenge": {
        "title": _l("一句话说清要解决什么，例如：汽车连接器用PA66低温增韧"),
        "main_problem": _l("现在怎么做，卡在哪里，试过什么。配方、客户名称等请写到“密封内容”。"),
        "tech_requirements": _l("材料、设备、工艺上的限制。能写成数字的，写到下一步“指标”里。"),
        "expected_goal": _l("做成什么样算解决：交付物、批量、验收方式"),
        "keywords": _l("最多5个，用顿号“、”隔开"),
        "indicators": _l("匹配先看指标。写明数值、单位和测试条件，一条一行。"),
        "modes": _l("可以选几项"),
        "trl_min": _l("只要能直接用的，选7以上；愿意一起研发，不选也行。"),
        "budget": _l("能写120、1,200或120万。未定请选“面议”。"),
        "deadline": _l("到这一天为止收方案"),
        "ip_terms": _l("专利归谁，能不能发论文"),
        "solver_conditions": _l("资质、设备、案例、到厂时间"),
        "anonymous": _l("公开页面显示“匿名企业”；本县科技局、与您对接的各方仍能看到。"),
        "sealed_text": _l("现配方、成本、客户等不宜公开的内容。会参与匹配，但不向别人显示。"),
        "sealed_indicators": _l("不宜公开的数字，例如目标成本"),
        "contact_phone": _l("不公开。科技局、技术经纪人和与您对接的各方能看到。"),
    },
    "result": {
        "title": _l("一句话说清是什么技术"),
        "summary": _l("企业的人先看这一句：能做什么，好在哪里"),
        "body": _l("原理、做到的程度、在什么条件下测得、还差什么"),
        "advantages": _l("和现有办法比，好在哪里"),
        "market": _l("用在哪里，谁在用"),
        "keywords": _l("最多5个，用顿号“、”隔开"),
        "indicators": _l("已经达到的数字。写明单位和测试条件，企业靠它判断能不能用。"),
        "trl": _l("按实际验证到的程度选"),
        "modes": _l("可以选几项"),
        "price": _l("能写120、1,200或120万。未定请选“面议”。"),
        "region_code": _l("由这个县（市、区）的科技局审核上架"),
        "ip_rows": _l("没有专利号的（如技术秘密），填名称即可"),
        "contact_phone": _l("已核验单位的用户登录后能看到"),
    },
}
STEP_LEADS: dict[str, dict[str, Any]] = {
    "challenge": {
        "problem": _l("先把问题说清，专家靠它判断能不能解。"),
        "indicators": _l("指标决定匹配得准不准。没有把握的可以先空着。"),
        "terms": _l("怎么合作、多少钱、到什么时候。"),
        "sealed": _l("可以整步空着。"),
        "contact": _l("谁来答复，有什么图纸和数据。"),
        "check": _l("看一遍，再提交科技局审核。"),
    },
    "result": {
        "basics": _l("先说清能做什么。"),
        "indicators": _l("写已经测到的数字。"),
        "maturity": _l("做到哪一步，愿意怎么合作。"),
        "ip": _l("专利、著作权、技术秘密。"),
        "contact": _l("企业找谁谈，有什么材料。"),
        "check": _l("看一遍，再提交。"),
    },
}


QUESTIONS: dict[str, Any] = {
    "no_unit": _l("“%(about)s”没有单位，写明后才能比较。"),
    "no_condition": _l("“%(about)s”没有测试条件，补上后匹配更准。"),
    "no_indicator": _l("还没有可检验的数字。写一两个指标，匹配会准得多。"),
    "material": _l("没看到用什么材料或对象，可以补一句。"),
    "method": _l("没看到现在的工艺或做法，可以补一句。"),
    "effect": _l("没看到要达到什么效果，可以补一句。"),
    "product": _l("没看到用在什么产品或设备上，可以补一句。"),
    "scene": _l("没看到在什么场景下用，可以补一句。"),
}
"""By the matcher's gap: it says what it did not find, and blocks nothing."""


PREVIEW_HINTS: dict[str, Any] = {
    "no_indicator": _l("写一两个带单位的指标，匹配会更准。"),
    "material": _l("写明用什么材料或对象，匹配会更准。"),
    "product": _l("写明用在什么产品或设备上，匹配会更准。"),
    "method": _l("写明现在的工艺或做法，匹配会更准。"),
    "effect": _l("写明要达到什么效果，匹配会更准。"),
    "scene": _l("写明在什么场景下用，匹配会更准。"),
}
"""What helps where no good match was found, by the matcher's gap."""


def worded_questions(questions: Iterable[Question]) -> list[str]:
    """A question without a text of its own says nothing of `about`."""
    return [str(QUESTIONS[q.gap.value]) % {"about": q.about} for q in questions]


def indicator_advice(rows: Sequence[Mapping[str, str]]) -> dict[int, str]:
    """By row: a quantity without a test condition. It advises and never blocks."""
    advice = {}
    for position, row in enumerate(rows):
        value = str(row.get("value") or "").strip()
        if value and not str(row.get("condition") or "").strip():
            unit = str(row.get("unit") or "").strip()
            advice[position] = _("“%(value)s”没有测试条件，补上后匹配更准。", value=_as_typed(value, unit))
    return advice


def _as_typed(value: str, unit: str) -> str:
    try:
        return quantity({"operator": "=", "value": float(value), "unit": unit})
    except ValueError:
        return f"{value}{unit}"
