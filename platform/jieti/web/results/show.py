"""/results/{ref}: what the result can do and how mature it is; whom to talk to, which needs it fits."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from jieti.domain.lifecycles import Actor
from jieti.domain.permissions import Permission, permissions_of
from jieti.persistence.models import Expert, Result
from jieti.services.listings import WRITABLE
from jieti.services.listings_page import ListingPage, ListingPages
from jieti.services.results import Results
from jieti.web import words
from jieti.web.context import identity, uow
from jieti.web.filters import date_prose, money
from jieti.web.posting import events, moves, shown
from jieti.web.posting.desk import page_url
from jieti.web.posting.labels import UNTITLED
from jieti.web.results.blueprint import blueprint
from jieti.web.results.posting import DESK
from jieti.web.security import public

OWNER_EDITS = WRITABLE | Results.revisable


@blueprint.get("/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    page = ListingPages(uow(), identity()).result(ref)
    record: Result = page.record
    content = {
        "page": page,
        "record": record,
        "title": _title(page),
        "facts": _facts(record),
        "ip_lines": [shown.ip_line(row) for row in record.ip_rows],
        "events": events.told("result", page.timeline),
    }
    if request.args.get("view") == "print":
        return render_template("results/print.html", **content)
    return render_template("results/show.html", box=_box(page), **content)


def _title(page: ListingPage) -> str:
    record: Result = page.record
    typed = (record.draft or {}).get("basics", {}).get("title", "") if page.owner else ""
    return record.title or str(typed).strip() or str(UNTITLED["result"])


def _facts(record: Result) -> list[tuple[Any, Any]]:
    return [
        (_("合作方式"), words.listed(words.MODES.get(m, m) for m in record.modes)),
        (_("转化价格"), money(record.price) if record.title else ""),
        (_("技术领域"), words.FIELDS.get(record.field, record.field)),
        (_("应用行业"), shown.industry(record.industry) if record.industry else ""),
        (_("关键词"), words.listed(record.keywords)),
        (_("完成时间"), date_prose(record.completed_on) if record.completed_on else ""),
        (_("面向的县（市、区）"), words.county(record.region_code)),
        (_("获奖情况"), record.awards),
    ]


def _box(page: ListingPage) -> dict[str, Any]:
    record: Result = page.record
    who = identity()
    granted = permissions_of(who)
    ref = record.ref
    mine = page.owner or Actor.SOLVER in page.actors
    waiting = {"submitted", "confirmed"} if Actor.OFFICER in page.actors else {"submitted"}
    reviews = page.actors & {Actor.OFFICER, Actor.TRANSFER_OFFICE} and record.status in waiting
    return {
        "mine": mine,
        "moves": moves.buttons(DESK, Results(uow(), who), record),
        "edit_url": DESK.url("edit", ref=ref, step="basics") if page.owner and record.status in OWNER_EDITS else None,
        "check_url": DESK.url("edit", ref=ref, step="check"),
        "has_draft": bool(record.draft) and page.owner,
        "matches_url": page_url("results.matches", ref=ref)
        if Permission.SEE_MATCHES in granted and (mine or Actor.OFFICER in page.actors)
        else None,
        "review_url": page_url("reviews.show", kind="result", ref=ref) if reviews else None,
        "sign_in_url": None if who.signed_in else page_url("security.login", next=DESK.url("show", ref=ref)),
        "pose_url": page_url("challenges.new") if Permission.POST_CHALLENGE in granted else None,
        "expert_url": _expert_url(record),
        "print_url": DESK.url("show", ref=ref, view="print"),
    }


def _expert_url(record: Result) -> str | None:
    if record.expert_id is None:
        return None
    listed = select(Expert.ref).where(Expert.id == record.expert_id, Expert.listed)
    ref = uow().session.scalar(listed)
    return page_url("experts.show", ref=ref) if ref else None
