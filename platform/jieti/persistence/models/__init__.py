"""The tables. Import from here: every model is registered once this package is imported."""

from jieti.persistence.models.account import Invitation, Organisation, Role, User
from jieti.persistence.models.base import Base, new_ref, utcnow
from jieti.persistence.models.deal import Contract, Deal, DealNote, DealParticipant, Proposal
from jieti.persistence.models.likeness import ListingKey
from jieti.persistence.models.listing import Attachment, Challenge, Expert, ListingVersion, Result
from jieti.persistence.models.matching import Match, MatchVerdict
from jieti.persistence.models.solving import SolverInvitation
from jieti.persistence.models.workflow import (
    Event,
    IdempotencyKey,
    ImportRun,
    Notification,
    OutboxRow,
    RecordAudience,
    WorkerHeartbeat,
)

__all__ = [
    "Attachment",
    "Base",
    "Challenge",
    "Contract",
    "Deal",
    "DealNote",
    "DealParticipant",
    "Event",
    "Expert",
    "IdempotencyKey",
    "ImportRun",
    "Invitation",
    "ListingKey",
    "ListingVersion",
    "Match",
    "MatchVerdict",
    "Notification",
    "Organisation",
    "OutboxRow",
    "Proposal",
    "RecordAudience",
    "Result",
    "Role",
    "SolverInvitation",
    "User",
    "WorkerHeartbeat",
    "new_ref",
    "utcnow",
]
