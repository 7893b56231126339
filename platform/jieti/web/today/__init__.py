"""今天要办的事: the home of everyone who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.domain.permissions import Permission, permissions_of
from jieti.services.today import Group, Today, TodayService
from jieti.services.today_rows import Row
from jieti.web.context import house, identity, uow
from jieti.web.filters import ago
from jieti.web.security import requires

blueprint = Blueprint("today", __name__, url_prefix="/today")

GROUPS: dict[Group, Any] = {
    Group.OVERDUE: _l("已逾期"),
    Group.TODAY: _l("今天"),
    Group.WEEK: _l("本周"),
    Group.WAITING: _l("等对方"),
}
VERBS: dict[str, Any] = {
    "admit_member": _l("同意加入"),
    "finish_challenge": _l("写完需求"),
    "fix_challenge": _l("修改需求"),
    "await_review": _l("等科技局审核"),
    "extend": _l("延期或结案"),
    "decide_proposal": _l("比较方案"),
    "look_at_matches": _l("看匹配"),
    "finish_result": _l("写完成果"),
    "fix_result": _l("修改成果"),
    "await_confirm": _l("等单位确认"),
    "await_list": _l("等科技局上架"),
    "answer_challenge": _l("看看能不能解"),
    "answer_invitation": _l("回应邀请"),
    "finish_proposal": _l("写完方案"),
    "await_decision": _l("等企业选定"),
    "await_deal": _l("等发起对接"),
    "confirm_result": _l("确认成果"),
    "review": _l("审核"),
    "verify_organisation": _l("核验单位"),
    "qualify_proposal": _l("审查方案"),
    "open_deal": _l("发起对接"),
    "follow_deal": _l("跟进对接"),
    "prepare_step": _l("准备下一步"),
    "accept_work": _l("验收"),
    "settle_deal": _l("结清款项"),
}
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "members": ("organisations.members", {}),
    "challenge": ("challenges.show", {}),
    "proposals_of": ("challenges.proposals", {}),
    "matches_of": ("challenges.matches", {}),
    "result": ("results.show", {}),
    "match": ("matches.show", {}),
    "invitations": ("experts.matches", {"_anchor": "invitations"}),
    "proposal": ("proposals.show", {}),
    "deal": ("deals.show", {}),
    "organisation": ("organisations.verify", {}),
    "review_challenge": ("reviews.show", {"kind": "challenge"}),
    "review_result": ("reviews.show", {"kind": "result"}),
}
EDITING: dict[str, tuple[str, dict[str, Any]]] = {
    "finish_challenge": ("challenges.edit", {"step": "problem"}),
    "fix_challenge": ("challenges.edit", {"step": "problem"}),
    "finish_result": ("results.edit", {"step": "basics"}),
    "fix_result": ("results.edit", {"step": "basics"}),
    "finish_proposal": ("proposals.edit", {"step": "indicators"}),
}
LISTS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "my_challenges": (_l("我的全部需求"), "challenges.index", {"scope": "mine"}),
    "my_results": (_l("我的全部成果"), "results.index", {"scope": "mine"}),
    "my_matches": (_l("我的全部成果"), "results.index", {"scope": "mine"}),
    "my_invitations": (_l("我的专家页"), "experts.new", {}),
    "my_proposals": (_l("我的全部方案"), "proposals.index", {"scope": "mine"}),
    "reviews": (_l("全部待审核"), "reviews.index", {}),
    "organisations": (_l("全部待核验单位"), "organisations.index", {"scope": "county"}),
    "proposals": (_l("全部待审查方案"), "proposals.index", {"scope": "county"}),
    "matches": (_l("全部待促成的匹配"), "matches.index", {}),
    "deals": (_l("全部对接项目"), "deals.index", {}),
    "members": (_l("全部待加入成员"), "account.organisation", {}),
}


@blueprint.get("")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    found = TodayService(uow(), identity(), reply_days=house().settings.reply_days).page()
    return render_template(
        "today/index.html",
        found=found,
        groups=[
            {"label": GROUPS[group], "kind": group.value, "rows": [_row(row) for row in rows]}
            for group, rows in found.groups.items()
        ],
        more=_more(found),
        start=_start(),
    )


def _row(row: Row) -> dict[str, Any]:
    endpoint, values = EDITING.get(row.verb, PLACES[row.kind])
    who = str(_("匿名企业")) if row.note == "anonymous" else row.from_whom
    note = "" if row.note == "anonymous" else row.note
    if row.verb == "decide_proposal":
        note = str(_("%(n)s份方案", n=row.count))
    elif row.count:
        note = str(_("强%(n)s项", n=row.count))
    elif row.due is None and row.since is not None and not note:
        note = ago(row.since)
    return {
        "verb": VERBS[row.verb],
        "object": row.title or str(_("还没有标题")),
        "url": _url(endpoint, ref=row.ref, **values),
        "from_whom": who,
        "due": row.due,
        "note": note,
    }


def _url(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else url_for("today.index")


def _more(found: Today) -> list[dict[str, Any]]:
    links = [LISTS[name] for name in dict.fromkeys(found.more)]
    return [
        {"label": label, "url": url_for(endpoint, **values)}
        for label, endpoint, values in links
        if endpoint in current_app.view_functions
    ]


def _start() -> dict[str, Any] | None:
    """What one may begin when nothing waits."""
    may = permissions_of(identity())
    choices = (
        (Permission.POST_CHALLENGE, _("我要出题"), "challenges.new"),
        (Permission.POST_RESULT, _("登记成果"), "results.new"),
        (Permission.OPEN_DEAL, _("看待促成的匹配"), "matches.index"),
        (Permission.BROWSE, _("看技术需求"), "challenges.index"),
    )
    for permission, label, endpoint in choices:
        if permission in may and endpoint in current_app.view_functions:
            return {"label": label, "url": url_for(endpoint)}
    return None
