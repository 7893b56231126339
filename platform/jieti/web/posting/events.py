"""经过: a listing's events in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _p

from jieti.services.listings_page import Occurrence
from jieti.web import words
from jieti.web.posting.labels import FIELD_LABELS

EVENTS: dict[str, Any] = {
    "challenge.submit": _p("event", "提交审核"),
    "challenge.approve": _p("event", "审核通过"),
    "challenge.ask_changes": _p("event", "退回修改"),
    "challenge.reject": _p("event", "不予通过"),
    "challenge.recall": _p("event", "收回修改"),
    "challenge.publish": _p("event", "发布需求"),
    "challenge.revise": _p("event", "修改内容"),
    "challenge.start_review": _p("event", "开始评榜"),
    "challenge.reopen": _p("event", "恢复征集"),
    "challenge.award": _p("event", "选定方案，公示"),
    "challenge.sign": _p("event", "签约"),
    "challenge.start_solving": _p("event", "开始攻关"),
    "challenge.solve": _p("event", "解决"),
    "challenge.close_failed": _p("event", "对接失败结案"),
    "challenge.expire": _p("event", "到期"),
    "challenge.extend": _p("event", "延长截止日期"),
    "challenge.take_offline": _p("event", "下架"),
    "challenge.restore": _p("event", "恢复公开"),
    "challenge.withdraw": _p("event", "撤回"),
    "challenge.import": _p("event", "导入"),
    "challenge.sealed_view": _p("event", "查看密封内容"),
    "result.submit": _p("event", "提交确认"),
    "result.recall": _p("event", "收回修改"),
    "result.confirm": _p("event", "单位确认"),
    "result.list": _p("event", "上架"),
    "result.ask_changes": _p("event", "退回修改"),
    "result.reject": _p("event", "不予通过"),
    "result.revise": _p("event", "修改内容"),
    "result.negotiate": _p("event", "开始洽谈"),
    "result.release": _p("event", "洽谈结束"),
    "result.contract": _p("event", "签约"),
    "result.delist": _p("event", "下架"),
    "result.relist": _p("event", "重新上架"),
    "result.import": _p("event", "导入"),
}


def told(kind: str, occurrences: Iterable[Occurrence]) -> list[dict[str, Any]]:
    """Rows for the macro `timeline`; an event without words here belongs to another page and is left out."""
    rows = []
    for event in occurrences:
        what = EVENTS.get(event.name)
        if what is not None:
            rows.append({"at": event.at, "what": what, "who": _who(event), "reason": _why(kind, event), "url": None})
    return rows


def _who(event: Occurrence) -> str:
    if event.actor == "system" or event.organisation == event.actor == "":
        return "" if event.actor == "" else str(_("系统"))
    return " ".join(part for part in (event.organisation, event.actor) if part)


def _why(kind: str, event: Occurrence) -> str:
    fields = event.data.get("fields") if event.name.endswith(".revise") else None
    if fields:
        return str(_("改了：%(fields)s", fields=words.listed(FIELD_LABELS[kind].get(f, f) for f in fields)))
    return event.reason
