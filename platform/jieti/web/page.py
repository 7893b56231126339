"""What every page's template may use: identity, navigation, theme, settings of the tenant."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from jieti.domain.permissions import Permission, permissions_of
from jieti.domain.regions import regions
from jieti.persistence.models import Notification
from jieti.web import words
from jieti.web.context import house, identity, uow
from jieti.web.locale import density, short_locale, theme


def _unread() -> int:
    who = identity()
    if not who.signed_in:
        return 0
    statement = select(func.count()).where(Notification.user_id == who.user_id, Notification.read_at.is_(None))
    return uow().session.scalar(statement) or 0


def navigation() -> list[dict[str, Any]]:
    """The top bar, in one order for everyone; entries whose page is not built into this installation are left out."""
    from flask import current_app

    who = identity()
    entries: list[tuple[str, str, dict[str, Any]]] = [
        (_("技术需求"), "challenges.index", {}),
        (_("科技成果"), "results.index", {}),
        (_("专家"), "experts.index", {}),
    ]
    if who.signed_in:
        entries.append((_("今天"), "today.index", {}))
        if Permission.SEE_DEALS in permissions_of(who):
            entries.append((_("对接项目"), "deals.index", {}))
        if Permission.REVIEW_LISTING in permissions_of(who):
            entries.append((_("审核"), "reviews.index", {}))
        if Permission.SEE_FIGURES in permissions_of(who):
            entries.append((_("数据"), "figures.index", {}))
    nav = []
    for label, endpoint, values in entries:
        if endpoint in current_app.view_functions:
            url = url_for(endpoint, **values)
            nav.append({"label": label, "url": url, "current": request.path == url or request.path.startswith(url + "/"), "count": None})
    return nav


def init_page(app: Flask) -> None:
    @app.context_processor
    def _page() -> dict[str, Any]:
        settings = house().settings
        who = identity()
        return {
            "identity": who if who.signed_in else None,
            "may": lambda name: Permission(name) in permissions_of(identity()),
            "nav": navigation(),
            "unread": _unread(),
            "theme": theme(),
            "density": density(),
            "locale": short_locale(),
            "demo_mode": settings.demo,
            "bureau_region": regions()[settings.home_region],
            "bureau_phone": settings.bureau_phone,
            "reply_days": settings.reply_days,
            "words": words,
        }
