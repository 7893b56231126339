"""`jieti migrate`: bring the database's schema to the newest revision."""

from __future__ import annotations

import click

from jieti.bootstrap import House
from jieti.persistence import migrate as migrations
from jieti.settings import load_settings


@click.command()
@click.option("--revise", metavar="MESSAGE", help="write a new revision from the models (developers)")
@click.option("--rev-id", help="with --revise: the new revision's identifier")
def migrate(revise: str | None, rev_id: str | None) -> None:
    """Bring the database's schema to the newest revision."""
    house = House(load_settings())
    if revise:
        migrations.revise(house.database, revise, rev_id)
    else:
        migrations.upgrade(house.database)
        click.echo(f"schema: {migrations.revisions(house.database)[0]}")
    house.close()
