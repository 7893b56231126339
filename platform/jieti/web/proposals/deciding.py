"""Deciding on a proposal: at once, or on a page of its own where it cannot be undone or needs a reason."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from jieti.domain.errors import Invalid, MoveNotAllowed, Problem
from jieti.domain.permissions import Permission
from jieti.services.proposals_decisions import ProposalDecisions
from jieti.web.context import committing, identity, uow
from jieti.web.deals.forms import choices_of
from jieti.web.deals.problems import attach
from jieti.web.idempotency import already_done, remember
from jieti.web.locale import LOCALES
from jieti.web.proposals import words as w
from jieti.web.proposals.blueprint import blueprint, refused
from jieti.web.proposals.forms import DecisionForm
from jieti.web.security import requires


@blueprint.route("/proposals/<ref>/decide", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def decide(ref: str) -> ResponseReturnValue:
    verb = request.values.get("verb", "")
    form = DecisionForm(request.form) if request.method == "POST" else DecisionForm()
    status = 200
    try:
        if request.method == "POST":
            try:
                with committing() as current:
                    done = already_done(current)
                    if done:
                        return redirect(done, 303)
                    ProposalDecisions(current, identity()).decide(ref, verb, _version(), _reason(verb))
                    there = remember(current, url_for("proposals.show", ref=ref))
                flash(w.DONE[verb], "good")
                return redirect(there, 303)
            except Invalid as error:
                attach(form, error)
                status = 422
        proposal = ProposalDecisions(uow(), identity()).find(ref, verb)
    except MoveNotAllowed as error:
        return refused(error, proposal_ref=ref)
    if request.method == "GET":
        form.version.data, form.verb.data = str(proposal.version), verb
    form.choice.choices = choices_of(w.REASONS.get(verb, {}).items())
    return render_template(
        "proposals/decide.html",
        form=form,
        proposal=proposal,
        challenge=proposal.challenge,
        verb=verb,
        label=w.VERBS[verb],
        lead=w.LEADS.get(verb, ""),
    ), status


def _reason(verb: str) -> str:
    """The chosen reason in words, with what was added: kept in Chinese, whatever the reader's language. Raises Invalid (`choice`)."""
    choices = w.REASONS.get(verb)
    note = request.form.get("reason", "").strip()
    if choices is None:
        return note
    chosen = request.form.get("choice", "")
    if chosen not in choices or (chosen == "other" and not note):
        raise Invalid([Problem("reason" if chosen == "other" else "choice", "required")])
    if chosen == "other":
        return note
    with force_locale(LOCALES["zh"]):
        return str(_("%(reason)s。%(note)s", reason=choices[chosen], note=note)) if note else str(choices[chosen])


def _version() -> int:
    value = request.form.get("version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1
