"""技术需求: draft → submitted → approved → published → reviewing → awarded → signed → solving → solved."""

from __future__ import annotations

from jieti.domain.lifecycles.table import Actor, Lifecycle, row

STATUSES = (
    "draft submitted needs_fix rejected approved published reviewing awarded signed solving solved closed_failed "
    "expired offline withdrawn"
).split()

PUBLIC = frozenset("published reviewing awarded signed solving solved expired closed_failed".split())
"""Statuses in which the open fields may be seen by anyone."""

OPEN_FOR_PROPOSALS = frozenset({"published"})
MATCHABLE = frozenset({"published", "reviewing"})

CHALLENGE = Lifecycle(
    "challenge",
    "draft",
    STATUSES,
    [
        *row("submit", "draft needs_fix", "submitted", Actor.OWNER),
        *row("approve", "submitted", "approved", Actor.OFFICER),
        *row("ask_changes", "submitted", "needs_fix", Actor.OFFICER, reason=True),
        *row("reject", "submitted", "rejected", Actor.OFFICER, reason=True),
        *row("recall", "submitted", "draft", Actor.OWNER),
        *row("publish", "approved", "published", Actor.OFFICER),
        *row("start_review", "published", "reviewing", Actor.OWNER, Actor.OFFICER),
        *row("reopen", "reviewing", "published", Actor.OWNER, Actor.OFFICER),
        *row("award", "reviewing published", "awarded", Actor.OFFICER, Actor.OWNER),
        # A deal that reaches 已签合同 signs its challenge, whichever way it came (proposal, or a match brokered directly).
        *row("sign", "published reviewing awarded", "signed", Actor.SYSTEM, Actor.OFFICER),
        *row("start_solving", "signed", "solving", Actor.OWNER, Actor.OFFICER, Actor.SYSTEM),
        *row("solve", "solving signed", "solved", Actor.OWNER, Actor.SYSTEM),
        *row(
            "close_failed",
            "published reviewing awarded signed solving",
            "closed_failed",
            Actor.OWNER,
            Actor.OFFICER,
            reason=True,
        ),
        *row("expire", "published reviewing", "expired", Actor.SYSTEM),
        *row("extend", "expired", "published", Actor.OWNER, Actor.OFFICER),
        *row(
            "take_offline",
            "approved published reviewing expired",
            "offline",
            Actor.OFFICER,
            Actor.PROVINCE,
            reason=True,
        ),
        *row("restore", "offline", "published", Actor.OFFICER, Actor.PROVINCE),
        *row("withdraw", "draft submitted needs_fix approved published reviewing", "withdrawn", Actor.OWNER),
    ],
)
