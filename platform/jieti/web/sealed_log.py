"""Each view of sealed content by another than its owner is kept, before the content is sent."""

from __future__ import annotations

from typing import Any

from jieti.persistence.models import Challenge
from jieti.services.listings_page import SEALED_VIEW
from jieti.web.context import identity, separate_write


def log_sealed_view(challenge: Challenge, **data: Any) -> None:
    """`data`: what was opened (a version, a file), never its content."""
    with separate_write() as own:
        own.record(
            SEALED_VIEW,
            "challenge",
            challenge.id,
            identity(),
            region_code=challenge.region_code,
            field=challenge.field,
            data=data,
        )
