"""/reviews and /reviews/{kind}/{ref}: for the county's officers, and for transfer offices (their own university's results)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, RadioField, SelectField, TextAreaField

from jieti.domain.errors import Invalid
from jieti.domain.permissions import Permission, permissions_of
from jieti.services.duplicates import Duplicates
from jieti.services.listings_page import ListingPages
from jieti.services.reviews import Reviews
from jieti.web import words
from jieti.web.context import committing, house, identity, uow
from jieti.web.idempotency import already_done, remember
from jieti.web.posting import shown
from jieti.web.posting.desk import page_url
from jieti.web.posting.labels import FIELD_LABELS
from jieti.web.problems import attach
from jieti.web.reviews.wording import REASONS, full_reason, worded
from jieti.web.sealed_log import log_sealed_view
from jieti.web.security import requires

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")
KINDS = ("challenge", "result")
DONE: dict[str, Any] = {
    "published": _l("已通过并发布，正在查找匹配。"),
    "listed": _l("已通过并上架，正在查找匹配。"),
    "confirmed": _l("已确认，转科技局审核上架。"),
    "needs_fix": _l("已退回修改，对方会看到原因。"),
    "rejected": _l("已不予通过，对方会看到原因。"),
}


class DecisionForm(Form):
    idempotency_key = HiddenField()
    decision = RadioField(_l("怎么处理"), choices=[], validate_choice=False)
    reason_code = SelectField(_l("原因"), choices=lambda: [("", _l("请选择")), *REASONS.items()], validate_choice=False)
    reason = TextAreaField(_l("补充说明"))


def _may_review() -> None:
    if not permissions_of(identity()) & {Permission.REVIEW_LISTING, Permission.CONFIRM_RESULT}:
        abort(404)


@blueprint.get("")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    _may_review()
    return render_template("reviews/index.html", **_queue())


@blueprint.get("/<kind>/<ref>")
@requires(Permission.SIGNED_IN)
def show(kind: str, ref: str) -> ResponseReturnValue:
    _may_review()
    return _item(kind, ref, DecisionForm())


@blueprint.post("/<kind>/<ref>")
@requires(Permission.SIGNED_IN)
def decide(kind: str, ref: str) -> ResponseReturnValue:
    _may_review()
    if kind not in KINDS:
        abort(404)
    form = DecisionForm(request.form)
    decision = request.form.get("decision", "")
    reason = full_reason(str(form.reason_code.data or ""), str(form.reason.data or ""))
    try:
        with committing() as u:
            done = already_done(u)
            if done:
                return redirect(done, 303)
            status = Reviews(u, identity()).decide(
                kind,
                ref,
                decision,
                reason,
                url_for(f"{kind}s.show", ref=ref),
                url_for("reviews.show", kind=kind, ref=ref),
            )
            place = remember(u, url_for("reviews.index"))
    except Invalid as error:
        attach(form, error.problems)
        return _item(kind, ref, form), 422
    flash(DONE[status], "good")
    return redirect(place, 303)


def _queue() -> dict[str, Any]:
    kind = request.args.get("only") or request.args.get("kind", "")  # on an item's page, `kind` is the item's own
    kind = kind if kind in KINDS else ""
    queue = Reviews(uow(), identity()).queue(request.args.get("page", 1, type=int) or 1, kind)
    rows = [
        {
            "url": url_for("reviews.show", kind=row.kind, ref=row.ref, page=queue.number, only=kind or None),
            "kind": row.kind,
            "ref": row.ref,
            "title": row.title,
            "organisation": row.organisation,
            "county": words.county(row.region_code),
            "at": row.submitted_at,
            "status": row.status,
        }
        for row in queue.rows
    ]
    tabs = []
    if Permission.REVIEW_LISTING in permissions_of(identity()):
        tabs = [
            {"label": _("全部"), "url": url_for("reviews.index"), "current": not kind},
            {"label": _("技术需求"), "url": url_for("reviews.index", kind="challenge"), "current": kind == "challenge"},
            {"label": _("科技成果"), "url": url_for("reviews.index", kind="result"), "current": kind == "result"},
        ]
    return {
        "queue": queue,
        "rows": rows,
        "tabs": tabs,
        "organisations_url": page_url("organisations.index", scope="county") if queue.pending_organisations else None,
    }


def _item(kind: str, ref: str, form: DecisionForm) -> str:
    if kind not in KINDS:
        abort(404)
    # While it writes (a decision that was refused) it does not wait for the encoder and the engine.
    parts: dict[str, Any] = {"engine": house().search, "matcher": house().matcher} if uow().read else {}
    item = Reviews(uow(), identity()).item(kind, ref, Duplicates(uow(), identity(), **parts))
    pages = ListingPages(uow(), identity())
    page = pages.challenge(ref) if kind == "challenge" else pages.result(ref)
    if page.sealed is not None:
        log_sealed_view(page.record, review=True)
    approve = _("通过并发布") if kind == "challenge" else _("通过并上架") if item.lists else _("确认成果")
    form.decision.choices = [("return", _("退回修改")), ("reject", _("不予通过"))]
    form.idempotency_key.data = form.idempotency_key.data or secrets.token_urlsafe(16)
    changed = None
    if item.changed is not None:
        changed = [
            (
                FIELD_LABELS[kind].get(name, name),
                shown.worded_by_name(kind, name, old),
                shown.worded_by_name(kind, name, new),
            )
            for name, old, new in item.changed
        ]
    return render_template(
        "reviews/show.html",
        kind=kind,
        item=item,
        page=page,
        record=item.record,
        form=form,
        approve=approve,
        changed=changed,
        cautions=[worded(kind, c) for c in item.cautions],
        sections=_sections(kind, item.record),
        facts=None,
        **_queue(),
    )


def _sections(kind: str, record: Any) -> list[Any]:
    from jieti.services.listing_content import snapshot

    return [line for line in shown.of_snapshot(kind, snapshot(kind, record), contact=True) if not line.sealed]
