"""`jieti doctor`: what is wrong with this installation, if anything."""

from __future__ import annotations

import sys

import click

from jieti.bootstrap import House
from jieti.services.doctor import Doctor, State
from jieti.settings import load_settings
from search.ports import EngineUnavailable

MARKS = {State.OK: ("ok     ", "green"), State.WARNING: ("warning", "yellow"), State.BAD: ("BAD    ", "red")}


@click.command()
@click.option("--fix", is_flag=True, help="queue every listing that differs between index and database again")
def doctor(fix: bool) -> None:
    """Check database, outbox, worker, search index, encoder and files. Ends with 1 when something is wrong."""
    settings = load_settings()
    house = House(settings)
    examined = Doctor(house.database, lambda: house.search, lambda: house.matcher, var=settings.var)
    bad = False
    try:
        for finding in examined.examine():
            mark, colour = MARKS[finding.state]
            click.echo(f"{click.style(mark, fg=colour)} {finding.check}: {finding.text}")
            bad = bad or finding.state is State.BAD
        if fix:
            try:
                queued = examined.fix()
            except EngineUnavailable as error:
                click.echo(f"not fixed, the search engine does not answer: {error}", err=True)
            else:
                click.echo("queued again: " + ", ".join(f"{kind} {count}" for kind, count in queued.items()))
    finally:
        house.close()
    sys.exit(1 if bad else 0)
