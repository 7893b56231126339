"""Status pills: the word and the shape of every lifecycle state, in one table.

Codes are those of the lifecycle tables (domain.md §5); words are the ones used on screen, paper and in exports.
Shapes: ``none`` ○ at rest, ``info`` ◐ under way at somebody else's, ``wait`` ◆ waiting for the reader, ``good`` ●, ``bad`` ✕.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Shape(StrEnum):
    NONE = "none"
    INFO = "info"
    WAIT = "wait"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Pill:
    """What a pill shows; `word` is always shown, `shape` adds border and mark."""

    word: LazyString
    shape: Shape


_N, _I, _W, _G, _B = Shape.NONE, Shape.INFO, Shape.WAIT, Shape.GOOD, Shape.BAD

PILLS: dict[str, dict[str, tuple[LazyString, Shape]]] = {
    "challenge": {
        "draft": (_l("草稿"), _N),
        "submitted": (_l("待审核"), _W),
        "approved": (_l("已通过"), _I),
        "needs_fix": (_l("待整改"), _W),
        "rejected": (_l("未通过"), _B),
        "published": (_l("待揭榜"), _G),
        "reviewing": (_l("评榜中"), _W),
        "awarded": (_l("公示中"), _I),
        "signed": (_l("已签约"), _G),
        "solving": (_l("攻关中"), _I),
        "solved": (_l("已解决"), _G),
        "closed_failed": (_l("对接失败结案"), _B),
        "expired": (_l("已过期"), _N),
        "offline": (_l("已下架"), _N),
        "withdrawn": (_l("已撤回"), _N),
    },
    "result": {
        "draft": (_l("草稿"), _N),
        "submitted": (_l("待单位确认"), _W),
        "confirmed": (_l("待上架审核"), _W),
        "needs_fix": (_l("待整改"), _W),
        "rejected": (_l("未通过"), _B),
        "listed": (_l("已上架"), _G),
        "negotiating": (_l("洽谈中"), _I),
        "contracted": (_l("已签约"), _G),
        "delisted": (_l("已下架"), _N),
    },
    "dispatch": {
        "pending": (_l("待派单"), _W),
        "recommended": (_l("已推荐"), _W),
        "accepted": (_l("已接单"), _G),
        "refused": (_l("已拒单"), _N),
    },
    "proposal": {
        "draft": (_l("草稿"), _N),
        "submitted": (_l("待资格审查"), _W),
        "qualified": (_l("资格通过"), _I),
        "disqualified": (_l("资格未通过"), _B),
        "shortlisted": (_l("已入围"), _I),
        "awarded": (_l("已中榜"), _G),
        "not_selected": (_l("未中选"), _N),
        "withdrawn": (_l("已撤回"), _N),
    },
    "deal": {
        "intent": (_l("待沟通"), _W),
        "agreed": (_l("已达成意向"), _I),
        "declined": (_l("未达成"), _N),
        "nda_signed": (_l("已签保密协议"), _I),
        "contract_signed": (_l("已签合同"), _G),
        "registering": (_l("登记中"), _I),
        "registered": (_l("已登记"), _G),
        "not_registered": (_l("未予登记"), _B),
        "performing": (_l("履约中"), _I),
        "accepted": (_l("已验收"), _G),
        "settled": (_l("已结清"), _G),
        "changed": (_l("已变更"), _N),
        "cancelled": (_l("已取消"), _N),
        "disputed": (_l("有争议"), _B),
    },
    "voucher": {
        "applied": (_l("待县级审核"), _W),
        "county_passed": (_l("县级通过"), _I),
        "county_failed": (_l("县级未通过"), _B),
        "city_passed": (_l("市级通过"), _I),
        "city_failed": (_l("市级未通过"), _B),
        "issued": (_l("已发放"), _G),
        "used": (_l("已使用"), _I),
        "redemption_requested": (_l("待兑付审核"), _W),
        "redemption_passed": (_l("兑付通过"), _I),
        "redemption_failed": (_l("兑付未通过"), _B),
        "paid": (_l("已兑付"), _G),
        "returned": (_l("已退券"), _N),
        "expired": (_l("已过期"), _N),
        "revoked": (_l("已追回"), _B),
    },
    "organisation": {
        "pending": (_l("待核验"), _W),
        "verified": (_l("已核验"), _G),
        "rejected": (_l("核验未通过"), _B),
    },
    "member": {
        "pending": (_l("待加入"), _W),
        "active": (_l("已加入"), _G),
        "rejected": (_l("未同意加入"), _B),
    },
}


def pill_for(kind: str, status: str, acting: bool = False) -> Pill:
    """The pill of a state. ◆ is kept for whoever must act (`acting`); for everybody else a waiting state is ◐.

    Raises KeyError for a kind or a status the table does not have.
    """
    word, shape = PILLS[str(kind)][str(status)]
    if shape is Shape.WAIT and not acting:
        shape = Shape.INFO
    return Pill(word, shape)
