"""What every page's template may use: identity, navigation, theme, settings of the tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from jieti.domain.dates import china_day
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, permissions_of
from jieti.persistence.models import Notification, utcnow
from jieti.services.today_deals import urgent_count
from jieti.web import words
from jieti.web.context import house, identity, uow
from jieti.web.locale import density, short_locale, shortcuts, theme


def _unread() -> int:
    who = identity()
    if not who.signed_in:
        return 0
    statement = select(func.count()).where(Notification.user_id == who.user_id, Notification.read_at.is_(None))
    return uow().session.scalar(statement) or 0


def navigation(unread: int) -> list[dict[str, Any]]:
    """The top bar, in one order for everyone; entries whose page is not built into this installation are left out."""
    who = identity()
    may = permissions_of(who)
    entries: list[tuple[str, str, dict[str, Any]]] = [
        (_("技术需求"), "challenges.index", {}),
        (_("科技成果"), "results.index", {}),
        (_("专家"), "experts.index", {}),
    ]
    if Permission.SEE_DEALS in may:
        entries.append((_("对接项目"), "deals.index", {}))
    if Permission.REVIEW_LISTING in may:
        entries.append((_("审核"), "reviews.index", {}))
    if Permission.SEE_FIGURES in may:
        entries.append((_("数据"), "figures.index", {}))
    if who.signed_in:
        urgent = urgent_count(uow(), who, china_day(utcnow()))
        entries.append((_("今天"), "today.index", {"end": True, "keep": True, "count": urgent}))
        entries.append((_("通知"), "notifications.index", {"end": True, "count": unread}))
    nav = []
    for label, endpoint, more in entries:
        if endpoint in current_app.view_functions:
            url = url_for(endpoint)
            here = request.path == url or request.path.startswith(url + "/")
            nav.append({"label": label, "url": url, "current": here, "count": None, **more})
    return nav


@dataclass(frozen=True)
class _Person:
    """The signed-in person as the top bar shows them."""

    who: Identity
    role: str

    @property
    def name(self) -> str:
        return self.who.name or self.who.email

    @property
    def organisation_name(self) -> str:
        return self.who.organisation_name


def _role_word(who: Identity) -> str:
    return words.listed(words.ROLES[role.value] for role in sorted(who.roles))


def _footer_links() -> list[dict[str, str]]:
    pages = [
        (_("帮助"), "help.index"),
        (_("匹配怎么算的"), "help.matching"),
        (_("匹配质量"), "match_quality.index"),
        (_("无障碍"), "help.accessibility"),
    ]
    return [
        {"label": label, "url": url_for(endpoint)}
        for label, endpoint in pages
        if endpoint in current_app.view_functions
    ]


def init_page(app: Flask) -> None:
    @app.context_processor
    def _page() -> dict[str, Any]:
        settings = house().settings
        who = identity()
        unread = _unread()
        return {
            "identity": _Person(who, _role_word(who)) if who.signed_in else None,
            "may": lambda name: Permission(name) in permissions_of(identity()),
            "nav": navigation(unread),
            "unread": unread,
            "theme": theme(),
            "density": density(),
            "locale": short_locale(),
            "demo_mode": settings.demo,
            "keys_off": not shortcuts(),
            "tenant": {
                "host": _("%(county)s科技局", county=words.county(settings.home_region)),
                "phone": settings.bureau_phone,
            },
            "footer_links": _footer_links(),
            "bureau_phone": settings.bureau_phone,
            "reply_days": settings.reply_days,
            "words": words,
        }
