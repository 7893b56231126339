"""揭榜方案: a researcher answers a published challenge, indicator by indicator; drafts are kept as typed until submitted.

Open indicators only: what is sealed is asked under a confidentiality agreement, not in a form.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day
from jieti.domain.errors import Conflict, Invalid, MoveNotAllowed, NotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import PROPOSAL, Actor
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.domain.permissions import Permission, require
from jieti.persistence.models import Challenge, Deal, Event, Proposal, Result, utcnow
from jieti.persistence.repositories.access import get_visible, visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import recipients
from jieti.services.actors import proposal_actors
from jieti.services.drafts import storable
from jieti.services.moves import Moves
from jieti.services.proposals_reading import MEETS, STEPS, read_proposal

Clock = Callable[[], dt.datetime]
MOST_TYPED = 200_000
"""Characters of one proposal's draft."""
PAGE_SIZE = 20
WITH_ALL = (
    joinedload(Proposal.challenge).joinedload(Challenge.organisation),
    joinedload(Proposal.organisation),
    joinedload(Proposal.author),
    joinedload(Proposal.result),
)
__all__ = ["MEETS", "STEPS", "Proposals"]


def proposal_url(ref: str) -> str:
    return f"/proposals/{ref}"


@dataclass(frozen=True, slots=True)
class Saved:
    version: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as one person may see it. `verbs`: moves open to them; `firm_hidden`: the challenge's firm stays unnamed."""

    proposal: Proposal
    verbs: tuple[str, ...]
    actors: frozenset[Actor]
    firm_hidden: bool
    deal_ref: str | None
    events: Sequence[Event]

    @property
    def mine(self) -> bool:
        return Actor.SOLVER in self.actors


@dataclass(frozen=True, slots=True)
class ProposalPage:
    items: Sequence[Proposal]
    number: int
    pages: int
    total: int


