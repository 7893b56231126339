"""Views of deals: each parses, calls one service, renders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed
from jieti.domain.lifecycles import Transition
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.permissions import Permission
from jieti.persistence.models import Deal
from jieti.services.deals import Deals
from jieti.services.deals_lists import DealLists, Scope, scopes_of
from jieti.services.deals_moves import DealMoves, MoveForm, needs_form
from jieti.services.deals_opening import AlreadyOpen, DealOpening, Pair
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.deals import presenter
from jieti.web.deals.forms import (
    ContractFields,
    MoveFormFields,
    NextStepForm,
    NoteForm,
    OpenForm,
    ParticipantForm,
    contract_values,
    typed_contract,
)
from jieti.web.deals.problems import attach
from jieti.web.deals.words import HINTS, REFUSALS, SIDES, VERBS
from jieti.web.filters import time_prose
from jieti.web.idempotency import already_done, remember
from jieti.web.security import requires

blueprint = Blueprint("deals", __name__, url_prefix="/deals")


def _scope() -> Scope:
    mine = scopes_of(identity())
    asked = request.args.get("scope", "")
    return Scope(asked) if asked in {scope.value for scope in mine} else mine[0]


def _scope_tabs(endpoint: str, current: Scope) -> list[dict[str, Any]]:
    labels = {Scope.MINE: _("我的对接"), Scope.COUNTY: _("本县对接")}
    return [
        {
            "label": labels[scope],
            "url": url_for(endpoint, scope=scope.value),
            "current": scope is current,
            "count": None,
        }
        for scope in scopes_of(identity())
    ]


def _version() -> int:
    value = request.form.get("version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


def refusal(error: MoveNotAllowed) -> str:
    return str(REFUSALS.get(error.code, REFUSALS["no_such_move"]))


def _conflict_words(error: Conflict) -> str:
    told = _(
        "%(who)s在%(at)s改过这个对接项目，您的内容没有保存。请看过最新情况，再决定要不要提交；您填的都在下面。",
        who=error.params.get("by") or _("别人"),
        at=time_prose(error.params.get("at")),
    )
    return str(told)


@blueprint.get("")
@requires(Permission.SEE_DEALS)
def index() -> ResponseReturnValue:
    scope = _scope()
    stages = request.args.getlist("stage")
    late = request.args.get("overdue") == "1"
    found = DealLists(uow(), identity()).page(
        scope, stages=stages, overdue=late, number=request.args.get("page", 1, type=int) or 1
    )
    facets = [
        {
            "name": "stage",
            "label": _("阶段"),
            "options": [
                {"value": stage, "label": word, "count": found.by_stage[stage], "checked": stage in stages}
                for stage, word in words.DEAL_STAGES.items()
                if found.by_stage.get(stage) or stage in stages
            ],
        },
        {
            "name": "overdue",
            "label": _("下一步"),
            "options": [{"value": "1", "label": _("已逾期"), "count": found.overdue, "checked": late}]
            if found.overdue or late
            else [],
        },
    ]
    return render_template(
        "deals/index.html",
        found=found,
        rows=[presenter.row(row) for row in found.rows],
        facets_=facets,
        applied=len(stages) + late,
        scope=scope.value,
        tabs_=_scope_tabs("deals.index", scope),
    )


@blueprint.get("/board")
@requires(Permission.SEE_DEALS)
def board() -> ResponseReturnValue:
    scope = _scope()
    return render_template(
        "deals/board.html",
        columns=presenter.board_columns(DealLists(uow(), identity()).board(scope)),
        scope=scope.value,
        tabs_=_scope_tabs("deals.board", scope),
    )


@blueprint.post("/board")
@requires(Permission.MOVE_DEAL)
def board_move() -> ResponseReturnValue:
    """移到…: by the card's own form, or by dragging (fetch: a sentence where it is refused)."""
    ref, by_script = request.form.get("ref", ""), request.headers.get("X-Requested-With") == "fetch"
    back = url_for("deals.board", scope=request.args.get("scope"), _anchor=f"deal-{ref}")
    try:
        with committing() as current:
            service = DealMoves(current, identity())
            transition = service.find(service.deal(ref), target=request.form.get("to", "-"))
            if needs_form(transition):
                if by_script:
                    return str(REFUSALS["needs_form"]), 409, {"Content-Type": "text/plain; charset=utf-8"}
                return redirect(url_for("deals.move", ref=ref, verb=transition.verb), 303)
            event = service.move(ref, MoveForm(verb=transition.verb, version=_version()))
    except MoveNotAllowed as error:
        told = refusal(error)
    except Conflict as error:
        told = _("%(who)s刚改过这个对接项目，请刷新看板再移。", who=error.params.get("by") or _("别人"))
    except Invalid:
        told = str(REFUSALS["needs_form"])
    else:
        flash(_("已移到“%(stage)s”。", stage=words.DEAL_STAGES[event.to_status]), "good")
        return redirect(back, 303)
    if by_script:
        return told, 409, {"Content-Type": "text/plain; charset=utf-8"}
    flash(told, "bad")
    return redirect(back, 303)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.OPEN_DEAL)
