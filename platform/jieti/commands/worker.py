"""`jieti worker`: index, match, mail and the schedule, in the foreground."""

from __future__ import annotations

import logging

import click

from jieti.bootstrap import House
from jieti.jobs.worker import Worker, serve_signals
from jieti.settings import load_settings


@click.command()
@click.option("--once", is_flag=True, help="work off what is due now, then end")
def worker(once: bool) -> None:
    """Drain the outbox (index, match, mail) and keep the schedule until stopped."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s worker %(message)s")
    house = House(settings)
    working = Worker(house)
    serve_signals(working)
    try:
        house.matcher.encoder.encode(["技术需求"])  # before the first batch is claimed: loading takes seconds
        if once:
            click.echo(working.run_until_empty())
        else:
            working.run()
    finally:
        house.close()