class Proposals:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    # -- writing one -------------------------------------------------------------------------------------------------

    def start(self, challenge_ref: str) -> Proposal:
        """The person's proposal to this challenge: the one they have, or a new draft.

        Raises NotVisible, MoveNotAllowed (`not_open`), NotAllowed (`own_challenge`).
        """
        require(self._identity, Permission.WRITE_PROPOSAL)
        session = self._uow.session
        session.execute(select(Challenge.id).where(Challenge.ref == challenge_ref).with_for_update())
        challenge = get_visible(session, Challenge, challenge_ref, self._identity)
        existing = self._own(challenge)
        if existing is not None:
            return existing
        self._still_open(challenge)
        who = self._identity
        if who.user_id is None or who.organisation_id is None or who.organisation_id == challenge.organisation_id:
            raise NotAllowed("own_challenge")
        now = self._clock()
        proposal = Proposal(
            challenge_id=challenge.id,
            author_id=who.user_id,
            organisation_id=who.organisation_id,
            created_at=now,
            updated_at=now,
        )
        session.add(proposal)
        session.flush()
        Moves(self._uow, who).refresh_proposal(proposal, challenge)
        self._uow.record(
            "proposal.start",
            "proposal",
            proposal.id,
            who,
            to_status="draft",
            region_code=challenge.region_code,
            field=challenge.field,
            at=now,
        )
        return proposal

    def current(self, challenge_ref: str) -> tuple[Challenge, Proposal | None]:
        """The challenge and the person's own proposal to it, if they have one. Raises NotVisible, MoveNotAllowed (`not_open`)."""
        require(self._identity, Permission.WRITE_PROPOSAL)
        challenge = get_visible(
            self._uow.session, Challenge, challenge_ref, self._identity, joinedload(Challenge.organisation)
        )
        existing = self._own(challenge)
        if existing is None:
            self._still_open(challenge)
        return challenge, existing

    def _own(self, challenge: Challenge) -> Proposal | None:
        statement = (
            select(Proposal)
            .where(
                Proposal.challenge_id == challenge.id,
                Proposal.author_id == self._identity.user_id,
                Proposal.status != "withdrawn",
            )
            .order_by(Proposal.id.desc())
            .limit(1)
        )
        return self._uow.session.scalars(statement).first()

    def editing(self, ref: str) -> Proposal:
        """The own draft. Raises NotVisible for anyone else's, MoveNotAllowed (`not_draft`) once it is submitted."""
        require(self._identity, Permission.WRITE_PROPOSAL)
        proposal = get_visible(self._uow.session, Proposal, ref, self._identity, *WITH_ALL)
        if proposal.author_id != self._identity.user_id:
            raise NotVisible("proposal", ref)
        if proposal.status != "draft":
            raise MoveNotAllowed("not_draft", lifecycle="proposal", source=proposal.status, verb="edit")
        return proposal

    def save(self, ref: str, step: str, typed: Mapping[str, Any], version: int) -> Saved:
        """Keep this step as typed. Raises Conflict where the step was saved elsewhere since `version` and differs; Invalid."""
        proposal = self.editing(ref)
        if step not in STEPS:
            raise NotVisible("step", step)
        draft = dict(proposal.draft or {})
        kept = _storable(typed)
        last = draft.get("_saved", {}).get(step)
        now = self._clock()
        if draft.get(step) == kept:
            return Saved(proposal.draft_version, proposal.draft_saved_at or now)
        if last and last["version"] > version:
            raise Conflict(
                "draft_conflict",
                version=proposal.draft_version,
                by=self._identity.name,
                at=dt.datetime.fromisoformat(last["at"]),
                theirs=draft.get(step, {}),
            )
        new = proposal.draft_version + 1
        draft[step] = kept
        draft["_saved"] = {**draft.get("_saved", {}), step: {"version": new, "at": now.isoformat()}}
        if len(json.dumps(draft, ensure_ascii=False)) > MOST_TYPED:
            raise Invalid([Problem("", "draft_too_large", {"limit": MOST_TYPED // 10_000})])
        proposal.draft = draft
        proposal.draft_version, proposal.draft_saved_at, proposal.updated_at = new, now, now
        return Saved(new, now)

    def typed(self, proposal: Proposal) -> dict[str, Any]:
        """Everything typed so far, of all steps."""
        found: dict[str, Any] = {}
        for step in STEPS:
            found |= (proposal.draft or {}).get(step, {})
        return found

    def problems(self, proposal: Proposal) -> list[Problem]:
        """What is still missing or wrong, for the last step's list."""
        try:
            read_proposal(self.typed(proposal), proposal.challenge.indicators)
        except Invalid as error:
            return list(error.problems)
        return []

    def own_results(self) -> Sequence[Result]:
        """Listed results of this researcher, to name one in the proposal (at most 50)."""
        return self._uow.session.scalars(
            select(Result)
            .where(Result.created_by_id == self._identity.user_id, Result.status.in_(sorted(result_states.PUBLIC)))
            .order_by(Result.updated_at.desc(), Result.id)
            .limit(50)
        ).all()

    def submit(self, ref: str) -> Proposal:
        """Submit what was typed: the firm and the county are told.

        Raises Invalid (fields as in the form), MoveNotAllowed (`not_open`: the challenge takes no proposals any more).
        """
        session = self._uow.session
        proposal = self.editing(ref)
        challenge = proposal.challenge
        self._still_open(challenge)
        content = read_proposal(self.typed(proposal), challenge.indicators)
        result: Result | None = None
        if content.result_ref:
            mine = {r.ref: r for r in self.own_results()}
            result = mine.get(content.result_ref)
            if result is None:
                raise Invalid([Problem("result", "not_yours")])
        proposal.answers = content.answers
        proposal.summary, proposal.team, proposal.schedule = content.summary, content.team, content.schedule
        proposal.price, proposal.ip_terms = content.price, content.ip_terms
        proposal.result_id = result.id if result else None
        Moves(self._uow, self._identity).proposal(proposal, challenge, "submit", at=self._clock())
        told = {"title": challenge.title, "organisation": self._identity.organisation_name}
        people = [*recipients.members(session, challenge.organisation_id)]
        people += recipients.officers(session, challenge.region_code)
        self._uow.notify(people, "proposal_received", proposal_url(proposal.ref), told)
        return proposal

    # -- reading -----------------------------------------------------------------------------------------------------

    def view(self, ref: str) -> ProposalView:
        """Raises NotVisible. Bounded queries."""
        require(self._identity, Permission.SIGNED_IN)
        session = self._uow.session
        proposal = get_visible(session, Proposal, ref, self._identity, *WITH_ALL)
        actors = proposal_actors(self._identity, proposal, proposal.challenge)
        deal = session.scalar(
            select(Deal.ref)
            .where(Deal.proposal_id == proposal.id, visible(Deal, self._identity))
            .order_by(Deal.id.desc())
        )
        events = session.scalars(
            select(Event)
            .where(Event.subject_kind == "proposal", Event.subject_id == proposal.id)
            .order_by(Event.at.desc(), Event.id.desc())
            .limit(50)
        ).all()
        return ProposalView(
            proposal=proposal,
            verbs=tuple(t.verb for t in PROPOSAL.open_to(proposal.status, actors)),
            actors=actors,
            firm_hidden=firm_hidden(proposal.challenge, actors) and deal is None,
            deal_ref=deal,
            events=events,
        )

    def mine(self, *, number: int = 1) -> ProposalPage:
        """The author's own, newest change first."""
        require(self._identity, Permission.WRITE_PROPOSAL)
        return self._page([Proposal.author_id == self._identity.user_id], number)

    def of_county(self, *, number: int = 1) -> ProposalPage:
        """Submitted ones of the officer's counties that wait for the qualification check, oldest first."""
        require(self._identity, Permission.REVIEW_LISTING)
        regions = sorted(self._identity.regions)
        waiting = [
            Proposal.status == "submitted",
            Proposal.challenge_id.in_(select(Challenge.id).where(Challenge.region_code.in_(regions))),
        ]
        return self._page(waiting, number)

    def _page(self, where: list[Any], number: int) -> ProposalPage:
        session = self._uow.session
        where = [*where, visible(Proposal, self._identity)]
        total = session.scalar(select(func.count()).select_from(Proposal).where(*where)) or 0
        pages = max(1, -(-total // PAGE_SIZE))
        number = min(max(1, number), pages)
        items = session.scalars(
            select(Proposal)
            .where(*where)
            .options(*WITH_ALL)
            .order_by(Proposal.updated_at.desc(), Proposal.id.desc())
            .limit(PAGE_SIZE)
            .offset((number - 1) * PAGE_SIZE)
        ).all()
        return ProposalPage(items, number, pages, total)

    def _still_open(self, challenge: Challenge) -> None:
        """Published, and its deadline not past (the clock's job may not have run yet)."""
        late = challenge.deadline is not None and challenge.deadline < china_day(self._clock())
        if challenge.status not in challenge_states.OPEN_FOR_PROPOSALS or late:
            raise MoveNotAllowed("not_open", lifecycle="challenge", source=challenge.status, verb="propose")


def firm_hidden(challenge: Challenge, actors: frozenset[Actor]) -> bool:
    """An anonymous firm is named to itself and to the county's officers; a deal's participants see it on their deal."""
    return challenge.anonymous and not actors & {Actor.OWNER, Actor.OFFICER}


def _storable(typed: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in typed.items():
        if isinstance(value, bool):
            kept[name] = value
        elif isinstance(value, str):
            kept[name] = storable(value)
        elif isinstance(value, list):
            kept[name] = [{part: storable(str(text)) for part, text in row.items()} for row in value]
    return kept
