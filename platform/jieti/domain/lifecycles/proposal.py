"""揭榜方案: draft → submitted → qualified (county) → shortlisted → awarded | not_selected."""

from __future__ import annotations

from jieti.domain.lifecycles.table import Actor, Lifecycle, row

STATUSES = "draft submitted qualified disqualified shortlisted awarded not_selected withdrawn".split()

PROPOSAL = Lifecycle(
    "proposal",
    "draft",
    STATUSES,
    [
        *row("submit", "draft", "submitted", Actor.SOLVER),
        *row("qualify", "submitted", "qualified", Actor.OFFICER),
        *row("disqualify", "submitted", "disqualified", Actor.OFFICER, reason=True),
        *row("shortlist", "submitted qualified", "shortlisted", Actor.OWNER, Actor.OFFICER),
        # The firm may choose as soon as a proposal is in: the county's check is an aid, not a gate, outside 揭榜挂帅 lists.
        *row("accept", "submitted qualified shortlisted", "awarded", Actor.OWNER),
        *row("decline", "submitted qualified shortlisted", "not_selected", Actor.OWNER, reason=True),
        *row("withdraw", "draft submitted qualified shortlisted", "withdrawn", Actor.SOLVER),
    ],
)
