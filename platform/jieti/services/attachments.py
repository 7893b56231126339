"""Attachments of listings, proposals and deals: who may add, see and remove them."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieti.domain.audience import sealed_audience, visible_to
from jieti.domain.errors import Invalid, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.persistence.models import Attachment, Challenge, Deal, Proposal, Result, utcnow
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.attachments_files import FileStore

MOST_FILES = 10
_SUBJECTS: dict[str, type[Any]] = {"challenge": Challenge, "result": Result, "proposal": Proposal, "deal": Deal}


class Attachments:
    """Who may edit a subject is its own service's to say: `add`, `remove` and `restore` are called with a record that the
    caller has loaded for editing."""

    def __init__(self, uow: UnitOfWork, identity: Identity, store: FileStore) -> None:
        self._uow = uow
        self._identity = identity
        self._store = store

    def add(
        self, kind: str, subject_id: int, field: str, name: str, stream: IO[bytes], *, sealed: bool = False
    ) -> Attachment:
        """Raises Invalid on `field` (too many files, or see FileStore.store)."""
        present = listed(self._uow.session, kind, subject_id)
        if len(present) >= MOST_FILES:
            raise Invalid([Problem(field, "too_many_files", {"limit": MOST_FILES})])
        stored = self._store.store(field, name, stream)
        same = next((a for a in present if a.sha256 == stored.sha256 and a.sealed == sealed), None)
        if same is not None:  # a double click, or the same file once more
            self._store.open(stored.path).unlink()
            return same
        row = Attachment(
            subject_kind=kind,
            subject_id=subject_id,
            filename=stored.filename,
            media_type=stored.media_type,
            size=stored.size,
            sha256=stored.sha256,
            path=stored.path,
            sealed=sealed,
            uploaded_by_id=self._identity.user_id,
        )
        self._uow.session.add(row)
        self._uow.session.flush()
        return row

    def remove(self, kind: str, subject_id: int, ref: str) -> Attachment:
        """Taken off the listing, kept for 撤销. Raises NotVisible for a file of another subject."""
        row = self._of(kind, subject_id, ref)
        row.removed_at = row.removed_at or utcnow()
        return row

    def restore(self, kind: str, subject_id: int, ref: str) -> Attachment:
        row = self._of(kind, subject_id, ref)
        row.removed_at = None
        return row

    def download(self, ref: str) -> tuple[Attachment, Path, Any]:
        """The file, where it lies, and its subject.

        Raises NotVisible where the subject, or the sealed part of a challenge, may not be seen; or the file was removed.
        """
        row = self._uow.session.scalar(select(Attachment).where(Attachment.ref == ref, Attachment.removed_at.is_(None)))
        model = _SUBJECTS.get(row.subject_kind) if row is not None else None
        if row is None or model is None:
            raise NotVisible("attachment", ref)
        statement = select(model).where(model.id == row.subject_id, visible(model, self._identity))
        subject = self._uow.session.scalars(statement).first()
        if subject is None or (row.sealed and not self._may_open_sealed(subject)):
            raise NotVisible("attachment", ref)
        try:
            return row, self._store.open(row.path), subject
        except FileNotFoundError:
            raise NotVisible("attachment", ref) from None

    def _may_open_sealed(self, subject: Any) -> bool:
        if not isinstance(subject, Challenge):
            return False
        audience = sealed_audience(
            organisation_id=subject.organisation_id, region_code=subject.region_code, status=subject.status
        )
        return visible_to(audience, self._identity)

    def _of(self, kind: str, subject_id: int, ref: str) -> Attachment:
        row = self._uow.session.scalar(
            select(Attachment).where(
                Attachment.ref == ref, Attachment.subject_kind == kind, Attachment.subject_id == subject_id
            )
        )
        if row is None:
            raise NotVisible("attachment", ref)
        return row


def listed(session: Session, kind: str, subject_id: int, *, removed: bool = False) -> list[Attachment]:
    """A subject's files, oldest first; `removed`: those taken off too (for 撤销)."""
    statement = select(Attachment).where(Attachment.subject_kind == kind, Attachment.subject_id == subject_id)
    if not removed:
        statement = statement.where(Attachment.removed_at.is_(None))
    return list(session.scalars(statement.order_by(Attachment.id)))
