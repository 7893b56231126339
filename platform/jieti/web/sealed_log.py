"""Each view of sealed content by another than its owner is kept, before the content is sent."""

from __future__ import annotations

from typing import Any

from jieti.persistence.models import Challenge
from jieti.services.listings_page import SEALED_VIEW
from jieti.web.context import committing, identity, separate_write, uow


def log_sealed_view(challenge: Challenge, **data: Any) -> None:
    """`data`: what was opened (a version, a file), never its content.

    Where the request writes anyway (a form shown again after an error), its own unit of work is used: on SQLite a second
    writer would wait for the first, which is this very request.
    """
    with separate_write() if uow().read else committing() as unit:
        unit.record(
            SEALED_VIEW,
            "challenge",
            challenge.id,
            identity(),
            region_code=challenge.region_code,
            field=challenge.field,
            data=data,
        )
