"""我的需求, 我的成果, 本校成果 as an Excel file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.services.listings_mine import MyListings, MyPage
from jieti.services.search_service import BATCH, MOST_WHOLE
from jieti.web.context import identity, uow
from jieti.web.posting.desk import Desk
from jieti.web.posting.labels import UNTITLED
from jieti.web.search.listing_export import Line, download
from search.ports import Kind


def export(desk: Desk) -> ResponseReturnValue:
    who = identity()
    scope = request.args.get("scope", "mine")
    if not who.signed_in:  # after signing in comes the list: a download would leave the sign-in page standing
        return redirect(url_for("security.login", next=desk.url("index", scope=scope)))
    mine = MyListings(uow(), who)
    whole = desk.kind == "result" and scope == "organisation"

    def page(number: int) -> MyPage:
        if desk.kind == "challenge":
            return mine.challenges(number, size=BATCH)
        return mine.results(number, whole_organisation=whole, size=BATCH)

    first = page(1)

    def lines() -> Iterator[Line]:
        for number in range(1, min(first.pages, MOST_WHOLE // BATCH) + 1):
            for row in (first if number == 1 else page(number)).rows:
                title = row.title or str(UNTITLED[desk.kind])
                yield Line(row.record, title, who.organisation_name, row.proposal_count)

    title = _("我的需求") if desk.kind == "challenge" else _("本校成果") if whole else _("我的成果")
    return download(Kind(desk.kind), title, lines(), first.total)
