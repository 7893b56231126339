"""The county's list of organisations, and the decision on one."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Conflict, Invalid
from jieti.domain.permissions import Permission
from jieti.services.organisations_verification import VerificationDesk
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.organisations.blueprint import blueprint
from jieti.web.organisations.forms import VerdictForm
from jieti.web.problems import attach
from jieti.web.search.listing_page import PageNumbers
from jieti.web.security import requires


@blueprint.get("/organisations")
@requires(Permission.VERIFY_ORGANISATION)
def index() -> ResponseReturnValue:
    status = request.args.get("verification", "pending")
    page = request.args.get("page", "1")
    found = VerificationDesk(uow(), identity()).list(
        status=status, text=request.args.get("q", ""), page=int(page[:6]) if page[:6].isdecimal() else 1
    )
    kept: dict[str, Any] = {"scope": "county"} | ({"q": request.args["q"]} if request.args.get("q") else {})
    tabs = [
        {
            "label": words.VERIFICATION[code],
            "url": url_for(".index", verification=code, **kept),
            "current": code == status,
            "count": found.counts.get(code, 0),
        }
        for code in words.VERIFICATION
    ]
    return render_template(
        "organisations/index.html",
        found=found,
        tab_items=tabs,
        status=status,
        q=request.args.get("q", ""),
        page=PageNumbers(found.page, found.pages, found.total),
    )


@blueprint.route("/organisations/<ref>/verification", methods=["GET", "POST"])
@requires(Permission.VERIFY_ORGANISATION)
def verify(ref: str) -> ResponseReturnValue:
    """POST `decision`: verify, or reject with a reason."""
    form = VerdictForm()
    status = 200
    if form.validate_on_submit():
        try:
            return _decide(ref, form)
        except Invalid as invalid:
            attach(form, invalid.problems)
            status = 422
        except Conflict:
            flash(_("单位刚改过资料，请再看一遍再决定。"), "wait")
            status = 409
    case = VerificationDesk(uow(), identity()).case(ref)
    form.version.data = str(case.organisation.version)
    page = render_template("organisations/verify.html", case=case, organisation=case.organisation, form=form)
    return page, status


def _decide(ref: str, form: VerdictForm) -> ResponseReturnValue:
    version = int(form.version.data) if (form.version.data or "").isdecimal() else None
    decision = request.form.get("decision")
    with committing() as work:
        desk = VerificationDesk(work, identity())
        if decision == "verify":
            organisation = desk.verify(ref, version)
        elif decision == "reject":
            organisation = desk.reject(ref, form.reason.data or "", version)
        else:
            abort(400)
    sentence = _("%(name)s已通过核验。") if decision == "verify" else _("%(name)s没有通过核验，已告知原因。")
    flash(sentence % {"name": organisation.name}, "good")
    return redirect(url_for(".index", scope="county"), 303)
