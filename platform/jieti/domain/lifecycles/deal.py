"""对接项目: intent → agreed → nda_signed → contract_signed → registering → registered → performing → accepted → settled."""

from __future__ import annotations

from jieti.domain.lifecycles.table import Actor, Lifecycle, row

STATUSES = (
    "intent agreed declined nda_signed contract_signed registering registered not_registered performing accepted settled "
    "changed cancelled disputed"
).split()

ENDED = frozenset({"declined", "settled", "cancelled"})
SIGNED = frozenset(
    "contract_signed registering registered not_registered performing accepted settled changed disputed".split()
)
"""Stages that imply a signed contract: a contract record must exist."""

_LEADERS = (Actor.BROKER, Actor.OFFICER)

DEAL = Lifecycle(
    "deal",
    "intent",
    STATUSES,
    [
        *row("agree", "intent", "agreed", *_LEADERS),
        *row("decline", "intent agreed nda_signed", "declined", *_LEADERS, Actor.OWNER, Actor.SOLVER, reason=True),
        *row("sign_nda", "intent agreed", "nda_signed", *_LEADERS),
        *row("sign_contract", "agreed nda_signed", "contract_signed", *_LEADERS),
        *row("register", "contract_signed not_registered changed", "registering", *_LEADERS, Actor.SOLVER),
        *row("registered", "registering", "registered", Actor.OFFICER),
        *row("not_registered", "registering", "not_registered", Actor.OFFICER, reason=True),
        *row("perform", "contract_signed registered not_registered changed", "performing", *_LEADERS, Actor.OWNER),
        *row("accept", "performing", "accepted", Actor.OWNER, *_LEADERS),
        *row("settle", "accepted", "settled", Actor.OWNER, *_LEADERS),
        *row("change", "contract_signed registered performing", "changed", *_LEADERS, reason=True),
        *row(
            "cancel",
            "contract_signed registering registered not_registered performing changed disputed",
            "cancelled",
            *_LEADERS,
            reason=True,
        ),
        *row(
            "dispute",
            "contract_signed registered performing accepted changed",
            "disputed",
            Actor.OWNER,
            Actor.SOLVER,
            *_LEADERS,
            reason=True,
        ),
        *row("resume", "disputed", "performing", *_LEADERS),
        *row("reopen", "declined", "intent", *_LEADERS),
    ],
)
