"""Who asks: an identity, and the audience tokens it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from jieti.domain.vocabulary import OrganisationKind, Role, Verification

PUBLIC = "public"
SYSTEM_TOKEN = "system"  # noqa: S105 (an audience token, no secret)
PROVINCE_TOKEN = "province"  # noqa: S105


def org_token(organisation_id: int) -> str:
    return f"org:{organisation_id}"


def user_token(user_id: int) -> str:
    return f"user:{user_id}"


def officer_token(region_code: str) -> str:
    return f"officer:{region_code}"


def broker_token(region_code: str) -> str:
    return f"broker:{region_code}"


@dataclass(frozen=True)
class Identity:
    """A signed-in person, or nobody. `regions`: counties an officer or broker serves (6-digit codes).

    An active membership is what counts: a pending member holds no token of the organisation.
    """

    user_id: int | None = None
    name: str = ""
    email: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    organisation_kind: OrganisationKind | None = None
    verification: Verification | None = None
    region_code: str = ""
    regions: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    organisation_admin: bool = False
    active_member: bool = False
    system: bool = False

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def verified(self) -> bool:
        return self.active_member and self.verification is Verification.VERIFIED

    @cached_property
    def tokens(self) -> frozenset[str]:
        """audience(record) ∩ tokens(identity) non-empty: the record may be seen. Nobody still holds `public`."""
        tokens = {PUBLIC}
        if self.system:
            tokens |= {SYSTEM_TOKEN}
        if self.user_id is not None:
            tokens.add(user_token(self.user_id))
        if self.organisation_id is not None and self.active_member:
            tokens.add(org_token(self.organisation_id))
            if self.verified and Role.OFFICER in self.roles:
                tokens |= {officer_token(code) for code in self.regions}
            if self.verified and Role.BROKER in self.roles:
                tokens |= {broker_token(code) for code in self.regions}
            if Role.PROVINCE in self.roles:
                tokens.add(PROVINCE_TOKEN)
        return frozenset(tokens)


ANONYMOUS = Identity()
SYSTEM = Identity(name="system", system=True)
