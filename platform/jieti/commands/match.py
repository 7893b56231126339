"""`jieti match`: match again what other models matched, or everything."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jieti.bootstrap import House
from jieti.jobs.rematch import Rematch
from jieti.settings import load_settings
from search.ports import EngineUnavailable, Kind


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="all listings, not only those that today's models did not match"
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice([k.value for k in Kind]), help="default: each kind")
def match(everything: bool, kinds: tuple[str, ...]) -> None:
    """Match listings again, such as after a new model or other policy weights. Cut off, the same command goes on."""
    house = House(load_settings())
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    failed = 0
    try:
        with Progress(*columns, console=console) as progress:
            work = Rematch(house)
            for kind in [Kind(k) for k in dict.fromkeys(kinds)] or list(Kind):
                bar = progress.add_task(kind.value, total=None)
                report = work.run(
                    kind,
                    everything=everything,
                    progress=lambda done, total, bar=bar: progress.update(bar, completed=done, total=total),  # type: ignore[misc]
                )
                failed += report.failed
                resumed = f", {report.before} of them before" if report.before else ""
                click.echo(f"{kind}: {report.done} matched again{resumed}, {report.failed} failed")
    except EngineUnavailable as error:
        click.echo(
            f"the search engine does not answer ({error}); the same command goes on where this one stopped", err=True
        )
        sys.exit(1)
    finally:
        house.close()
    if failed:
        click.echo("what failed is tried again by the worker; jieti doctor says why it failed", err=True)
        sys.exit(1)
