"""What the posting pages of challenges and of results differ in: the service, and where their pages are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.attachments import Attachments
from jieti.services.attachments_files import FileStore
from jieti.services.challenges import Challenges
from jieti.services.listing_fields import STEPS
from jieti.services.results import Results
from jieti.web.context import house, identity


@dataclass(frozen=True, slots=True)
class Desk:
    """`kind`: challenge or result."""

    kind: str

    def service(self, uow: UnitOfWork) -> Challenges | Results:
        return Challenges(uow, identity()) if self.kind == "challenge" else Results(uow, identity())

    def url(self, page: str, /, **values: Any) -> str:
        return url_for(f"{self.kind}s.{page}", **values)

    @property
    def steps(self) -> tuple[str, ...]:
        return STEPS[self.kind]

    def next_step(self, step: str) -> str:
        return self.steps[min(self.steps.index(step) + 1, len(self.steps) - 1)]


def file_store() -> FileStore:
    settings = house().settings
    return FileStore(settings.uploads, settings.upload_limit)


def attachments(uow: UnitOfWork) -> Attachments:
    return Attachments(uow, identity(), file_store())


def page_url(endpoint: str, **values: Any) -> str | None:
    """A page of another area; None where this installation does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
