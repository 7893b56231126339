"""`jieti user …`: accounts and organisations from the server's own command line (the first bureau, the province, lost access)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import click
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.domain import uscc as codes
from jieti.domain.errors import Invalid, NotVisible
from jieti.domain.identity import Identity
from jieti.domain.vocabulary import Membership, OrganisationKind, Role, Verification
from jieti.persistence.models import Organisation, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import create_user, find_user, hash_password, role_row
from jieti.services.organisations import sort_key
from jieti.services.organisations_input import OrganisationInput, checked
from jieti.services.organisations_verification import verify_on_server
from jieti.settings import load_settings

SERVER = Identity(name="server", system=True)
ROLES = click.Choice([role.value for role in Role])


@contextmanager
def _work() -> Iterator[UnitOfWork]:
    """One transaction; what the services object to is told in one line."""
    house = House(load_settings())
    try:
        with UnitOfWork(house.database) as uow:
            yield uow
    except Invalid as invalid:
        told = ", ".join(f"{p.field}: {p.code} {dict(p.params) or ''}".strip() for p in invalid.problems)
        raise click.ClickException(told) from None
    except NotVisible as missing:
        raise click.ClickException(f"no {missing.params['kind']} {missing.params['ref']}") from None
    finally:
        house.close()


def _user(uow: UnitOfWork, email: str) -> User:
    user = find_user(uow.session, email)
    if user is None:
        raise click.ClickException(f"no account {email}")
    return user


def _organisation(uow: UnitOfWork, text: str) -> Organisation:
    """By reference, credit code or whole name."""
    found = uow.session.scalars(
        select(Organisation)
        .where((Organisation.ref == text) | (Organisation.uscc == codes.normalise(text)) | (Organisation.name == text))
        .limit(2)
    ).all()
    if len(found) != 1:
        raise click.ClickException(f"{len(found) or 'no'} organisations match {text!r}: give the reference")
    return found[0]


@click.group()
def user() -> None:
    """Accounts and organisations: create, give roles, verify."""


@user.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--organisation", "where", help="reference, credit code or name of an organisation that exists")
@click.option("--role", "roles", multiple=True, type=ROLES)
@click.option("--admin", is_flag=True, help="may manage the organisation's members")
def create(email: str, name: str, password: str, where: str | None, roles: tuple[str, ...], admin: bool) -> None:
    """Create a confirmed account."""
    with _work() as uow:
        organisation = _organisation(uow, where) if where else None
        created = create_user(
            uow,
            email=email,
            password=password,
            name=name,
            organisation=organisation,
            roles=[Role(role) for role in roles],
            admin=admin,
        )
        click.echo(f"{created.email} {created.ref}")


@user.command()
@click.argument("email")
@click.argument("roles", nargs=-1, type=ROLES, required=True)
def role(email: str, roles: tuple[str, ...]) -> None:
    """Give an account exactly these roles."""
    with _work() as uow:
        found = _user(uow, email)
        found.roles = [role_row(uow.session, Role(name)) for name in dict.fromkeys(roles)]
        if found.organisation_id is not None:
            found.membership = Membership.ACTIVE.value
        uow.record("member.roles", "user", found.id, SERVER, data={"roles": list(roles)})
        click.echo(f"{found.email}: {', '.join(roles)}")


@user.command()
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--reset-two-factor", is_flag=True, help="also take the second step away (lost telephone)")
def password(email: str, password: str, reset_two_factor: bool) -> None:
    """Set a password; every session of the account ends."""
    with _work() as uow:
        found = _user(uow, email)
        found.password = hash_password(password)
        found.fs_uniquifier = uuid4().hex
        if reset_two_factor:
            found.tf_totp_secret = found.tf_primary_method = found.mf_recovery_codes = None
        uow.record("member.password", "user", found.id, SERVER)
        click.echo(found.email)


@user.command("organisation")
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in OrganisationKind]), required=True)
@click.option("--uscc", required=True)
@click.option("--region", required=True, help="6-digit code of the county")
@click.option("--serves", multiple=True, help="further counties of a bureau or broker agency")
@click.option("--phone", required=True)
@click.option("--contact", required=True)
@click.option("--verified", is_flag=True)
def create_organisation(
    name: str, kind: str, uscc: str, region: str, serves: tuple[str, ...], phone: str, contact: str, verified: bool
) -> None:
    """Create an organisation, such as the county's first bureau."""
    with _work() as uow:
        clean = checked(OrganisationInput(name=name, uscc=uscc, region_code=region, phone=phone, contact_name=contact))
        if not codes.check_digit_holds(clean.uscc):
            click.echo("warning: the code's check digit is wrong", err=True)
        made = Organisation(
            kind=kind,
            name=clean.name,
            sort_key=sort_key(clean.name),
            uscc=clean.uscc,
            region_code=clean.region_code,
            served_regions=list(serves),
            phone=clean.phone,
            contact_name=clean.contact_name,
            verification=Verification.PENDING.value,
        )
        uow.session.add(made)
        uow.session.flush()
        uow.record("organisation.register", "organisation", made.id, SERVER, region_code=made.region_code)
        if verified:
            verify_on_server(uow, made.ref, SERVER)
        click.echo(f"{made.name} {made.ref}")


@user.command("verify-organisation")
@click.argument("organisation")
def verify_organisation(organisation: str) -> None:
    """Verify an organisation, tech bureaus too."""
    with _work() as uow:
        found = _organisation(uow, organisation)
        verify_on_server(uow, found.ref, SERVER)
        click.echo(f"{found.name}: verified")
