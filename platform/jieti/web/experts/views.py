"""/experts, /experts/export.xlsx, /experts/{ref}, /experts/{ref}/edit, /experts/new."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed
from jieti.domain.permissions import Permission
from jieti.persistence.models import Expert
from jieti.services.experts import ExpertPage, Experts
from jieti.services.matches import Matches
from jieti.services.solver_invitations import NOTE_LIMIT, Choice, SolverInvitations
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.experts.forms import ExpertForm, InviteForm
from jieti.web.idempotency import already_done, remember
from jieti.web.matches import expert_matches
from jieti.web.matches.presenter import card as match_card
from jieti.web.matches.presenter import challenge_side
from jieti.web.matches.sentence import match_sentence
from jieti.web.problems import attach
from jieti.web.search.cards import card
from jieti.web.search.listing_export import export_list
from jieti.web.search.listing_page import browse
from jieti.web.security import public, requires
from search.ports import Kind

blueprint = Blueprint("experts", __name__, url_prefix="/experts")


@blueprint.get("", endpoint="index")
@public
def index() -> ResponseReturnValue:
    return browse(Kind.EXPERT, "browse/experts.html")


@blueprint.get("/export.xlsx", endpoint="export")
@public
def export() -> ResponseReturnValue:
    """The same list, whole, as an Excel file."""
    return export_list(Kind.EXPERT)


@blueprint.get("/<ref>", endpoint="show")
@public
def show(ref: str) -> ResponseReturnValue:
    page = Experts(uow(), identity()).show(ref)
    return render_template("experts/show.html", **_shown(page))


def _shown(page: ExpertPage) -> dict[str, object]:
    expert = page.expert
    best = Matches(uow(), identity()).best_for_expert(expert) if page.own else []
    return {
        "expert": expert,
        "own": page.own,
        "suited": [(match_card(v), challenge_side(v, identity())) for v in best],
        "asked": SolverInvitations(uow(), identity()).for_me() if page.own else (),
        "invitations": SolverInvitations(uow(), identity()).by_my_firm(expert),
        "fields": [words.FIELDS[f] for f in expert.fields if f in words.FIELDS],
        "place": words.county(expert.region_code) if expert.region_code else "",
        "results": [card(entry) for entry in page.results],
        "more_url": url_for("results.index", q=expert.name) if page.more_results else None,
        "crumbs": [(_("专家"), url_for("experts.index")), (expert.name, None)],
    }


@blueprint.get("/new", endpoint="new")
@requires(Permission.EDIT_EXPERT)
def new() -> ResponseReturnValue:
    """The own page: the form of the one there is, or an empty one."""
    own = Experts(uow(), identity()).own()
    if own is not None:
        return redirect(url_for("experts.edit", ref=own.ref))
    form = ExpertForm()
    form.name.data = identity().name
    form.listed.data = True
    return _form(form, None)


@blueprint.post("/new", endpoint="create")
@requires(Permission.EDIT_EXPERT)
def create() -> ResponseReturnValue:
    return _save(None)


@blueprint.get("/<ref>/edit", endpoint="edit")
@requires(Permission.EDIT_EXPERT)
def edit(ref: str) -> ResponseReturnValue:
    expert = Experts(uow(), identity()).editable(ref)
    form = ExpertForm()
    form.fill(expert)
    return _form(form, expert)


@blueprint.post("/<ref>/edit", endpoint="save")
@requires(Permission.EDIT_EXPERT)
def save(ref: str) -> ResponseReturnValue:
    return _save(ref)


def _save(ref: str | None) -> ResponseReturnValue:
    form = ExpertForm()
    expert: Expert | None = None
    if ref is not None:
        expert = Experts(uow(), identity()).editable(ref)
    form.validate()
    try:
        with committing() as u:
            done = already_done(u)
            if done:
                return redirect(done, 303)
            service = Experts(u, identity())
            if ref is None:
                saved = service.create(form.values())
            else:
                version = form.version.data or ""
                saved = service.save(ref, form.values(), int(version) if version.isdecimal() else -1)
            target = remember(u, url_for("experts.show", ref=saved.ref))
    except Invalid as error:
        form.name.errors = []  # the service says it again, with everything else
        attach(form, error.problems)
        return _form(form, expert), 422
    except Conflict:
        return _conflict(form, ref or ""), 409
    flash(_("已保存专家页。匹配会随之更新。"), "good")
    return redirect(target, 303)


def _conflict(form: ExpertForm, ref: str) -> str:
    """What was typed stays; the newer version is beside it, and saving again replaces it knowingly."""
    expert = Experts(uow(), identity()).editable(ref)
    form.version.data = str(expert.version)
    return _form(form, expert, newer=expert)


def _form(form: ExpertForm, expert: Expert | None, newer: Expert | None = None) -> str:
    crumbs = [(_("专家"), url_for("experts.index"))]
    if expert is not None:
        crumbs.append((expert.name, url_for("experts.show", ref=expert.ref)))
    title = _("编辑专家页") if expert is not None else _("建立专家页")
    return render_template(
        "experts/edit.html",
        form=form,
        expert=expert,
        newer=newer,
        heading=title,
        crumbs=[*crumbs, (title, None)],
    )


# -- matches and invitations -------------------------------------------------------------------------------------------


@blueprint.get("/<ref>/matches", endpoint="matches")
@requires(Permission.SEE_MATCHES)
def matches(ref: str) -> ResponseReturnValue:
    return expert_matches(ref)


@blueprint.get("/<ref>/invitations/new", endpoint="invite")
@requires(Permission.INVITE_EXPERT)
def invite(ref: str) -> ResponseReturnValue:
    """邀请解题: choose one of the own published challenges (?challenge= is chosen already)."""
    form = InviteForm()
    form.challenge.data = request.args.get("challenge", "")[:16]
    return _invite_page(form, ref)


@blueprint.post("/<ref>/invitations/new", endpoint="send_invitation")
@requires(Permission.INVITE_EXPERT)
def send_invitation(ref: str) -> ResponseReturnValue:
    form = InviteForm()
    try:
        with committing() as u:
            SolverInvitations(u, identity()).invite(ref, form.challenge.data or "", form.note.data or "")
    except Invalid as error:
        attach(form, error.problems)
        return _invite_page(form, ref, 422)
    except MoveNotAllowed:
        return _invite_page(form, ref, 409)
    flash(_("已邀请，专家收到了通知。有回应会通知您。"), "good")
    return redirect(url_for("experts.show", ref=ref), 303)


@blueprint.post("/<ref>/invitations/<invitation>/withdraw", endpoint="withdraw_invitation")
@requires(Permission.INVITE_EXPERT)
def withdraw_invitation(ref: str, invitation: str) -> ResponseReturnValue:
    with committing() as u:
        SolverInvitations(u, identity()).withdraw(ref, invitation)
    flash(_("已撤回邀请。"), "good")
    return redirect(url_for("experts.show", ref=ref), 303)


@blueprint.post("/<ref>/invitations/<invitation>/decline", endpoint="decline")
@requires(Permission.EDIT_EXPERT)
def decline(ref: str, invitation: str) -> ResponseReturnValue:
    with committing() as u:
        SolverInvitations(u, identity()).decline(ref, invitation)
    flash(_("已谢绝，企业会收到通知。"), "good")
    return redirect(url_for("experts.matches", ref=ref), 303)


def _invite_page(form: InviteForm, ref: str, status: int = 200) -> ResponseReturnValue:
    crumbs: list[tuple[Any, str | None]] = [(_("专家"), url_for("experts.index"))]
    try:
        expert, choices = SolverInvitations(uow(), identity()).choices(ref)
    except MoveNotAllowed:  # no account: nobody would be told
        expert = Experts(uow(), identity()).show(ref).expert
        return render_template("experts/no_account.html", expert=expert, crumbs=[*crumbs, (expert.name, None)]), 409
    crumbs += [(expert.name, url_for("experts.show", ref=ref)), (_("邀请解题"), None)]
    form.challenge.choices = [(one.challenge.ref, one.challenge.title) for one in choices if _open(one)]
    return render_template(
        "experts/invite.html",
        form=form,
        expert=expert,
        choices=[_choice(one) for one in choices],
        free=bool(form.challenge.choices),
        note_limit=NOTE_LIMIT,
        crumbs=crumbs,
    ), status


def _open(one: Choice) -> bool:
    return one.standing is None and not one.answered


def _choice(one: Choice) -> dict[str, Any]:
    match = one.match
    return {
        "ref": one.challenge.ref,
        "title": one.challenge.title,
        "deadline": one.challenge.deadline,
        "open": _open(one),
        "level": match.full_level if match else None,
        "sentence": match_sentence(match.full_explanation) if match else "",
    }
