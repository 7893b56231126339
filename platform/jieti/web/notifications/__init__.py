"""通知: what changed for a person, by day, unread first."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.dates import china_day
from jieti.domain.permissions import Permission
from jieti.persistence.models import Notification
from jieti.services.notifications import NotificationPage, Notifications
from jieti.web.context import committing, identity, separate_write, uow
from jieti.web.filters import date_prose, today
from jieti.web.local_urls import local_url
from jieti.web.notification_words import sentence
from jieti.web.security import requires

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")


@blueprint.get("")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    unread_only = request.args.get("unread") == "1"
    found = Notifications(uow(), identity()).page(
        number=request.args.get("page", 1, type=int) or 1, unread_only=unread_only
    )
    return render_template("notifications/index.html", found=found, groups=_groups(found), unread_only=unread_only)


@blueprint.get("/<ref>")
@requires(Permission.SIGNED_IN)
def show(ref: str) -> ResponseReturnValue:
    """Opening one marks it read, and leads to what it is about."""
    with separate_write() as own:
        url = local_url(Notifications(own, identity()).mark_read(ref).url)
    return redirect(url or url_for("notifications.index"), 303)


@blueprint.post("/<ref>/read")
@requires(Permission.SIGNED_IN)
def read(ref: str) -> ResponseReturnValue:
    with committing() as current:
        Notifications(current, identity()).mark_read(ref)
    return redirect(url_for("notifications.index"), 303)


@blueprint.post("/read")
@requires(Permission.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    with committing() as current:
        count = Notifications(current, identity()).mark_all_read()
    flash(_("已把%(n)s条标为已读。", n=count), "good")
    return redirect(url_for("notifications.index"), 303)


def _groups(found: NotificationPage) -> list[dict[str, Any]]:
    """Unread ones first, then by day of arrival (China)."""

    def key(item: Notification) -> tuple[bool, dt.date]:
        return item.read_at is not None, china_day(item.created_at)

    return [
        {
            "read": read,
            "label": _day_word(day),
            "items": [
                {
                    "ref": item.ref,
                    "text": sentence(item.kind, item.params),
                    "at": item.created_at,
                    "read": read,
                    "url": url_for("notifications.show", ref=item.ref),
                }
                for item in items
            ],
        }
        for (read, day), items in groupby(found.items, key)
    ]


def _day_word(day: dt.date) -> str:
    days = (today() - day).days
    if days == 0:
        return str(_("今天"))
    return str(_("昨天")) if days == 1 else str(date_prose(day))
