"""What a notification says: its kind's sentence, filled with its params. A new kind adds its line here (a test looks for it).

Params that are identifiers (a deal's stage, a match's level) become their words; a sentence never shows an identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.web import words

SENTENCES: dict[str, Any] = {
    # listings and their review
    "listing_submitted": _l("%(organisation)s提交了“%(title)s”，等您审核。"),
    "listing_approved": _l("“%(title)s”已通过审核并发布。"),
    "listing_returned": _l("“%(title)s”已退回修改：%(reason)s"),
    "listing_rejected": _l("“%(title)s”未通过审核：%(reason)s"),
    "result_confirmed": _l("“%(title)s”已由单位确认，等科技局上架。"),
    "challenge_expired": _l("“%(title)s”已过截止日期，不再征集方案。可以延期。"),
    "challenge_closed": _l("您回应的需求“%(title)s”已经结束征集。"),
    "challenge_start_review": _l("“%(title)s”进入评榜。"),
    "challenge_reopen": _l("“%(title)s”重新开放征集。"),
    "challenge_start_solving": _l("“%(title)s”开始攻关。"),
    "challenge_solve": _l("“%(title)s”记为已解决。"),
    "challenge_recall": _l("“%(title)s”已从审核中取回。"),
    "challenge_restore": _l("“%(title)s”已恢复发布。"),
    "challenge_close_failed": _l("“%(title)s”以对接失败结案：%(reason)s"),
    "challenge_withdraw": _l("“%(title)s”已撤回。"),
    "challenge_take_offline": _l("“%(title)s”已被科技局下架：%(reason)s"),
    "challenge_extend": _l("“%(title)s”已延期。"),
    "result_negotiate": _l("成果“%(title)s”记为洽谈中。"),
    "result_release": _l("成果“%(title)s”重新放开对接。"),
    "result_contract": _l("成果“%(title)s”记为已签约。"),
    "result_relist": _l("成果“%(title)s”重新上架。"),
    "result_recall": _l("成果“%(title)s”已从审核中取回。"),
    "result_delist": _l("成果“%(title)s”已下架：%(reason)s"),
    # organisations and members
    "organisation.pending": _l("%(organisation)s刚注册，等您核验。"),
    "organisation.verified": _l("%(organisation)s已通过核验，可以发布和对接了。"),
    "organisation.rejected": _l("%(organisation)s核验未通过：%(reason)s"),
    "member.pending": _l("%(name)s申请加入%(organisation)s，等您同意。"),
    "member.approved": _l("您已加入%(organisation)s。"),
    "member.rejected": _l("您加入%(organisation)s的申请没有通过，请联系单位的管理员。"),
    "member.joined": _l("%(name)s接受邀请，已加入%(organisation)s。"),
    # matches
    "matches_found": _l("为“%(title)s”找到%(count)s项匹配，其中强%(strong)s项。"),
    "match_for_you": _l("您的成果与需求“%(title)s”的匹配为%(level)s，可以看看能不能解。"),
    "match_for_expert": _l("您的专家页与需求“%(title)s”的匹配为%(level)s，可以看看能不能解。"),
    # invitations to solve
    "invited": _l("%(organisation)s邀请您解“%(title)s”。"),
    "invited_matched": _l("%(organisation)s邀请您解“%(title)s”：匹配%(level)s，双方都涉及%(terms)s。"),
    "invitation_withdrawn": _l("%(organisation)s撤回了请您解“%(title)s”的邀请。"),
    "invitation_declined": _l("%(name)s谢绝了解“%(title)s”的邀请。"),
    # proposals
    "proposal_received": _l("%(organisation)s就“%(title)s”提交了方案。"),
    "proposal_accepted": _l("您就“%(title)s”提交的方案被选中。"),
    "proposal_declined": _l("您就“%(title)s”提交的方案未被选中：%(reason)s"),
    "proposal_qualified": _l("您就“%(title)s”提交的方案通过资格审查。"),
    "proposal_disqualified": _l("您就“%(title)s”提交的方案未通过资格审查：%(reason)s"),
    "proposal_shortlisted": _l("您就“%(title)s”提交的方案已入围。"),
    "proposal_withdrawn": _l("%(organisation)s撤回了就“%(title)s”提交的方案。"),
    "proposal_chosen": _l("“%(title)s”选定了%(organisation)s的方案，可以发起对接。"),
    # deals
    "deal_opened": _l("%(who)s发起了对接项目“%(title)s”。"),
    "deal_joined": _l("您已加入对接项目“%(title)s”。"),
    "deal_moved": _l("%(who)s把“%(title)s”移到“%(stage)s”。"),
    "deal_note": _l("%(who)s在“%(title)s”写了备注。"),
    "deal_next_step_due": _l("“%(title)s”的下一步已逾期：%(next_step)s"),
}
_IDENTIFIERS: dict[str, Mapping[Any, Any]] = {
    "stage": words.DEAL_STAGES,
    "level": words.LEVELS,
    "organisation": {"": _l("匿名企业")},
}


class _Filled(dict[str, Any]):
    """Params of an older version may lack one that the sentence has by now."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(kind: str, params: Mapping[str, Any]) -> str:
    """The notification in words, in the reader's language; a kind without words says that there is something to read."""
    words_of_kind = SENTENCES.get(kind)
    if words_of_kind is None:
        return str(_("有一条与您有关的新消息。"))
    filled = _Filled({name: str(_IDENTIFIERS.get(name, {}).get(value, value)) for name, value in params.items()})
    return str(words_of_kind) % filled
