"""`jieti reindex`: build the search index anew beside the live one and swap it in."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jieti.bootstrap import House
from jieti.services.reindexing import Reindexing, TooFew
from jieti.settings import load_settings
from search.ports import EngineUnavailable, Kind


@click.command()
@click.argument("kinds", nargs=-1, type=click.Choice([k.value for k in Kind]))
def reindex(kinds: tuple[str, ...]) -> None:
    """Rebuild the index of KINDS (all of them by default) from the database, beside the live one."""
    house = House(load_settings())
    console = Console(stderr=True)
    service = Reindexing(house.database, house.search, house.matcher)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    try:
        with Progress(*columns, console=console) as progress:
            for kind in [Kind(k) for k in kinds] or list(Kind):
                bar = progress.add_task(kind.value, total=service.total(kind))
                report = service.rebuild(kind, lambda rows, bar=bar: progress.advance(bar, rows))  # type: ignore[misc]
                click.echo(
                    f"{kind}: {report.documents} documents, {report.replayed} replayed, {len(report.refused)} refused, "
                    f"{report.requeued} queued again"
                )
                for line in report.refused[:10]:
                    click.echo(f"  refused {line}")
    except (EngineUnavailable, TooFew) as error:
        click.echo(f"not rebuilt, the live index is as it was: {error}", err=True)
        sys.exit(1)
    finally:
        house.close()
