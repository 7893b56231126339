"""Moving a record through its lifecycle: the table decides, the move is recorded, the audience follows, the index is told.

Every status change of a challenge, result, proposal or deal goes through `Moves`, so that no path exists that the
table does not have. Caller commits (unit of work).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from jieti.domain import audience as audiences
from jieti.domain.identity import Identity
from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT, Actor, Lifecycle
from jieti.persistence.models import Challenge, Deal, Event, Expert, Match, Proposal, Result, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import listing_keys
from jieti.services.actors import challenge_actors, deal_actors, proposal_actors, result_actors


class Moves:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._identity = identity

    def challenge(self, challenge: Challenge, verb: str, reason: str = "", at: dt.datetime | None = None) -> Event:
        """Raises MoveNotAllowed. Publishing (first time, or again) queues indexing and matching."""
        event = self._move(
            CHALLENGE,
            challenge,
            "challenge",
            challenge.status,
            verb,
            challenge_actors(self._identity, challenge),
            reason,
            challenge.region_code,
            challenge.field,
            at,
        )
        challenge.status = event.to_status
        challenge.version += 1
        challenge.updated_at = event.at
        if verb == "submit":
            challenge.submitted_at = event.at
        if event.to_status == "published" and challenge.published_at is None:
            challenge.published_at = event.at
        self.refresh_challenge(challenge)
        return event

    def result(self, result: Result, verb: str, reason: str = "", at: dt.datetime | None = None) -> Event:
        """Raises MoveNotAllowed. Listing queues indexing and matching."""
        event = self._move(
            RESULT,
            result,
            "result",
            result.status,
            verb,
            result_actors(self._identity, result),
            reason,
            result.region_code,
            result.field,
            at,
        )
        result.status = event.to_status
        result.version += 1
        result.updated_at = event.at
        if verb == "submit":
            result.submitted_at = event.at
        if event.to_status == "listed" and result.published_at is None:
            result.published_at = event.at
        self.refresh_result(result)
        return event

    def proposal(
        self, proposal: Proposal, challenge: Challenge, verb: str, reason: str = "", at: dt.datetime | None = None
    ) -> Event:
        event = self._move(
            PROPOSAL,
            proposal,
            "proposal",
            proposal.status,
            verb,
            proposal_actors(self._identity, proposal, challenge),
            reason,
            challenge.region_code,
            challenge.field,
            at,
        )
        proposal.status = event.to_status
        proposal.version += 1
        proposal.updated_at = event.at
        if verb == "submit":
            proposal.submitted_at = event.at
        if reason:
            proposal.decision_reason = reason
        self.refresh_proposal(proposal, challenge)
        return event

    def deal(
        self,
        deal: Deal,
        verb: str,
        reason: str = "",
        at: dt.datetime | None = None,
        data: Mapping[str, Any] | None = None,
        field: str = "",
    ) -> Event:
        event = self._move(
            DEAL,
            deal,
            "deal",
            deal.stage,
            verb,
            deal_actors(self._identity, deal),
            reason,
            deal.region_code,
            field,
            at,
            data,
        )
        deal.stage = event.to_status
        deal.stage_since = event.at
        deal.version += 1
        deal.updated_at = event.at
        return event

    def refresh_challenge(self, challenge: Challenge) -> None:
        """Audience, index and matching after any change of a challenge (its id must be assigned)."""
        tokens = audiences.challenge_audience(
            status=challenge.status, organisation_id=challenge.organisation_id, region_code=challenge.region_code
        )
        self._uow.set_audience("challenge", challenge.id, tokens)
        self._keep_keys("challenge", challenge)
        self._uow.enqueue("index", "challenge", challenge.id)
        self._uow.enqueue("match", "challenge", challenge.id)

    def refresh_result(self, result: Result) -> None:
        tokens = audiences.result_audience(
            status=result.status,
            organisation_id=result.organisation_id,
            region_code=result.region_code,
            author_id=result.created_by_id,
        )
        self._uow.set_audience("result", result.id, tokens)
        self._keep_keys("result", result)
        self._uow.enqueue("index", "result", result.id)
        self._uow.enqueue("match", "result", result.id)

    def _keep_keys(self, kind: str, record: Challenge | Result) -> None:
        if record.status != "draft":
            listing_keys.keep(self._uow.session, kind, {record.id: listing_keys.print_of(kind, record)})

    def refresh_expert(self, expert: Expert) -> None:
        tokens = audiences.expert_audience(
            listed=expert.listed,
            organisation_id=expert.organisation_id,
            region_code=expert.region_code,
            user_id=expert.user_id,
        )
        self._uow.set_audience("expert", expert.id, tokens)
        self._uow.enqueue("index", "expert", expert.id)
        self._uow.enqueue("match", "expert", expert.id)

    def refresh_proposal(self, proposal: Proposal, challenge: Challenge) -> None:
        tokens = audiences.proposal_audience(
            status=proposal.status,
            challenge_organisation_id=challenge.organisation_id,
            challenge_region=challenge.region_code,
            solver_organisation_id=proposal.organisation_id,
            author_id=proposal.author_id,
        )
        self._uow.set_audience("proposal", proposal.id, tokens)

    def refresh_match(
        self, match: Match, challenge: Challenge, offer_organisation_id: int | None, offer_user_id: int | None
    ) -> None:
        tokens = audiences.match_audience(
            challenge_organisation_id=challenge.organisation_id,
            challenge_region=challenge.region_code,
            offer_organisation_id=offer_organisation_id,
            offer_user_id=offer_user_id,
        )
        self._uow.set_audience("match", match.id, tokens)

    def refresh_deal(self, deal: Deal, participants: set[int]) -> None:
        tokens = audiences.deal_audience(
            buyer_organisation_id=deal.buyer_id,
            seller_organisation_id=deal.seller_id,
            region_code=deal.region_code,
            broker_id=deal.broker_id,
            participants=participants,
        )
        self._uow.set_audience("deal", deal.id, tokens)

    def _move(
        self,
        lifecycle: Lifecycle,
        record: Challenge | Result | Proposal | Deal,
        kind: str,
        status: str,
        verb: str,
        actors: frozenset[Actor],
        reason: str,
        region_code: str,
        field: str,
        at: dt.datetime | None,
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        transition = lifecycle.find(status, verb, actors, reason)
        return self._uow.record(
            f"{kind}.{verb}",
            kind,
            record.id,
            self._identity,
            from_status=transition.source,
            to_status=transition.target,
            reason=reason.strip(),
            region_code=region_code,
            field=field,
            at=at or utcnow(),
            data=data,
        )
