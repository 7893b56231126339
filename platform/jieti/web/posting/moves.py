"""Moves that a person makes on a listing's own page: those that ask something first, or cannot be undone, have a page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, TextAreaField

from jieti.domain.errors import Invalid, MoveNotAllowed, Problem
from jieti.services.challenges import Challenges
from jieti.web.context import committing, uow
from jieti.web.idempotency import already_done, remember
from jieti.web.posting.desk import Desk
from jieti.web.posting.forms import DayField, Wanted
from jieti.web.problems import attach

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A move in words. `asks`: it has a page of its own first."""

    title: Any
    text: Any
    button: Any
    done: Any
    hint: Any = ""
    danger: bool = False
    asks: bool = True


_WHY = _l("对方和科技局会看到")
MOVES: dict[str, dict[str, Told]] = {
    "challenge": {
        "withdraw": Told(
            _l("撤回需求"),
            _l("撤回后不再公开，也不能恢复；已写的方案会收到通知。想改内容，请用“修改”。"),
            _l("撤回需求"),
            _l("需求已撤回。"),
            danger=True,
        ),
        "recall": Told("", "", _l("收回修改"), _l("已收回为草稿，改好后请重新提交。"), asks=False),
        "extend": Told(_l("延长截止日期"), _l("延长后继续公开征集方案。"), _l("延长截止日期"), _l("截止日期已延长。")),
        "close_failed": Told(
            _l("对接失败结案"),
            _l("结案后不再征集，也不能恢复。请写明原因，便于科技局改进。"),
            _l("结案"),
            _l("已结案。"),
            hint=_WHY,
            danger=True,
        ),
        "solve": Told(_l("标为已解决"), _l("标为已解决后不能恢复。"), _l("标为已解决"), _l("已标为已解决。")),
        "start_review": Told("", "", _l("开始评榜"), _l("已开始评榜，不再收新方案。"), asks=False),
        "reopen": Told("", "", _l("继续征集"), _l("已恢复征集。"), asks=False),
        "start_solving": Told("", "", _l("开始攻关"), _l("已开始攻关。"), asks=False),
        "take_offline": Told(
            _l("下架需求"), _l("下架后不再公开，可以恢复。"), _l("下架需求"), _l("需求已下架。"), hint=_WHY, danger=True
        ),
        "restore": Told("", "", _l("恢复公开"), _l("需求已恢复公开。"), asks=False),
    },
    "result": {
        "recall": Told("", "", _l("收回修改"), _l("已收回为草稿，改好后请重新提交。"), asks=False),
        "delist": Told(
            _l("下架成果"),
            _l("下架后不再公开，也不再匹配。"),
            _l("下架成果"),
            _l("成果已下架。"),
            hint=_WHY,
            danger=True,
        ),
        "relist": Told("", "", _l("重新上架"), _l("成果已重新上架。"), asks=False),
        "negotiate": Told("", "", _l("标为洽谈中"), _l("已标为洽谈中。"), asks=False),
        "release": Told("", "", _l("洽谈结束，恢复上架"), _l("已恢复上架。"), asks=False),
        "contract": Told(_l("标为已签约"), _l("标为已签约后不再匹配。"), _l("标为已签约"), _l("已标为已签约。")),
    },
}


class ReasonForm(Form):
    idempotency_key = HiddenField()
    reason = TextAreaField(_l("原因"), [Wanted()])


class DeadlineForm(Form):
    idempotency_key = HiddenField()
    deadline = DayField(_l("新的截止日期"), [Wanted()])


class PlainForm(Form):
    idempotency_key = HiddenField()


def show_move(desk: Desk, ref: str) -> ResponseReturnValue:
    """The page before a move: what it does, a reason or a date."""
    verb = request.args.get("verb", "")
    return _ask(desk, ref, verb, ())


def make_move(desk: Desk, ref: str) -> ResponseReturnValue:
    verb = request.form.get("verb", "")
    told = MOVES[desk.kind].get(verb)
    if told is None:
        abort(404)
    reason = request.form.get("reason", "")
    here = desk.url("show", ref=ref)
    if len(reason.strip()) > LONGEST_REASON:
        over = len(reason.strip()) - LONGEST_REASON
        return _ask(desk, ref, verb, (Problem("reason", "too_long", {"limit": LONGEST_REASON, "over": over}),)), 422
    try:
        with committing() as u:
            done = already_done(u)
            if done:
                return redirect(done, 303)
            service = desk.service(u)
            if verb == "extend" and isinstance(service, Challenges):
                service.extend(ref, request.form.get("deadline", ""))
            else:
                service.move_and_tell(ref, verb, reason, here)
            place = remember(u, here)
    except Invalid as error:
        return _ask(desk, ref, verb, error.problems), 422
    except MoveNotAllowed as error:
        if error.code != "reason_required":
            raise
        return _ask(desk, ref, verb, (Problem("reason", "reason_required"),)), 422
    flash(told.done, "good")
    return redirect(place, 303)


def _ask(desk: Desk, ref: str, verb: str, problems: Any) -> str:
    service: Any = desk.service(uow())
    record = service.visible(ref)
    told = MOVES[desk.kind].get(verb)
    can_extend = verb == "extend" and isinstance(service, Challenges) and service.may_extend(record)
    if told is None or not (can_extend or verb in service.open_verbs(record)):
        raise MoveNotAllowed("no_such_move", lifecycle=desk.kind, source=record.status, verb=verb)
    if verb == "extend":
        form: Form = DeadlineForm(request.form)
    elif service.needs_reason(record, verb):
        form = ReasonForm(request.form)
    else:
        form = PlainForm()
    form.idempotency_key.data = form.idempotency_key.data or secrets.token_urlsafe(16)
    attach(form, problems)
    return render_template(
        "posting/move.html",
        record=record,
        verb=verb,
        told=told,
        form=form,
        action=desk.url("move", ref=ref),
        back_url=desk.url("show", ref=ref),
    )


def buttons(desk: Desk, service: Any, record: Any) -> list[dict[str, Any]]:
    """The moves open to the reader, as the page shows them: a link where the move asks first, else a button."""
    verbs = list(service.open_verbs(record))
    if isinstance(service, Challenges) and service.may_extend(record):
        verbs.insert(0, "extend")
    rows = []
    for verb in verbs:
        told = MOVES[desk.kind][verb]
        asks = told.asks or service.needs_reason(record, verb)
        rows.append(
            {
                "verb": verb,
                "label": told.button,
                "asks": asks,
                "url": desk.url("move", ref=record.ref, verb=verb) if asks else desk.url("move", ref=record.ref),
                "danger": told.danger,
            }
        )
    return rows