def new() -> ResponseReturnValue:
    """发起对接 from a match (?match=) or a proposal (?proposal=)."""
    form = OpenForm(request.form) if request.method == "POST" else OpenForm()
    refs = {"match_ref": request.values.get("match", "")[:16], "proposal_ref": request.values.get("proposal", "")[:16]}
    status = 200
    pair: Pair | None = None
    if request.method == "POST":
        try:
            with committing() as current:
                done = already_done(current)
                if done:
                    return redirect(done, 303)
                deal = DealOpening(current, identity()).open(
                    title=request.form.get("title", ""),
                    next_step=request.form.get("next_step", ""),
                    next_step_on=request.form.get("next_step_on", ""),
                    **refs,
                )
                there = remember(current, url_for("deals.show", ref=deal.ref))
            flash(_("已发起对接，双方都收到了通知。"), "good")
            return redirect(there, 303)
        except AlreadyOpen as error:
            flash(_("这一对已有没结束的对接项目，就是这一个。"), "info")
            return redirect(url_for("deals.show", ref=error.params["ref"]), 303)
        except Invalid as error:
            attach(form, error)
            status = 422
        except MoveNotAllowed as error:
            return render_template("deals/refused.html", told=refusal(error)), 409
    try:
        pair = DealOpening(uow(), identity()).pair(**refs)
    except MoveNotAllowed as error:
        return render_template("deals/refused.html", told=refusal(error)), 409
    if pair.existing is not None:
        flash(_("这一对已有没结束的对接项目，就是这一个。"), "info")
        return redirect(url_for("deals.show", ref=pair.existing.ref), 303)
    if request.method == "GET":
        form.match.data, form.proposal.data = refs["match_ref"], refs["proposal_ref"]
        form.title.data = pair.title
    return render_template("deals/new.html", form=form, pair=pair), status


@blueprint.get("/<ref>")
@requires(Permission.SEE_DEALS)
def show(ref: str) -> ResponseReturnValue:
    return _page(ref)


def _page(ref: str, status: int = 200, conflict: str = "", **forms: Any) -> ResponseReturnValue:
    service = Deals(uow(), identity())
    view = service.view(ref)
    along, aside = presenter.moves(view)
    step = forms.get("step_form") or NextStepForm(data={"version": view.deal.version, "next_step": view.deal.next_step})
    people = ParticipantForm()
    if view.may_write:
        people.offer(service.candidates(ref))
    last = DealMoves(uow(), identity()).undoable(view.deal) if view.may_write else None
    template = "deals/print.html" if request.args.get("view") == "print" else "deals/show.html"
    return render_template(
        template,
        view=view,
        deal=view.deal,
        stages=presenter.stage_bar(view),
        along=along,
        aside=aside,
        events=presenter.timeline(view),
        step_form=step,
        step_open="step_form" in forms,
        note_form=forms.get("note_form") or NoteForm(),
        people_form=people,
        undo=last,
        sides=SIDES,
        conflict=conflict,
        form=forms.get("step_form") or forms.get("note_form"),
    ), status


@blueprint.route("/<ref>/move", methods=["GET", "POST"])
@requires(Permission.MOVE_DEAL)
def move(ref: str) -> ResponseReturnValue:
    """One page for each move: what will happen, and what it needs (next step, reason, contract)."""
    verb = request.values.get("verb", "")
    form = MoveFormFields(request.form) if request.method == "POST" else MoveFormFields()
    status, conflict = 200, ""
    if request.method == "POST":
        try:
            with committing() as current:
                done = already_done(current)
                if done:
                    return redirect(done, 303)
                sent = request.form.to_dict()
                event = DealMoves(current, identity()).move(
                    ref,
                    MoveForm(
                        verb=verb,
                        version=_version(),
                        reason=sent.get("reason", ""),
                        next_step=sent.get("next_step"),
                        next_step_on=sent.get("next_step_on", ""),
                        contract=typed_contract(sent),
                    ),
                )
                there = remember(current, url_for("deals.show", ref=ref))
            flash(_("已移到“%(stage)s”。", stage=words.DEAL_STAGES[event.to_status]), "good")
            return redirect(there, 303)
        except Invalid as error:
            attach(form, error)
            status = 422
        except Conflict as error:
            form.version.data = str(error.params["version"])
            status, conflict = 409, _conflict_words(error)
    service = DealMoves(uow(), identity())
    deal = service.deal(ref)
    try:
        transition = service.find(deal, verb=verb)
    except MoveNotAllowed as error:
        told = f"{conflict} {refusal(error)}" if conflict else refusal(error)
        return render_template("deals/refused.html", told=told, deal=deal), 409
    if request.method == "GET":
        _fill(form, deal, transition)
    return render_template(
        "deals/move.html",
        form=form,
        deal=deal,
        verb=verb,
        label=VERBS[verb],
        hint=HINTS[verb],
        target=words.DEAL_STAGES[transition.target],
        ends=transition.target in ENDED,
        reason=transition.reason_required,
        contract=verb == "sign_contract",
        conflict=conflict,
    ), status


