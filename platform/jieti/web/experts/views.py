"""/experts, /experts/{ref}, /experts/{ref}/edit, /experts/new."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Conflict, Invalid
from jieti.domain.permissions import Permission
from jieti.persistence.models import Expert
from jieti.services.experts import ExpertPage, Experts
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.experts.forms import ExpertForm
from jieti.web.idempotency import already_done, remember
from jieti.web.problems import attach
from jieti.web.search.cards import card
from jieti.web.search.listing_page import browse
from jieti.web.security import public, requires
from search.ports import Kind

blueprint = Blueprint("experts", __name__, url_prefix="/experts")


@blueprint.get("", endpoint="index")
@public
def index() -> ResponseReturnValue:
    return browse(Kind.EXPERT, "browse/experts.html")


@blueprint.get("/<ref>", endpoint="show")
@public
def show(ref: str) -> ResponseReturnValue:
    page = Experts(uow(), identity()).show(ref)
    return render_template("experts/show.html", **_shown(page))


def _shown(page: ExpertPage) -> dict[str, object]:
    expert = page.expert
    return {
        "expert": expert,
        "own": page.own,
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
