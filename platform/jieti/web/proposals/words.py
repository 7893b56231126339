"""Words of the proposals' pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

STEPS: dict[str, Any] = {
    "indicators": _l("指标"),
    "plan": _l("方案"),
    "terms": _l("团队与报价"),
    "check": _l("检查并提交"),
}
VERBS: dict[str, Any] = {
    "accept": _l("选定方案"),
    "decline": _l("不选这份方案"),
    "shortlist": _l("列入备选"),
    "qualify": _l("资格通过"),
    "disqualify": _l("资格不予通过"),
    "withdraw": _l("撤回方案"),
}
DONE: dict[str, Any] = {
    "accept": _l("已选定这份方案，对方和科技局都收到了通知。"),
    "decline": _l("已答复对方，并说明了原因。"),
    "shortlist": _l("已列入备选，并通知了对方。"),
    "qualify": _l("已记为资格通过，并通知了对方。"),
    "disqualify": _l("已记为资格未通过，并说明了原因。"),
    "withdraw": _l("方案已撤回。"),
}
LEADS: dict[str, Any] = {
    "accept": _l("选定后通知对方和科技局，由经纪人或科技局发起对接。选定不能撤销；最后没有谈成，还可以选别的方案。"),
    "decline": _l("对方会看到您写的原因。答复后不能撤销。"),
    "disqualify": _l("对方会看到您写的原因。决定后不能撤销。"),
    "withdraw": _l("撤回后企业不再考虑这份方案。撤回不能撤销，需求仍在征集时可以重新写一份。"),
}
"""Decisions that have a page of their own; the others are done at once."""

REASONS: dict[str, dict[str, Any]] = {
    "decline": {
        "indicators": _l("指标达不到要求"),
        "evidence": _l("依据不够充分"),
        "price": _l("报价不合适"),
        "schedule": _l("时间不合适"),
        "other_chosen": _l("已选定其他方案"),
        "other": _l("其他原因"),
    },
    "disqualify": {
        "conditions": _l("不符合对揭榜方的要求"),
        "materials": _l("材料不全或不实"),
        "related": _l("与企业有利害关系"),
        "other": _l("其他原因"),
    },
}
EVENTS: dict[str, Any] = {
    "proposal.start": _p("event", "开始写方案"),
    "proposal.submit": _p("event", "提交方案"),
    "proposal.qualify": _p("event", "资格通过"),
    "proposal.disqualify": _p("event", "资格未通过"),
    "proposal.shortlist": _p("event", "列入备选"),
    "proposal.accept": _p("event", "选定方案"),
    "proposal.decline": _p("event", "未选中"),
    "proposal.withdraw": _p("event", "撤回方案"),
}
REFUSALS: dict[str, Any] = {
    "not_open": _l("这项需求现在不收方案，可能已截止、已签约或已下架。"),
    "not_draft": _l("方案已经提交，不能再改。要改请先撤回，再重新写一份。"),
    "decided_meanwhile": _l("这份方案刚被处理过，请看最新情况。"),
    "no_such_move": _l("这份方案现在的阶段不能这样处理。"),
    "wrong_actor": _l("这一步要由企业或科技局来做。"),
}