def _fill(form: MoveFormFields, deal: Deal, transition: Transition) -> None:
    form.verb.data, form.version.data = transition.verb, str(deal.version)
    if transition.verb == "sign_contract":
        form.name.data = deal.title


@blueprint.post("/<ref>/undo")
@requires(Permission.MOVE_DEAL)
def undo(ref: str) -> ResponseReturnValue:
    try:
        with committing() as current:
            deal = DealMoves(current, identity()).undo(ref, _version())
        flash(_("已撤销，回到“%(stage)s”。", stage=words.DEAL_STAGES[deal.stage]), "info")
    except MoveNotAllowed as error:
        flash(refusal(error), "bad")
    except Conflict as error:
        flash(_conflict_words(error), "bad")
    return redirect(url_for("deals.show", ref=ref), 303)


@blueprint.post("/<ref>/notes")
@requires(Permission.MOVE_DEAL)
def note(ref: str) -> ResponseReturnValue:
    try:
        with committing() as current:
            done = already_done(current)
            if done:
                return redirect(done, 303)
            Deals(current, identity()).add_note(ref, request.form.get("text", ""))
            there = remember(current, url_for("deals.show", ref=ref, _anchor="notes"))
        return redirect(there, 303)
    except Invalid as error:
        form = NoteForm(request.form)
        attach(form, error)
        return _page(ref, 422, note_form=form)


@blueprint.post("/<ref>/next-step")
@requires(Permission.MOVE_DEAL)
def next_step(ref: str) -> ResponseReturnValue:
    form = NextStepForm(request.form)
    try:
        with committing() as current:
            Deals(current, identity()).set_next_step(
                ref, _version(), request.form.get("next_step", ""), request.form.get("next_step_on", "")
            )
        flash(_("已更新下一步。"), "good")
        return redirect(url_for("deals.show", ref=ref), 303)
    except Invalid as error:
        attach(form, error)
        return _page(ref, 422, step_form=form)
    except Conflict as error:
        form.version.data = str(error.params["version"])
        return _page(ref, 409, _conflict_words(error), step_form=form)
    except MoveNotAllowed as error:
        flash(refusal(error), "bad")
        return redirect(url_for("deals.show", ref=ref), 303)


@blueprint.post("/<ref>/participants")
@requires(Permission.MOVE_DEAL)
def participants(ref: str) -> ResponseReturnValue:
    with committing() as current:
        person = Deals(current, identity()).add_participant(ref, request.form.get("user", "")[:16])
    flash(_("已加入%(name)s，并通知了对方。", name=person.name), "good")
    return redirect(url_for("deals.show", ref=ref, _anchor="people"), 303)


@blueprint.route("/<ref>/contract", methods=["GET", "POST"])
@requires(Permission.MOVE_DEAL)
def contract(ref: str) -> ResponseReturnValue:
    """更正合同: mistakes in the contract record put right by the deal's leaders."""
    status, conflict = 200, ""
    form = ContractFields(request.form) if request.method == "POST" else ContractFields()
    if request.method == "POST":
        try:
            with committing() as current:
                DealMoves(current, identity()).correct_contract(
                    ref, _version(), typed_contract(request.form.to_dict()), request.form.get("reason", "")
                )
            flash(_("已更正合同，并记在经过里。"), "good")
            return redirect(url_for("deals.show", ref=ref, _anchor="contract"), 303)
        except Invalid as error:
            attach(form, error)
            status = 422
        except Conflict as error:
            form.version.data = str(error.params["version"])
            status, conflict = 409, _conflict_words(error)
        except MoveNotAllowed as error:
            return render_template("deals/refused.html", told=refusal(error)), 409
    view = Deals(uow(), identity()).view(ref)
    if view.contract is None or not view.leads:
        return render_template("deals/refused.html", told=str(REFUSALS["no_contract"]), deal=view.deal), 409
    if request.method == "GET":
        form = ContractFields(data=contract_values(view.contract, view.deal))
    return render_template("deals/contract.html", form=form, deal=view.deal, conflict=conflict), status
