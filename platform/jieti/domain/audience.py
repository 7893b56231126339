"""Who may see a record: its audience, as tokens. The one place where this is decided.

`audience(record) ∩ tokens(identity)` is checked in Python (`visible_to`), in SQL (table record_audience, written from
here at every move) and in the search engine (documents carry the same tokens).
"""

from __future__ import annotations

from collections.abc import Collection

from jieti.domain.identity import PROVINCE_TOKEN, PUBLIC, Identity, broker_token, officer_token, org_token, user_token
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states

_OWNERS_ALONE = frozenset({"draft"})  # statuses in which a listing is its owner's alone


def visible_to(audience: Collection[str], identity: Identity) -> bool:
    """True where the identity holds a token of the audience, or is the system itself."""
    return identity.system or not identity.tokens.isdisjoint(audience)


def challenge_audience(*, status: str, organisation_id: int, region_code: str) -> frozenset[str]:
    """Open fields of a challenge."""
    tokens = {org_token(organisation_id)}
    if status not in _OWNERS_ALONE:
        tokens |= {officer_token(region_code), PROVINCE_TOKEN}
    if status in challenge_states.PUBLIC:
        tokens |= {PUBLIC, broker_token(region_code)}
    return frozenset(tokens)


def sealed_audience(
    *, organisation_id: int, region_code: str, status: str, released_to: Collection[str] = ()
) -> frozenset[str]:
    """Sealed fields: the owner, the county's officers and brokers, and those it is released to. Never `public`."""
    tokens = {org_token(organisation_id), *released_to} - {PUBLIC}
    if status not in _OWNERS_ALONE:
        tokens |= {officer_token(region_code)}
    if status in challenge_states.PUBLIC:
        tokens |= {broker_token(region_code)}
    return frozenset(tokens)


def result_audience(*, status: str, organisation_id: int, region_code: str, author_id: int | None) -> frozenset[str]:
    tokens = {org_token(organisation_id)}
    if author_id is not None:
        tokens.add(user_token(author_id))
    if status not in _OWNERS_ALONE:
        tokens |= {officer_token(region_code), PROVINCE_TOKEN}
    if status in result_states.PUBLIC:
        tokens |= {PUBLIC}
    return frozenset(tokens)


def expert_audience(
    *, listed: bool, organisation_id: int | None, region_code: str, user_id: int | None
) -> frozenset[str]:
    tokens = {officer_token(region_code), PROVINCE_TOKEN}
    if organisation_id is not None:
        tokens.add(org_token(organisation_id))
    if user_id is not None:
        tokens.add(user_token(user_id))
    if listed:
        tokens.add(PUBLIC)
    return frozenset(tokens)


def match_audience(
    *,
    challenge_organisation_id: int,
    challenge_region: str,
    offer_organisation_id: int | None,
    offer_user_id: int | None,
) -> frozenset[str]:
    """Both sides see why; the challenge's county and its brokers work with it. The offer's side sees the open score only."""
    tokens = {
        org_token(challenge_organisation_id),
        officer_token(challenge_region),
        broker_token(challenge_region),
        PROVINCE_TOKEN,
    }
    if offer_organisation_id is not None:
        tokens.add(org_token(offer_organisation_id))
    if offer_user_id is not None:
        tokens.add(user_token(offer_user_id))
    return frozenset(tokens)


def proposal_audience(
    *, status: str, challenge_organisation_id: int, challenge_region: str, solver_organisation_id: int, author_id: int
) -> frozenset[str]:
    """A draft is its author's alone; once submitted the firm, the county and its brokers see it."""
    tokens = {user_token(author_id)}
    if status != "draft":
        tokens |= {org_token(solver_organisation_id), PROVINCE_TOKEN}
        tokens |= {
            org_token(challenge_organisation_id),
            officer_token(challenge_region),
            broker_token(challenge_region),
        }
    return frozenset(tokens)


def deal_audience(
    *,
    buyer_organisation_id: int,
    seller_organisation_id: int | None,
    region_code: str,
    broker_id: int,
    participants: Collection[int] = (),
) -> frozenset[str]:
    tokens = {org_token(buyer_organisation_id), officer_token(region_code), user_token(broker_id), PROVINCE_TOKEN}
    if seller_organisation_id is not None:
        tokens.add(org_token(seller_organisation_id))
    return frozenset(tokens | {user_token(user_id) for user_id in participants})
