"""From services' views to what the deals' templates take."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from jieti.domain.lifecycles import Transition
from jieti.domain.lifecycles.deal import ENDED
from jieti.services.deals import DealView
from jieti.services.deals_lists import BoardColumn, DealRow
from jieti.services.deals_moves import needs_form
from jieti.web import words
from jieti.web.deals.words import COLUMNS, EVENTS, FORWARD, VERBS

ROAD = ("intent", "agreed", "nda_signed", "contract_signed", "registered", "performing", "accepted", "settled")
_ON_ROAD = {"registering": "registered", "not_registered": "registered"}


def stage_bar(view: DealView) -> list[dict[str, Any]]:
    """The road, with where this deal is; a stage off the road (未达成, 已变更, 有争议 …) stands behind the last one reached."""
    current = view.deal.stage
    passed = {event.to_status for event in view.events} | {"intent"}
    passed = {_ON_ROAD.get(stage, stage) for stage in passed}
    at = _ON_ROAD.get(current, current)
    if at in ROAD:
        here = ROAD.index(at)
    else:
        here = max((ROAD.index(stage) for stage in passed if stage in ROAD), default=0)
    bar: list[dict[str, Any]] = []
    for position, stage in enumerate(ROAD):
        if position < here and stage not in passed:
            continue  # skipped on the way: no confidentiality agreement, no registration
        state = "done" if position < here else "todo"
        word = words.DEAL_STAGES[stage]
        if position == here:
            state = "current" if at in ROAD else "done"
            word = words.DEAL_STAGES[current] if at in ROAD else word
        bar.append({"label": word, "state": state, "note": None})
        if position == here and at not in ROAD:
            bar.append({"label": words.DEAL_STAGES[current], "state": "current", "note": None})
            if current in ENDED:
                break
    return bar


def timeline(view: DealView) -> list[dict[str, Any]]:
    """Newest first."""
    return [
        {
            "at": event.at,
            "what": str(EVENTS.get(event.name, event.name)),
            "who": _who(event.actor_name, event.actor_organisation, event.actor_id),
            "reason": _told(event.name, event.reason, event.data),
            "url": None,
        }
        for event in view.events
    ]


def _who(name: str, organisation: str, actor_id: int | None) -> str:
    if actor_id is None:
        return str(_("系统"))
    return str(_("%(name)s，%(organisation)s", name=name, organisation=organisation)) if organisation else name


def _told(name: str, reason: str, data: dict[str, Any]) -> str:
    if name == "deal.next_step":
        return str(_("%(day)s：%(step)s", day=data.get("next_step_on", ""), step=data.get("next_step", "")))
    if name == "deal.participant":
        return str(data.get("name", ""))
    if name == "deal.undo" and data.get("verb"):
        return str(EVENTS.get(f"deal.{data['verb']}", ""))
    return reason


def moves(view: DealView) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The moves along the road (the first is the page's main action), and the ones that leave it."""

    def one(transition: Transition) -> dict[str, Any]:
        return {
            "verb": transition.verb,
            "label": VERBS[transition.verb],
            "url": url_for("deals.move", ref=view.deal.ref, verb=transition.verb),
        }

    along = sorted((t for t in view.moves if t.verb in FORWARD), key=lambda t: _rank(view.deal.stage, t.verb))
    aside = [t for t in view.moves if t.verb not in FORWARD]
    return [one(t) for t in along], [one(t) for t in aside]


def _rank(stage: str, verb: str) -> int:
    order = {"agreed": ("sign_contract", "sign_nda"), "registered": ("perform",)}.get(stage, FORWARD)
    return order.index(verb) if verb in order else len(order)


def row(item: DealRow) -> dict[str, Any]:
    deal = item.deal
    return {
        "ref": deal.ref,
        "url": url_for("deals.show", ref=deal.ref),
        "title": deal.title,
        "stage": deal.stage,
        "parties": _("%(buyer)s，%(seller)s", buyer=deal.buyer.name, seller=deal.seller.name)
        if deal.seller
        else deal.buyer.name,
        "broker": deal.broker.name,
        "amount": item.amount,
        "signed": item.signed,
        "next_step": deal.next_step,
        "next_on": deal.next_step_on,
        "overdue": item.overdue,
    }


def board_columns(columns: list[BoardColumn]) -> list[dict[str, Any]]:
    """For the macro `board`: a card's targets are the stages it may go to, those that need a form marked with …"""
    return [
        {
            "status": column.status,
            "label": COLUMNS[column.status],
            "folded": column.folded,
            "count": column.count,
            "cards": [_card(item) for item in column.rows],
        }
        for column in columns
    ]


def _card(item: DealRow) -> dict[str, Any]:
    deal = item.deal
    return {
        "ref": deal.ref,
        "url": url_for("deals.show", ref=deal.ref),
        "title": deal.title,
        "county": words.county(deal.region_code),
        "amount": item.amount,
        "next_step": deal.next_step,
        "next_on": deal.next_step_on,
        "overdue": item.overdue,
        "version": deal.version,
        "targets": [
            (
                t.target,
                _("%(stage)s…", stage=words.DEAL_STAGES[t.target]) if needs_form(t) else words.DEAL_STAGES[t.target],
            )
            for t in item.moves
        ],
    }
