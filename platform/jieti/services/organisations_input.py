"""What is typed about an organisation: cleaned, and everything wrong with it said at once."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from jieti.domain import uscc as codes
from jieti.domain.errors import Invalid, Problem
from jieti.domain.regions import regions
from jieti.domain.vocabulary import OrganisationKind, Role

ROLES_OF_KIND: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.ENTERPRISE: (Role.ENTERPRISE,),
    OrganisationKind.UNIVERSITY: (Role.RESEARCHER, Role.TRANSFER_OFFICE),
    OrganisationKind.TECH_BUREAU: (Role.OFFICER,),
    OrganisationKind.BROKER_AGENCY: (Role.BROKER,),
}
"""Which roles a member may have, the usual one first. The provincial role is given on the server only."""

LONGEST = {"name": 120, "address": 200, "phone": 40, "contact_name": 40, "intro": 2000}
_REQUIRED = ("name", "phone", "contact_name")


@dataclass(frozen=True, slots=True)
class OrganisationInput:
    name: str
    uscc: str
    region_code: str
    phone: str
    contact_name: str
    address: str = ""
    intro: str = ""


def one_line(text: str) -> str:
    """NFKC, white space and control characters collapsed to single spaces."""
    normal = unicodedata.normalize("NFKC", text)
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in normal).split())


def checked(values: OrganisationInput) -> OrganisationInput:
    """The cleaned input. Raises Invalid: `required`, `too_long`, `uscc_length`, `uscc_characters`, `unknown_choice`, `phone_unreadable`.

    A wrong check digit is no problem here: real codes fail it (see `jieti.domain.uscc`). The interface warns.
    """
    clean = replace(
        values,
        name=one_line(values.name),
        uscc=codes.normalise(values.uscc),
        phone=one_line(values.phone),
        contact_name=one_line(values.contact_name),
        address=one_line(values.address),
        intro=values.intro.strip().replace("\r\n", "\n"),
    )
    problems = [Problem(name, "required") for name in _REQUIRED if not getattr(clean, name)]
    problems += [
        Problem(name, "too_long", {"limit": limit, "over": len(getattr(clean, name)) - limit})
        for name, limit in LONGEST.items()
        if len(getattr(clean, name)) > limit
    ]
    if not clean.uscc:
        problems.append(Problem("uscc", "required"))
    elif len(clean.uscc) != codes.LENGTH:
        problems.append(Problem("uscc", "uscc_length", {"has": len(clean.uscc)}))
    elif not codes.well_formed(clean.uscc):
        wrong = "".join(dict.fromkeys(c for c in clean.uscc if c not in codes.ALPHABET))
        problems.append(Problem("uscc", "uscc_characters", {"characters": wrong}))
    if clean.region_code not in regions():
        problems.append(Problem("region_code", "unknown_choice"))
    if clean.phone and sum(c.isdigit() for c in clean.phone) < 7:
        problems.append(Problem("phone", "phone_unreadable"))
    if problems:
        raise Invalid(problems)
    return clean


def role_in(kind: OrganisationKind, role: str) -> Role:
    """The role a member of this kind of organisation takes: the chosen one where it has it, else its usual one."""
    allowed = ROLES_OF_KIND[kind]
    return next((r for r in allowed if r.value == role), allowed[0])
