"""Words of the deals' pages: verbs on buttons, what the timeline says, what is wrong with an input."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

VERBS: dict[str, Any] = {
    "agree": _l("记为已达成意向"),
    "decline": _l("结束对接"),
    "sign_nda": _l("记为已签保密协议"),
    "sign_contract": _l("登记签约"),
    "register": _l("提交合同登记"),
    "registered": _l("记为已登记"),
    "not_registered": _l("记为未予登记"),
    "perform": _l("开始履约"),
    "accept": _l("确认验收"),
    "settle": _l("记为已结清"),
    "change": _l("记录合同变更"),
    "cancel": _l("取消合同"),
    "dispute": _l("提出争议"),
    "resume": _l("恢复履约"),
    "reopen": _l("重新对接"),
}
"""A move's button: verb and object."""

FORWARD = (
    "agree",
    "sign_nda",
    "sign_contract",
    "register",
    "registered",
    "perform",
    "resume",
    "accept",
    "settle",
    "reopen",
)
"""Moves along the road; the others leave it and are offered second."""

HINTS: dict[str, Any] = {
    "agree": _l("双方都愿意继续谈。请写下接下来做什么。"),
    "decline": _l("对接到此结束，对应的成果重新放开。以后可以重新对接。"),
    "sign_nda": _l("保密协议已由双方签字。"),
    "sign_contract": _l(
        "签约后，需求记为“已签约”，成果记为“已签约”，金额进入本县数据。这一步不能撤销，写错了可以更正合同。"
    ),
    "register": _l("由卖方到所在地的技术合同登记机构登记。"),
    "registered": _l("登记机构已准予登记。"),
    "not_registered": _l("登记机构未予登记，请写明理由。"),
    "perform": _l("双方开始按合同做。需求记为“攻关中”。"),
    "accept": _l("买方确认交付的成果合格。需求记为“已解决”。这一步不能撤销。"),
    "settle": _l("款项已结清，对接项目到此完成。"),
    "change": _l("合同内容有变更，请写明变了什么。"),
    "cancel": _l("合同取消，对应的成果重新放开。这一步不能撤销。"),
    "dispute": _l("写明争议是什么，科技局和经纪人会看到。"),
    "resume": _l("争议已解决，回到履约。"),
    "reopen": _l("双方又愿意谈了，回到“待沟通”。"),
}

EVENTS: dict[str, Any] = {
    "deal.open": _p("event", "发起对接"),
    "deal.agree": _p("event", "达成意向"),
    "deal.decline": _p("event", "结束对接，未达成"),
    "deal.sign_nda": _p("event", "签保密协议"),
    "deal.sign_contract": _p("event", "签订合同"),
    "deal.register": _p("event", "提交合同登记"),
    "deal.registered": _p("event", "合同已登记"),
    "deal.not_registered": _p("event", "合同未予登记"),
    "deal.perform": _p("event", "开始履约"),
    "deal.accept": _p("event", "验收通过"),
    "deal.settle": _p("event", "款项结清"),
    "deal.change": _p("event", "合同变更"),
    "deal.cancel": _p("event", "合同取消"),
    "deal.dispute": _p("event", "提出争议"),
    "deal.resume": _p("event", "恢复履约"),
    "deal.reopen": _p("event", "重新对接"),
    "deal.undo": _p("event", "撤销上一步"),
    "deal.next_step": _p("event", "更新下一步"),
    "deal.participant": _p("event", "加入人员"),
    "deal.remind": _p("event", "提醒：下一步已逾期"),
    "deal.correct_contract": _p("event", "更正合同"),
}

SIDES: dict[str, Any] = {
    "buyer": _l("企业方"),
    "seller": _l("技术方"),
    "broker": _l("技术经纪人"),
    "officer": _l("科技局"),
}

COLUMNS: dict[str, Any] = {
    "intent": _l("待沟通"),
    "agreed": _l("已达成意向"),
    "nda_signed": _l("已签保密协议"),
    "contract_signed": _l("已签合同"),
    "registering": _l("登记"),
    "performing": _l("履约"),
    "settled": _l("已结清"),
    "declined": _l("未达成、已取消"),
}
"""The board's columns: some show several stages."""

REFUSALS: dict[str, Any] = {
    "no_such_move": _l("不能从现在的阶段直接移到那里。"),
    "wrong_actor": _l("这一步要由经纪人、科技局或对方来做。"),
    "deal_ended": _l("这个对接项目已经结束，不再有下一步。"),
    "undo_over": _l("已过可以撤销的时间，或之后又有了变化。"),
    "no_contract": _l("还没有签订的合同可以更正。"),
    "already_open": _l("这一对还有另一个没结束的对接项目。"),
    "challenge_closed": _l("这项需求已不再对接，可能已签约、已过期或已下架。"),
    "offer_closed": _l("对方的成果、方案或专家页已不再对接，可能已签约或已撤回。"),
    "needs_form": _l("这一步要先填写内容，请在对接项目页上操作。"),
}
