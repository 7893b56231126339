"""我的需求, 我的成果, 本校成果: rendering of services.listings_mine."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.vocabulary import Role
from jieti.services.listings_mine import MyListings, MyRow
from jieti.services.search_service import MOST_WHOLE
from jieti.web import words
from jieti.web.context import identity, uow
from jieti.web.posting.desk import Desk
from jieti.web.posting.labels import UNTITLED


def render(desk: Desk) -> ResponseReturnValue:
    who = identity()
    if not who.signed_in:
        return redirect(url_for("security.login", next=request.full_path))
    number = request.args.get("page", 1, type=int) or 1
    whole = desk.kind == "result" and request.args.get("scope") == "organisation"
    mine = MyListings(uow(), who)
    page = mine.challenges(number) if desk.kind == "challenge" else mine.results(number, whole_organisation=whole)
    tabs: list[dict[str, Any]] = []
    if desk.kind == "result" and Role.TRANSFER_OFFICE in who.roles:
        tabs = [
            {"label": _("我的成果"), "url": desk.url("index", scope="mine"), "current": not whole},
            {"label": _("本校成果"), "url": desk.url("index", scope="organisation"), "current": whole},
        ]
    return render_template(
        "posting/mine.html",
        kind=desk.kind,
        page=page,
        cards=[_card(desk, row) for row in page.rows],
        tabs=tabs,
        whole=whole,
        new_url=desk.url("new"),
        export_url=desk.url("export", scope="organisation" if whole else "mine"),
        export_most=MOST_WHOLE,
    )


def _card(desk: Desk, row: MyRow) -> dict[str, Any]:
    record = row.record
    fresh = record.status == "draft" and not record.title
    shared = {
        "url": desk.url("edit", ref=record.ref, step=desk.steps[0]) if fresh else desk.url("show", ref=record.ref),
        "title": row.title or str(UNTITLED[desk.kind]),
        "status": record.status,
        "acting": row.acting,
        "organisation_name": identity().organisation_name,
        "county": words.county(record.region_code),
        "field": words.FIELDS.get(record.field),
        "note": _note(desk, row),
    }
    if desk.kind == "challenge":
        return shared | {
            "budget": record.budget,
            "deadline": record.deadline,
            "proposal_count": row.proposal_count,
            "sealed": record.has_sealed,
            "fresh": fresh,
        }
    return shared | {
        "trl": record.trl,
        "modes": [words.MODES.get(m, m) for m in record.modes],
        "price": record.price,
        "updated_on": record.updated_at,
        "fresh": fresh,
    }


def _note(desk: Desk, row: MyRow) -> str:
    if row.waiting_proposals:
        return str(_("%(n)s份方案等您决定", n=row.waiting_proposals))
    if row.record.status == "needs_fix":
        return str(_("按意见修改后重新提交"))
    if row.record.status == "expired":
        return str(_("已过期，可以延长截止日期"))
    if row.acting:
        return str(_("等您确认"))
    if row.record.draft and row.record.status not in {"draft", "needs_fix"}:
        return str(_("有没发布的修改"))
    return ""
