"""Organisations: their public page, registering and editing one, members, verification by the county, invitations."""

from jieti.web.organisations import invitations, members, verification, views
from jieti.web.organisations.blueprint import blueprint

__all__ = ["blueprint", "invitations", "members", "verification", "views"]
