"""An organisation's public page; registering and editing one."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain import uscc as codes
from jieti.domain.errors import Conflict, Invalid
from jieti.domain.permissions import Permission
from jieti.domain.vocabulary import OrganisationKind
from jieti.services.organisations import Organisations
from jieti.services.organisations_page import OrganisationPages
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.idempotency import already_done, remember
from jieti.web.organisations.blueprint import blueprint
from jieti.web.organisations.forms import OrganisationForm
from jieti.web.organisations.presenter import reply_words
from jieti.web.problems import attach
from jieti.web.search.cards import card
from jieti.web.security import public, requires


@blueprint.get("/organisations/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    page = OrganisationPages(uow(), identity()).show(ref)
    return render_template(
        "organisations/show.html",
        page=page,
        organisation=page.organisation,
        challenges=[card(entry) for entry in page.challenges],
        results=[card(entry) for entry in page.results],
        reply=reply_words(page.reply),
    )


def _warned(form: OrganisationForm) -> bool:
    """Text 7, once: a code whose check digit is wrong comes back with a warning, and goes through when sent again."""
    code = codes.normalise(form.uscc.data or "")
    if not codes.well_formed(code) or codes.check_digit_holds(code) or form.uscc_seen.data == code:
        return False
    form.uscc_seen.data = code
    return True


def _kind() -> OrganisationKind:
    kind = request.args.get("kind", "")
    if kind not in set(OrganisationKind):
        abort(404)
    return OrganisationKind(kind)


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def new() -> ResponseReturnValue:
    kind = _kind()
    form = OrganisationForm(kind=kind, new=True)
    if request.method == "GET":
        _prefill(form, request.args.get("q", ""))
    taken: dict[str, Any] | None = None
    warn = False
    if form.validate_on_submit():
        warn = _warned(form)
        if not warn:
            try:
                with committing() as work:
                    done = already_done(work)
                    if done:
                        return redirect(done, 303)
                    role = form.role.data if "role" in form else ""
                    made = Organisations(work, identity()).register(kind, form.input(), role or "")
                    target = remember(work, url_for(".show", ref=made.ref))
                flash(_("已登记单位。科技局核验后，您的需求和成果才能发布；现在就可以写草稿、提交审核。"), "good")
                return redirect(target, 303)
            except Invalid as invalid:
                attach(form, invalid.problems)
                taken = next((dict(p.params) for p in invalid.problems if p.code == "uscc_taken"), None)
    page = render_template(
        "organisations/form.html",
        form=form,
        kind=kind,
        kind_word=words.ORGANISATION_KINDS[kind.value],
        warn=warn,
        taken=taken,
    )
    return page, 422 if form.errors else 200


def _prefill(form: OrganisationForm, typed: str) -> None:
    """What was looked for is not typed twice."""
    text = typed.strip()[:120]
    if codes.well_formed(codes.normalise(text)):
        form.uscc.data = codes.normalise(text)
    else:
        form.name.data = text


@blueprint.route("/organisations/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEMBERS)
def edit(ref: str) -> ResponseReturnValue:
    organisation = Organisations(uow(), identity()).editable(ref)
    kind = OrganisationKind(organisation.kind)
    form = OrganisationForm(obj=organisation, kind=kind, new=False)
    warn = conflict = False
    if form.validate_on_submit():
        warn = codes.normalise(form.uscc.data or "") != organisation.uscc and _warned(form)
        if not warn:
            try:
                with committing() as work:
                    version = int(form.version.data) if (form.version.data or "").isdecimal() else 0
                    Organisations(work, identity()).edit(ref, form.input(), version)
                flash(_("已保存单位资料。"), "good")
                return redirect(url_for(".show", ref=ref), 303)
            except Conflict as changed:
                conflict = True
                form.version.data = str(changed.params["version"])
            except Invalid as invalid:
                attach(form, invalid.problems)
    page = render_template(
        "organisations/form.html",
        form=form,
        kind=kind,
        kind_word=words.ORGANISATION_KINDS[kind.value],
        organisation=organisation,
        warn=warn,
        conflict=conflict,
        taken=None,
    )
    return page, 422 if form.errors else 409 if conflict else 200
