"""From a user's row to the identity that services work with."""

from __future__ import annotations

from jieti.domain.identity import Identity
from jieti.domain.vocabulary import Membership, OrganisationKind, Role, Verification
from jieti.persistence.models import User

_ROLES = {role.value for role in Role}


def identity_of(user: User) -> Identity:
    """Reads the user's organisation and roles (two small queries where they are not loaded yet)."""
    organisation = user.organisation
    roles = frozenset(Role(role.name) for role in user.roles if role.name in _ROLES)
    regions: frozenset[str] = frozenset()
    if organisation is not None and roles & {Role.OFFICER, Role.BROKER}:
        regions = frozenset({organisation.region_code, *organisation.served_regions})
    return Identity(
        user_id=user.id,
        name=user.name,
        email=user.email,
        organisation_id=user.organisation_id,
        organisation_name=organisation.name if organisation else "",
        organisation_kind=OrganisationKind(organisation.kind) if organisation else None,
        verification=Verification(organisation.verification) if organisation else None,
        region_code=organisation.region_code if organisation else "",
        regions=regions,
        roles=roles,
        organisation_admin=user.organisation_admin,
        active_member=organisation is not None and user.membership == Membership.ACTIVE.value,
    )
