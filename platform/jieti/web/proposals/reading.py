"""Reading proposals: my own, one, and a challenge's side by side."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, permissions_of
from jieti.services.proposals import Proposals
from jieti.services.proposals_decisions import SIDE_BY_SIDE, ProposalDecisions
from jieti.web.context import identity, uow
from jieti.web.proposals import words as w
from jieti.web.proposals.blueprint import blueprint
from jieti.web.proposals.forms import MEETS
from jieti.web.security import requires


@blueprint.get("/proposals")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """My own (researcher), or the county's that wait for the qualification check (officer)."""
    may = permissions_of(identity())
    service = Proposals(uow(), identity())
    number = request.args.get("page", 1, type=int) or 1
    county = Permission.REVIEW_LISTING in may and (
        request.args.get("scope") == "county" or Permission.WRITE_PROPOSAL not in may
    )
    found = service.of_county(number=number) if county else service.mine(number=number)
    return render_template("proposals/index.html", found=found, county=county)


@blueprint.get("/proposals/<ref>")
@requires(Permission.SIGNED_IN)
def show(ref: str) -> ResponseReturnValue:
    view = Proposals(uow(), identity()).view(ref)
    if view.mine and view.proposal.status == "draft":
        return redirect(url_for("proposals.edit", ref=ref, step="indicators"), 303)
    template = "proposals/print.html" if request.args.get("view") == "print" else "proposals/show.html"
    return render_template(
        template,
        view=view,
        proposal=view.proposal,
        challenge=view.proposal.challenge,
        meets=MEETS,
        verbs=[{"verb": v, "label": w.VERBS[v], "page": v in w.LEADS} for v in w.VERBS if v in view.verbs],
        can_open_deal=_can_open(identity(), view.proposal.challenge.region_code, view.proposal.status),
        events=[
            {
                "at": e.at,
                "what": w.EVENTS.get(e.name, e.name),
                "who": _who(
                    e.actor_name, e.actor_organisation, view.firm_hidden and e.actor_id != view.proposal.author_id
                ),
                "reason": e.reason,
                "url": None,
            }
            for e in view.events
        ],
    )


def compare(ref: str) -> ResponseReturnValue:
    """C/proposals: at most three side by side, rows are the indicators."""
    found = ProposalDecisions(uow(), identity()).compare(ref, request.args.getlist("with"))
    return render_template(
        "proposals/compare.html",
        found=found,
        challenge=found.challenge,
        meets=MEETS,
        labels=w.VERBS,
        pages=set(w.LEADS),
        most=SIDE_BY_SIDE,
        can_open_deal={p.ref: _can_open(identity(), found.challenge.region_code, p.status) for p in found.chosen},
    )


def _can_open(who: Identity, region_code: str, status: str) -> bool:
    return (
        Permission.OPEN_DEAL in permissions_of(who)
        and region_code in who.regions
        and status in {"submitted", "qualified", "shortlisted", "awarded"}
    )


def _who(name: str, organisation: str, hidden: bool) -> Any:
    """An anonymous firm's people are not named to the solver."""
    if hidden:
        return ""
    return _("%(name)s，%(organisation)s", name=name, organisation=organisation) if organisation else name
