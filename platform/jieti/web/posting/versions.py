"""A listing's kept versions."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from jieti.services.listings_page import ListingPages
from jieti.web.context import identity, uow
from jieti.web.posting.desk import Desk
from jieti.web.posting.shown import of_snapshot
from jieti.web.sealed_log import log_sealed_view


def show_version(desk: Desk, ref: str, number: int) -> ResponseReturnValue:
    page, row, kept, sealed_too = ListingPages(uow(), identity()).version(desk.kind, ref, number)
    if sealed_too and not page.owner:
        log_sealed_view(page.record, version=number)
    lines = of_snapshot(desk.kind, kept, contact=page.contact_shown)
    return render_template(
        "posting/version.html",
        page=page,
        record=page.record,
        row=row,
        lines=[line for line in lines if not line.sealed],
        sealed_lines=[line for line in lines if line.sealed],
        back_url=desk.url("show", ref=ref),
        newest=page.versions[0][0] if page.versions else number,
    )
