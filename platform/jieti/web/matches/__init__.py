"""匹配结果, 匹配说明, 待促成: the matches' pages, and the two lists that hang under a challenge and a result."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Invalid
from jieti.domain.permissions import Permission
from jieti.services.matches import Matches
from jieti.services.solver_invitations import SolverInvitations
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.local_urls import local_url
from jieti.web.matches.presenter import card, challenge_side, firm_name, offer_side
from jieti.web.security import requires

blueprint = Blueprint("matches", __name__, url_prefix="/matches")


def _page() -> int:
    return request.args.get("page", 1, type=int) or 1


def _levels() -> list[int]:
    return [int(value) for value in request.args.getlist("level") if value in {"2", "3", "4"}]


def _with_policy() -> bool:
    """`?policy=off`: the order without policy weights, as a link that can be passed on."""
    return request.args.get("policy") != "off"


def _offers() -> str:
    return "experts" if request.args.get("offers") == "experts" else "results"


def challenge_matches(ref: str) -> ResponseReturnValue:
    """C/matches: results or experts for one challenge, best first."""
    offers = _offers()
    challenge, found = Matches(uow(), identity()).of_challenge(
        ref, levels=_levels(), offers=offers, page=_page(), with_policy=_with_policy()
    )
    cards = [(card(v), offer_side(v), v) for v in found.items]
    return render_template(
        "matches/of_challenge.html",
        challenge=challenge, found=found, cards=cards, offers=offers, levels=_levels(), misfits=list(words.MISFIT_REASONS.items()),
        with_policy=_with_policy(), owner=identity().organisation_id == challenge.organisation_id,
    )  # fmt: skip


def result_matches(ref: str) -> ResponseReturnValue:
    """R/matches: challenges that a result could solve, by open text alone."""
    result, found = Matches(uow(), identity()).of_result(
        ref, levels=_levels(), page=_page(), with_policy=_with_policy()
    )
    cards = [(card(v), challenge_side(v, identity()), v) for v in found.items]
    return render_template(
        "matches/of_result.html",
        result=result,
        found=found,
        cards=cards,
        levels=_levels(),
        misfits=list(words.MISFIT_REASONS.items()),
        with_policy=_with_policy(),
    )


def expert_matches(ref: str) -> ResponseReturnValue:
    """适合您的题: challenges that an expert could solve, by open text alone, and those they were asked to look at."""
    expert, found = Matches(uow(), identity()).of_expert(
        ref, levels=_levels(), page=_page(), with_policy=_with_policy()
    )
    cards = [(card(v), challenge_side(v, identity()), v) for v in found.items]
    own = expert.user_id == identity().user_id
    asked = SolverInvitations(uow(), identity()).for_me() if own else ()
    return render_template(
        "matches/of_expert.html",
        expert=expert, found=found, cards=cards, levels=_levels(), misfits=list(words.MISFIT_REASONS.items()),
        with_policy=_with_policy(), own=own,
        asked=[
            {
                "row": one,
                "url": url_for("challenges.show", ref=one.challenge.ref),
                "firm": firm_name(one.challenge, identity(), known=False),
            }
            for one in asked
        ],
    )  # fmt: skip


@blueprint.get("")
@requires(Permission.OPEN_DEAL)
def index() -> ResponseReturnValue:
    """待促成: the county's good matches that nobody brokers yet."""
    offers = _offers()
    found = Matches(uow(), identity()).waiting(offers=offers, page=_page(), with_policy=_with_policy())
    cards = [(card(v), offer_side(v), v) for v in found.items]
    return render_template(
        "matches/waiting.html",
        found=found, cards=cards, misfits=list(words.MISFIT_REASONS.items()), offers=offers, with_policy=_with_policy(),
    )  # fmt: skip


@blueprint.get("/<ref>")
@requires(Permission.SEE_MATCHES)
def show(ref: str) -> ResponseReturnValue:
    view = Matches(uow(), identity()).show(ref, with_policy=_with_policy())
    template = "matches/print.html" if request.args.get("view") == "print" else "matches/show.html"
    return render_template(
        template, view=view, m=card(view), offer=offer_side(view), need=challenge_side(view, identity()),
        firm=firm_name(view.challenge, identity(), view.sees_sealed), misfits=list(words.MISFIT_REASONS.items()),
    )  # fmt: skip


@blueprint.post("/<ref>/verdict")
@requires(Permission.GIVE_VERDICT)
def verdict(ref: str) -> ResponseReturnValue:
    """合适 / 不合适 / 撤销. Naturally repeatable: the newest word of a person replaces the older."""
    back = local_url(request.form.get("back")) or url_for("matches.show", ref=ref)
    given = request.form.get("verdict", "")
    try:
        with committing() as current:
            matches = Matches(current, identity())
            if given == "withdraw":
                matches.withdraw_verdict(ref)
            else:
                matches.give_verdict(
                    ref, fits=given == "fits", reason=request.form.get("reason", ""), note=request.form.get("note", "")
                )
    except Invalid as error:
        codes = {problem.code for problem in error.problems}
        message = _("请选一个不合适的原因。") if "choose_reason" in codes else _("补充说明请不要超过500字。")
        flash(message, "bad")
        return redirect(url_for("matches.show", ref=ref), 303)
    flash(_("已撤销您的判断。") if given == "withdraw" else _("已记下您的判断，今后的匹配会更准。"), "good")
    return redirect(back, 303)
