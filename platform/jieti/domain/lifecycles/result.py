"""科技成果: draft → submitted → confirmed (transfer office) → listed (county) → negotiating → contracted."""

from __future__ import annotations

from jieti.domain.lifecycles.table import Actor, Lifecycle, row

STATUSES = "draft submitted confirmed needs_fix rejected listed negotiating contracted delisted".split()
PUBLIC = frozenset("listed negotiating contracted".split())
MATCHABLE = frozenset({"listed", "negotiating"})

RESULT = Lifecycle(
    "result",
    "draft",
    STATUSES,
    [
        *row("submit", "draft needs_fix", "submitted", Actor.SOLVER, Actor.OWNER),
        *row("recall", "submitted", "draft", Actor.SOLVER),
        # A university without a transfer office on the platform: the county's officer confirms in its stead.
        *row("confirm", "submitted", "confirmed", Actor.TRANSFER_OFFICE, Actor.OFFICER),
        *row("list", "confirmed", "listed", Actor.OFFICER, Actor.PROVINCE),
        *row(
            "ask_changes",
            "submitted confirmed",
            "needs_fix",
            Actor.TRANSFER_OFFICE,
            Actor.OFFICER,
            Actor.PROVINCE,
            reason=True,
        ),
        *row(
            "reject",
            "submitted confirmed",
            "rejected",
            Actor.TRANSFER_OFFICE,
            Actor.OFFICER,
            Actor.PROVINCE,
            reason=True,
        ),
        *row("negotiate", "listed", "negotiating", Actor.SYSTEM, Actor.TRANSFER_OFFICE),
        *row("release", "negotiating contracted", "listed", Actor.SYSTEM, Actor.TRANSFER_OFFICE),
        *row("contract", "listed negotiating", "contracted", Actor.SYSTEM, Actor.TRANSFER_OFFICE),
        *row(
            "delist",
            "listed negotiating contracted",
            "delisted",
            Actor.SOLVER,
            Actor.TRANSFER_OFFICE,
            Actor.OFFICER,
            reason=True,
        ),
        *row("relist", "delisted", "listed", Actor.TRANSFER_OFFICE, Actor.OFFICER),
    ],
)
