"""The posting pages' views: start, a step, autosave, conflict, files, submit. Blueprints of both kinds call these.

A step is always saved as typed before anything else is done with it, so that nothing typed is lost.
"""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Conflict, Invalid, Problem
from jieti.services.listing_fields import MOST_KEYWORDS, fields_of, step_of
from jieti.services.listing_paste import split_into_rows
from jieti.services.listings import WRITABLE
from jieti.web.context import committing, house, uow
from jieti.web.filters import time_table
from jieti.web.idempotency import already_done, remember
from jieti.web.posting import files, forms, live
from jieti.web.posting.desk import Desk
from jieti.web.posting.hints import HINTS, STEP_LEADS, indicator_advice
from jieti.web.posting.labels import FIELD_LABELS, STEP_LABELS, UNTITLED
from jieti.web.posting.live import INCOMPLETE, missing
from jieti.web.posting.shown import lines, worded_by_name
from jieti.web.problems import attach, sentence


def start(desk: Desk) -> ResponseReturnValue:
    return render_template(
        "posting/start.html",
        kind=desk.kind,
        steps=[(STEP_LABELS[desk.kind][s], STEP_LEADS[desk.kind][s]) for s in desk.steps],
        form=forms.shown(desk.kind, "check", {}, 0),
        limit_mb=_limit_mb(),
    )


def create(desk: Desk) -> ResponseReturnValue:
    with committing() as u:
        done = already_done(u)
        if done:
            return redirect(done, 303)
        record = desk.service(u).create()
        return redirect(remember(u, desk.url("edit", ref=record.ref, step=desk.steps[0])), 303)


