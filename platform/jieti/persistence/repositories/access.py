"""The SQL form of the access rule: `audience(record) ∩ tokens(identity)`, through table record_audience."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from jieti.domain.errors import NotVisible
from jieti.domain.identity import Identity
from jieti.persistence.models import Challenge, Deal, Expert, Match, Proposal, RecordAudience, Result

Record = TypeVar("Record", Challenge, Result, Expert, Match, Proposal, Deal)

KIND_OF: dict[type, str] = {
    Challenge: "challenge",
    Result: "result",
    Expert: "expert",
    Match: "match",
    Proposal: "proposal",
    Deal: "deal",
}


def visible(model: type[Any], identity: Identity) -> ColumnElement[bool]:
    """A WHERE clause that keeps the rows of `model` which the identity may see."""
    if identity.system:
        return true()
    return exists().where(
        RecordAudience.record_kind == KIND_OF[model],
        RecordAudience.record_id == model.id,
        RecordAudience.token.in_(sorted(identity.tokens)),
    )


def get_visible(session: Session, model: type[Record], ref: str, identity: Identity, *options: Any) -> Record:
    """The record of this reference, if the identity may see it. Raises NotVisible in both other cases."""
    statement = select(model).where(model.ref == ref, visible(model, identity)).options(*options)
    record = session.scalars(statement).first()
    if record is None:
        raise NotVisible(KIND_OF[model], ref)
    return record
