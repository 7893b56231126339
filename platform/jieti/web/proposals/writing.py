"""写方案: start page, steps, autosave, submission."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from wtforms import Form

from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed
from jieti.domain.permissions import Permission
from jieti.persistence.models import Proposal
from jieti.services.proposals import Proposals, firm_hidden
from jieti.services.proposals_reading import STEP_OF, STEPS
from jieti.web.context import committing, identity, uow
from jieti.web.deals.problems import attach, message
from jieti.web.filters import time_prose
from jieti.web.idempotency import already_done, remember
from jieti.web.problems import sentence
from jieti.web.proposals import words as w
from jieti.web.proposals.blueprint import blueprint, refused
from jieti.web.proposals.forms import MEETS, form_of, typed_of
from jieti.web.security import requires


@blueprint.get("/challenges/<challenge_ref>/proposals/new")
@requires(Permission.WRITE_PROPOSAL)
def new(challenge_ref: str) -> ResponseReturnValue:
    """What is asked and how long it takes; whoever has a proposal already goes there."""
    try:
        challenge, existing = Proposals(uow(), identity()).current(challenge_ref)
    except MoveNotAllowed as error:
        return refused(error)
    if existing is not None:
        return redirect(_place(existing), 303)
    return render_template("proposals/start.html", challenge=challenge, firm_hidden=firm_hidden(challenge, frozenset()))


@blueprint.post("/challenges/<challenge_ref>/proposals/new")
@requires(Permission.WRITE_PROPOSAL)
def start(challenge_ref: str) -> ResponseReturnValue:
    try:
        with committing() as current:
            proposal = Proposals(current, identity()).start(challenge_ref)
            place = _place(proposal)
    except MoveNotAllowed as error:
        return refused(error)
    return redirect(place, 303)


def _place(proposal: Proposal) -> str:
    if proposal.status == "draft":
        return url_for("proposals.edit", ref=proposal.ref, step=STEPS[0])
    return url_for("proposals.show", ref=proposal.ref)


@blueprint.route("/proposals/<ref>/edit/<step>", methods=["GET", "POST"])
@requires(Permission.WRITE_PROPOSAL)
def edit(ref: str, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound
    try:
        if request.method == "GET":
            return _step(ref, step)
        return _submit(ref) if step == "check" else _save(ref, step)
    except MoveNotAllowed as error:
        return refused(error)


def _save(ref: str, step: str) -> ResponseReturnValue:
    try:
        with committing() as current:
            service = Proposals(current, identity())
            proposal = service.editing(ref)
            typed = typed_of(step, request.form, len(proposal.challenge.indicators))
            service.save(ref, step, typed, _version())
    except Conflict as error:
        return _step(ref, step, status=409, typed=_sent(ref, step), conflict=error)
    except Invalid as error:
        return _step(ref, step, status=422, typed=_sent(ref, step), invalid=error)
    if "save_draft" in request.form:
        flash(_("已保存草稿。"), "good")
        return redirect(url_for("proposals.edit", ref=ref, step=step), 303)
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return redirect(url_for("proposals.edit", ref=ref, step=following), 303)


def _submit(ref: str) -> ResponseReturnValue:
    try:
        with committing() as current:
            done = already_done(current)
            if done:
                return redirect(done, 303)
            Proposals(current, identity()).submit(ref)
            there = remember(current, url_for("proposals.show", ref=ref))
    except Invalid as error:
        return _step(ref, "check", status=422, invalid=error)
    flash(_("方案已提交。每步都会通知您，未中选也说明原因。"), "good")
    return redirect(there, 303)


@blueprint.post("/proposals/<ref>/autosave/<step>")
@requires(Permission.WRITE_PROPOSAL)
def autosave(ref: str, step: str) -> ResponseReturnValue:
    if step not in STEPS or step == "check":
        raise NotFound
    try:
        with committing() as current:
            service = Proposals(current, identity())
            proposal = service.editing(ref)
            saved = service.save(
                ref, step, typed_of(step, request.form, len(proposal.challenge.indicators)), _version()
            )
    except Conflict:
        return jsonify({"url": url_for("proposals.edit", ref=ref, step=step)}), 409
    except Invalid as error:
        return sentence(error.problems[0]), 422, {"Content-Type": "text/plain; charset=utf-8"}
    except MoveNotAllowed:
        return jsonify({"url": url_for("proposals.show", ref=ref)}), 409
    return jsonify({"saved_at": time_prose(saved.at)[-5:], "version": saved.version})


def _version() -> int:
    value = request.form.get("version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


def _sent(ref: str, step: str) -> dict[str, Any]:
    rows = len(Proposals(uow(), identity()).editing(ref).challenge.indicators)
    return typed_of(step, request.form, rows)


def _step(
    ref: str,
    step: str,
    *,
    status: int = 200,
    typed: dict[str, Any] | None = None,
    conflict: Conflict | None = None,
    invalid: Invalid | None = None,
) -> ResponseReturnValue:
    service = Proposals(uow(), identity())
    proposal = service.editing(ref)
    indicators = proposal.challenge.indicators
    results = [(r.ref, r.title) for r in service.own_results()] if step in {"plan", "check"} else []
    kept = service.typed(proposal)
    form: Form = form_of(step, {**kept, **(typed or {})}, len(indicators), proposal.draft_version, results)
    if invalid is not None and step != "check":
        attach(form, invalid)
    todo = service.problems(proposal)
    theirs = conflict.params.get("theirs", {}) if conflict is not None else {}
    return render_template(
        "proposals/edit.html",
        form=form,
        proposal=proposal,
        challenge=proposal.challenge,
        indicators=indicators,
        step=step,
        steps=_stepper(proposal, step, todo, kept),
        number=STEPS.index(step) + 1,
        typed=kept,
        problems=[(problem, message(problem), _step_of(problem.field)) for problem in todo],
        labels=w.STEPS,
        meets=MEETS,
        results=dict(results),
        conflict=_conflict_words(conflict) if conflict is not None else "",
        theirs=theirs,
        checked=invalid is not None and step == "check",
    ), status


def _conflict_words(conflict: Conflict) -> str:
    at = time_prose(conflict.params["at"])
    return str(_("您在另一个页面%(at)s存过这一步，内容不同。下面是这一页的内容，再点“保存并继续”就以它为准。", at=at))


def _step_of(field: str) -> str:
    return STEP_OF.get(field.split(".")[0], "check")


def _stepper(proposal: Proposal, current: str, todo: list[Any], kept: dict[str, Any]) -> list[dict[str, Any]]:
    wrong: dict[str, int] = {}
    for problem in todo:
        wrong[_step_of(problem.field)] = wrong.get(_step_of(problem.field), 0) + 1
    touched = {"indicators": "answers" in kept, "plan": "summary" in kept, "terms": "team" in kept, "check": False}
    return [
        {
            "label": w.STEPS[step],
            "url": url_for("proposals.edit", ref=proposal.ref, step=step),
            "state": "current" if step == current else "done" if touched[step] and not wrong.get(step) else "todo",
            "problems": wrong.get(step, 0) if touched[step] and step != current else 0,
        }
        for step in STEPS
    ]
