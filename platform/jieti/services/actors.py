"""Which lifecycle actors an identity is, seen from a record."""

from __future__ import annotations

from jieti.domain.identity import Identity
from jieti.domain.lifecycles import Actor
from jieti.domain.vocabulary import Role
from jieti.persistence.models import Challenge, Deal, Proposal, Result


def _county(identity: Identity, region_code: str) -> set[Actor]:
    actors: set[Actor] = set()
    if identity.system:
        actors.add(Actor.SYSTEM)
    if identity.verified and region_code in identity.regions:
        if Role.OFFICER in identity.roles:
            actors.add(Actor.OFFICER)
        if Role.BROKER in identity.roles:
            actors.add(Actor.BROKER)
    if identity.active_member and Role.PROVINCE in identity.roles:
        actors.add(Actor.PROVINCE)
    return actors


def _member(identity: Identity, organisation_id: int | None) -> bool:
    return identity.active_member and organisation_id is not None and identity.organisation_id == organisation_id


def challenge_actors(identity: Identity, challenge: Challenge) -> frozenset[Actor]:
    actors = _county(identity, challenge.region_code)
    if _member(identity, challenge.organisation_id):
        actors.add(Actor.OWNER)
    return frozenset(actors)


def result_actors(identity: Identity, result: Result) -> frozenset[Actor]:
    actors = _county(identity, result.region_code)
    if _member(identity, result.organisation_id):
        if Role.TRANSFER_OFFICE in identity.roles:
            actors |= {Actor.TRANSFER_OFFICE, Actor.OWNER}
        if result.created_by_id == identity.user_id:
            actors |= {Actor.SOLVER, Actor.OWNER}
    return frozenset(actors)


def proposal_actors(identity: Identity, proposal: Proposal, challenge: Challenge) -> frozenset[Actor]:
    actors = _county(identity, challenge.region_code)
    if _member(identity, challenge.organisation_id):
        actors.add(Actor.OWNER)
    if identity.user_id is not None and proposal.author_id == identity.user_id:
        actors.add(Actor.SOLVER)
    return frozenset(actors)


def deal_actors(identity: Identity, deal: Deal) -> frozenset[Actor]:
    """The deal's own broker leads it wherever it lies; another broker of the county does not."""
    actors = _county(identity, deal.region_code) - {Actor.BROKER}
    if identity.user_id is not None and deal.broker_id == identity.user_id:
        actors.add(Actor.BROKER)
    if _member(identity, deal.buyer_id):
        actors.add(Actor.OWNER)
    if _member(identity, deal.seller_id):
        actors.add(Actor.SOLVER)
    return frozenset(actors)
