"""Permissions are an enum, rules are data: which role may do what. Which *record* it may be done to: audience and lifecycle."""

from __future__ import annotations

from enum import StrEnum

from jieti.domain.errors import NotAllowed
from jieti.domain.identity import Identity
from jieti.domain.vocabulary import Role


class Permission(StrEnum):
    BROWSE = "browse"  # public pages; everyone
    SIGNED_IN = "signed_in"  # own account, today, notifications
    POST_CHALLENGE = "post_challenge"
    POST_RESULT = "post_result"
    EDIT_EXPERT = "edit_expert"
    INVITE_EXPERT = "invite_expert"
    WRITE_PROPOSAL = "write_proposal"
    DECIDE_PROPOSAL = "decide_proposal"
    CONFIRM_RESULT = "confirm_result"  # transfer office
    REVIEW_LISTING = "review_listing"  # county officer
    VERIFY_ORGANISATION = "verify_organisation"
    MANAGE_MEMBERS = "manage_members"
    SEE_MATCHES = "see_matches"
    GIVE_VERDICT = "give_verdict"
    OPEN_DEAL = "open_deal"
    SEE_DEALS = "see_deals"
    MOVE_DEAL = "move_deal"
    SEE_FIGURES = "see_figures"
    IMPORT = "import"
    EXPORT = "export"


_EVERYONE = frozenset({Permission.BROWSE})
_MEMBER = _EVERYONE | {Permission.SIGNED_IN, Permission.MANAGE_MEMBERS}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ENTERPRISE: _MEMBER
    | {
        Permission.POST_CHALLENGE,
        Permission.INVITE_EXPERT,
        Permission.DECIDE_PROPOSAL,
        Permission.SEE_MATCHES,
        Permission.GIVE_VERDICT,
        Permission.SEE_DEALS,
        Permission.MOVE_DEAL,
        Permission.EXPORT,
    },
    Role.RESEARCHER: _MEMBER
    | {
        Permission.POST_RESULT,
        Permission.EDIT_EXPERT,
        Permission.WRITE_PROPOSAL,
        Permission.SEE_MATCHES,
        Permission.GIVE_VERDICT,
        Permission.SEE_DEALS,
        Permission.MOVE_DEAL,
        Permission.EXPORT,
    },
    Role.TRANSFER_OFFICE: _MEMBER
    | {
        Permission.CONFIRM_RESULT,
        Permission.POST_RESULT,
        Permission.SEE_MATCHES,
        Permission.SEE_DEALS,
        Permission.MOVE_DEAL,
        Permission.EXPORT,
    },
    Role.OFFICER: _MEMBER
    | {
        Permission.REVIEW_LISTING,
        Permission.VERIFY_ORGANISATION,
        Permission.SEE_MATCHES,
        Permission.GIVE_VERDICT,
        Permission.OPEN_DEAL,
        Permission.SEE_DEALS,
        Permission.MOVE_DEAL,
        Permission.SEE_FIGURES,
        Permission.IMPORT,
        Permission.EXPORT,
    },
    Role.BROKER: _MEMBER
    | {
        Permission.SEE_MATCHES,
        Permission.GIVE_VERDICT,
        Permission.OPEN_DEAL,
        Permission.SEE_DEALS,
        Permission.MOVE_DEAL,
        Permission.EXPORT,
    },
    Role.PROVINCE: _MEMBER
    | {
        Permission.VERIFY_ORGANISATION,  # of tech bureaus: no county bureau verifies itself
        Permission.SEE_FIGURES,
        Permission.SEE_DEALS,
        Permission.SEE_MATCHES,
        Permission.EXPORT,
    },
}


_NEEDS_VERIFIED = frozenset({Role.OFFICER, Role.BROKER})
"""Roles that act on other people's records: anyone may register a bureau, so they count only once it is verified."""


def permissions_of(identity: Identity) -> frozenset[Permission]:
    """What the identity may do at all. A member who is not active yet may only browse and see their own account."""
    if not identity.signed_in:
        return _EVERYONE
    if not identity.active_member:
        return _EVERYONE | {Permission.SIGNED_IN}
    granted = _EVERYONE | {Permission.SIGNED_IN}
    for role in identity.roles:
        granted |= _MEMBER if role in _NEEDS_VERIFIED and not identity.verified else ROLE_PERMISSIONS[role]
    return granted


def require(identity: Identity, permission: Permission) -> None:
    """Raises NotAllowed (`permission`) where the identity lacks it; the system itself is not asked."""
    if not identity.system and permission not in permissions_of(identity):
        raise NotAllowed("permission", permission=permission.value)