def show_step(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    if step not in desk.steps:
        abort(404)
    service = desk.service(uow())
    record = service.editable(ref)
    return _page(desk, service, record, step)


def send_step(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    """Save as typed; then what the pressed button says."""
    if step not in desk.steps:
        abort(404)
    if step == "check":
        return _finish(desk, ref)
    values, version = forms.sent(desk.kind, step)
    press = request.form
    if "remove_indicator" in press:
        values = forms.without_row(values, desk.kind, step, press["remove_indicator"])
    pasted = ""
    if "split_text" in press:
        found = split_into_rows(press.get("paste", ""))
        values["indicators"] = [*values.get("indicators", []), *found]
        if found:
            flash(_("拆出%(n)s条，请逐条核对。", n=len(found)), "good")
        else:
            pasted = press.get("paste", "")
            flash(_("没有找到带单位的数字，请逐条填写。"), "wait")
    conflict = _save(desk, ref, step, values, version)
    if conflict is not None:
        return conflict
    problems, notice = files.handle(desk, ref) if step == "contact" else ([], None)
    service = desk.service(uow())
    record = service.editable(ref)
    if "add_indicator" in press or "remove_indicator" in press or "split_text" in press:
        return _page(desk, service, record, step, spare_rows=1 if "add_indicator" in press else 0, pasted=pasted)
    if notice is not None:
        flash(notice, "good")
        if "remove_file" in press or "restore_file" in press:
            return redirect(desk.url("edit", ref=ref, step=step), 303)
    if problems:
        return _page(desk, service, record, step, problems=problems), 422
    if "save_draft" in press:
        flash(_("已保存草稿（%(time)s）。", time=time_table(record.draft_saved_at)[-5:]), "good")
        return redirect(desk.url("edit", ref=ref, step=step), 303)
    wrong = _faults(desk, service, record, step)
    if wrong and "skip" not in press:
        return _page(desk, service, record, step, problems=wrong), 422
    return redirect(desk.url("edit", ref=ref, step=desk.next_step(step)), 303)


def autosave(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    """JSON {saved_at, version}; 409 {url} where a colleague saved meanwhile, 422 {message} where it cannot be kept."""
    if step not in desk.steps[:-1]:
        abort(404)
    values, version = forms.sent(desk.kind, step)
    conflict = False
    with committing() as u:
        try:
            saved = desk.service(u).save_step(ref, step, values, version)
        except Conflict:
            conflict = True
        except Invalid as error:
            u.rollback()
            return jsonify(message=sentence(error.problems[0])), 422
    if conflict:
        return jsonify(url=desk.url("conflict", ref=ref, step=step)), 409
    return jsonify(saved_at=time_table(saved.at)[-5:], version=saved.version)


def show_conflict(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    service = desk.service(uow())
    record, found = service.draft_conflict(ref, step)
    if found is None:
        return redirect(desk.url("edit", ref=ref, step=step))
    choices = [
        (
            c.name,
            _label(desk.kind, c.name),
            worded_by_name(desk.kind, c.name, c.mine),
            worded_by_name(desk.kind, c.name, c.theirs),
        )
        for c in found.choices
    ]
    return render_template(
        "posting/conflict.html", kind=desk.kind, record=record, step=step, found=found, choices=choices, edit_url=desk.url("edit", ref=ref, step=step),
        action=desk.url("conflict", ref=ref, step=step), crumbs=_crumbs(desk, service, record, step),
    )  # fmt: skip


def settle_conflict(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    given = request.form
    mine = {
        name.removeprefix("choice."): value == "mine" for name, value in given.items() if name.startswith("choice.")
    }
    version = given.get("version", "")
    try:
        with committing() as u:
            desk.service(u).resolve(ref, step, mine, int(version) if version.isdigit() else 0)
    except Conflict:
        flash(_("同事刚才又改过，请再选一次。"), "wait")
        return redirect(desk.url("conflict", ref=ref, step=step), 303)
    flash(_("已按您的选择保存。"), "good")
    return redirect(desk.url("edit", ref=ref, step=step), 303)


def discard(desk: Desk, ref: str) -> ResponseReturnValue:
    with committing() as u:
        desk.service(u).discard(ref)
    flash(_("已放弃修改，公开的内容没有变。"), "good")
    return redirect(desk.url("show", ref=ref), 303)


# ----------------------------------------------------------------------------------------------------------------------


def _save(desk: Desk, ref: str, step: str, values: dict[str, Any], version: int) -> ResponseReturnValue | None:
    """Keep it; where a colleague saved meanwhile, the page to choose on (409); where it cannot be kept, the form again."""
    conflict = False
    try:
        with committing() as u:
            try:
                desk.service(u).save_step(ref, step, values, version)
            except Conflict:
                conflict = True  # what was typed is kept beside theirs: that is committed
    except Invalid as error:
        service = desk.service(uow())
        record = service.editable(ref)
        return _page(desk, service, record, step, typed=values, problems=error.problems), 422
    if not conflict:
        return None
    choosing = make_response(show_conflict(desk, ref, step))
    choosing.status_code = 409
    return choosing


def _faults(desk: Desk, service: Any, record: Any, step: str) -> list[Problem]:
    """What is wrong (not: what is missing) with a step as typed."""
    return [
        p for p in service.check(record).problems if p.code not in INCOMPLETE and step_of(desk.kind, p.field) == step
    ]


def _finish(desk: Desk, ref: str) -> ResponseReturnValue:
    """Submit, or publish the changes of a listing that is out."""
    try:
        with committing() as u:
            done = already_done(u)
            if done:
                return redirect(done, 303)
            service = desk.service(u)
            record = service.owned(ref)
            if record.status in service.revisable:
                changed = service.revise(ref)
                outcome = _("修改已发布，正在重新匹配。") if changed else _("内容没有变化。")
            else:
                service.submit(ref, _review_url(desk.kind, ref))
                outcome = _submitted(desk.kind)
            place = remember(u, desk.url("show", ref=ref))
    except Invalid as error:
        service = desk.service(uow())
        record = service.editable(ref)
        return _page(desk, service, record, "check", problems=error.problems), 422
    flash(outcome, "good")
    return redirect(place, 303)


def _review_url(kind: str, ref: str) -> str:
    return url_for("reviews.show", kind=kind, ref=ref)


def _submitted(kind: str) -> str:
    days = house().settings.reply_days
    if kind == "challenge":
        return _("已提交。科技局一般%(n)s个工作日内答复。", n=days)
    return _("已提交。先由本校技术转移办确认，再由科技局审核上架。")


def _page(
    desk: Desk,
    service: Any,
    record: Any,
    step: str,
    *,
    typed: dict[str, Any] | None = None,
    problems: Any = (),
    spare_rows: int = 0,
    pasted: str = "",
) -> str:
    kind = desk.kind
    raw = service.raw(record) | (typed or {})
    checked = service.check(record)
    ref = record.ref
    record_id, region = record.id, record.region_code
    panel = live.panel(desk, ref, region, raw, checked)
    alike = live.duplicates(desk, record_id, region, raw, checked) if step == "check" else []
    record = service.editable(ref)
    form = forms.shown(kind, step, raw, record.draft_version, spare_rows=spare_rows)
    if pasted:
        form.paste.data = pasted
    if step != "check":
        attach(form, problems)
    faults = dict.fromkeys(desk.steps, 0)
    for problem in checked.problems:
        if problem.code not in INCOMPLETE:
            faults[step_of(kind, problem.field)] += 1
    advice = {
        spec.name: indicator_advice(raw.get(spec.name) or [])
        for spec in fields_of(kind, step)
        if spec.name in ("indicators", "sealed_indicators")
    }
    return render_template(
        "posting/check.html" if step == "check" else "posting/step.html",
        kind=kind,
        record=record,
        raw=raw,
        form=form,
        step=step,
        specs=fields_of(kind, step),
        hints=HINTS[kind],
        lead=STEP_LEADS[kind][step],
        stepper=_stepper(desk, record, step, raw, checked.problems, faults),
        position=desk.steps.index(step) + 1,
        title=_title(desk.kind, raw),
        public=record.status not in WRITABLE,
        last_reason=service.last_reason(record) if record.status == "needs_fix" else "",
        saved_at=time_table(record.draft_saved_at)[-5:] if record.draft_saved_at else None,
        advice=advice,
        problems=[missing(desk, ref, p) for p in problems] if step == "check" else [],
        sections=_sections(desk, record, raw) if step == "check" else [],
        duplicates=alike,
        files=files.shown(kind, record),
        desk=desk,
        limit_mb=_limit_mb(),
        most_keywords=MOST_KEYWORDS,
        crumbs=_crumbs(desk, service, record, step),
        **panel,
    )


def _title(kind: str, raw: dict[str, Any]) -> str:
    return str(raw.get("title") or "").strip() or str(UNTITLED[kind])


def _label(kind: str, name: str) -> Any:
    return FIELD_LABELS[kind].get(name, name)


def _stepper(
    desk: Desk, record: Any, step: str, raw: dict[str, Any], problems: Any, faults: dict[str, int]
) -> list[dict[str, Any]]:
    open_steps = {step_of(desk.kind, p.field) for p in problems}
    rows = []
    for name in desk.steps:
        filled = any(raw.get(spec.name) for spec in fields_of(desk.kind, name) if spec.name != "trl_scale")
        state = "current" if name == step else "done" if filled and name not in open_steps else "todo"
        rows.append(
            {
                "label": STEP_LABELS[desk.kind][name],
                "url": desk.url("edit", ref=record.ref, step=name),
                "state": state,
                "problems": faults[name],
            }
        )
    return rows


def _sections(desk: Desk, record: Any, raw: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": STEP_LABELS[desk.kind][name],
            "url": desk.url("edit", ref=record.ref, step=name),
            "lines": lines(desk.kind, name, raw),
            "sealed": name == "sealed",
            "step": name,
        }
        for name in desk.steps[:-1]
    ]


def _crumbs(desk: Desk, service: Any, record: Any, step: str) -> list[tuple[Any, str | None]]:
    top = _("我的需求") if desk.kind == "challenge" else _("我的成果")
    title = _title(desk.kind, service.raw(record))
    return [
        (top, desk.url("index", scope="mine")),
        (title, desk.url("show", ref=record.ref)),
        (STEP_LABELS[desk.kind][step], None),
    ]


def _limit_mb() -> int:
    return house().settings.upload_limit // (1024 * 1024)
