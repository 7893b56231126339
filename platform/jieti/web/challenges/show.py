"""/challenges/{ref}: one skeleton for everyone, since links travel between roles; only the action box differs."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from jieti.domain.lifecycles import Actor
from jieti.domain.lifecycles.challenge import OPEN_FOR_PROPOSALS
from jieti.domain.permissions import Permission, permissions_of
from jieti.persistence.models import Challenge
from jieti.services.challenges import Challenges
from jieti.services.listings import WRITABLE
from jieti.services.listings_page import ListingPage, ListingPages
from jieti.services.matches import Matches
from jieti.web import words
from jieti.web.challenges.blueprint import blueprint
from jieti.web.challenges.posting import DESK
from jieti.web.context import identity, uow
from jieti.web.matches.presenter import card, offer_side
from jieti.web.posting import events, moves, shown
from jieti.web.posting.desk import page_url
from jieti.web.posting.labels import UNTITLED
from jieti.web.sealed_log import log_sealed_view
from jieti.web.security import public

OWNER_EDITS = WRITABLE | Challenges.revisable


@blueprint.get("/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    page = ListingPages(uow(), identity()).challenge(ref)
    record: Challenge = page.record
    printing = request.args.get("view") == "print"
    if page.sealed is not None and not page.owner and not printing:
        log_sealed_view(record)
    content = {
        "page": page,
        "record": record,
        "title": _title(page),
        "firm": record.organisation.name if page.organisation_shown else None,
        "facts": _facts(record),
        "events": events.told("challenge", page.timeline),
        "views": events.told("challenge", page.sealed_views),
    }
    if printing:  # paper travels: sealed content never goes onto it
        return render_template("challenges/print.html", **content)
    return render_template("challenges/show.html", box=_box(page), meta=_meta(page), **_matching(page), **content)


def _title(page: ListingPage) -> str:
    record: Challenge = page.record
    typed = (record.draft or {}).get("problem", {}).get("title", "") if page.owner else ""
    return record.title or str(typed).strip() or str(UNTITLED["challenge"])


def _meta(page: ListingPage) -> list[Any]:
    from jieti.web.filters import days_left, money

    record: Challenge = page.record
    left = days_left(record.deadline) if record.status in {"published", "reviewing"} else ""
    modes = words.listed(words.MODES.get(m, m) for m in record.modes)
    return [left, money(record.budget) if record.title else "", modes, words.county(record.region_code)]


def _facts(record: Challenge) -> list[tuple[Any, Any]]:
    from flask_babel import gettext as _

    from jieti.web.filters import date_prose, money

    return [
        (_("合作方式"), words.listed(words.MODES.get(m, m) for m in record.modes)),
        (_("投入资金"), money(record.budget) if record.title else ""),
        (_("截止日期"), date_prose(record.deadline) if record.deadline else ""),
        (_("成熟度不低于"), f"TRL {record.trl_min} {words.TRL[record.trl_min]}" if record.trl_min in words.TRL else ""),
        (_("技术领域"), words.FIELDS.get(record.field, record.field)),
        (_("应用行业"), shown.industry(record.industry) if record.industry else ""),
        (_("科技活动类型"), words.ACTIVITIES.get(record.activity_type, record.activity_type)),
        (_("关键词"), words.listed(record.keywords)),
        (_("产权归属"), record.ip_terms),
        (_("对揭榜方的要求"), record.solver_conditions),
        (_("意向单位或专家"), record.intended_partner),
    ]


def _box(page: ListingPage) -> dict[str, Any]:
    """What the reader may do here, for the one box that differs."""
    record: Challenge = page.record
    who = identity()
    granted = permissions_of(who)
    ref = record.ref
    return {
        "role": _reader(page),
        "moves": moves.buttons(DESK, Challenges(uow(), who), record),
        "edit_url": DESK.url("edit", ref=ref, step="problem") if page.owner and record.status in OWNER_EDITS else None,
        "check_url": DESK.url("edit", ref=ref, step="check"),
        "has_draft": bool(record.draft) and page.owner,
        "matches_url": page_url("challenges.matches", ref=ref)
        if Permission.SEE_MATCHES in granted and (page.owner or page.actors & {Actor.OFFICER, Actor.BROKER})
        else None,
        "proposals_url": page_url("challenges.proposals", ref=ref)
        if page.owner or Actor.OFFICER in page.actors
        else None,
        "propose_url": page_url("proposals.new", challenge_ref=ref) if Permission.WRITE_PROPOSAL in granted else None,
        "open_for_proposals": record.status in OPEN_FOR_PROPOSALS,
        "my_proposal_url": page_url("proposals.show", ref=page.my_proposal[0]) if page.my_proposal else None,
        "review_url": page_url("reviews.show", kind="challenge", ref=ref)
        if Actor.OFFICER in page.actors and record.status == "submitted"
        else None,
        "sign_in_url": page_url("security.login", next=DESK.url("show", ref=ref)),
        "print_url": DESK.url("show", ref=ref, view="print"),
    }


def _reader(page: ListingPage) -> str:
    who = identity()
    if not who.signed_in:
        return "visitor"
    if page.owner:
        return "owner"
    if Actor.OFFICER in page.actors:
        return "officer"
    if Actor.BROKER in page.actors:
        return "broker"
    return "solver" if Permission.WRITE_PROPOSAL in permissions_of(who) else "reader"


def _matching(page: ListingPage) -> dict[str, Any]:
    matches = Matches(uow(), identity())
    record: Challenge = page.record
    if page.sealed is not None or page.actors & {Actor.OWNER, Actor.OFFICER, Actor.BROKER}:
        best = matches.best_of(record) if record.status in {"published", "reviewing"} else []
        return {"top_matches": [(card(v), offer_side(v)) for v in best], "my_match": None}
    mine = matches.mine_for(record) if _reader(page) == "solver" else None
    return {"top_matches": [], "my_match": (card(mine), offer_side(mine)) if mine else None}
