"""`jieti demo`: the demo content, indexed and matched, in an empty installation."""

from __future__ import annotations

import click
from rich.console import Console
from sqlalchemy import delete, select

from jieti.bootstrap import House
from jieti.demo.loader import DemoLoader, tie_matches
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles import result as result_states
from jieti.jobs.worker import Worker
from jieti.persistence.models import Challenge, Deal, Organisation, OutboxRow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching import Matching
from jieti.settings import load_settings


@click.command()
@click.option("--if-empty", is_flag=True, help="do nothing where the installation holds organisations already")
def demo(if_empty: bool) -> None:
    """Load the demo content (invented firms, challenges, results, deals) and match it."""
    console = Console()
    house = House(load_settings())
    with UnitOfWork(house.database, read=True) as uow:
        filled = uow.session.scalar(select(Organisation.id).limit(1)) is not None
    if filled:
        house.close()
        if if_empty:
            return
        raise click.ClickException("the installation is not empty: the demo content goes into an empty one only")
    with console.status("演示数据 …"), UnitOfWork(house.database) as uow:
        counts = DemoLoader(uow).load()
        # Matching every challenge finds every pair; doing it again from the other side would take twice as long.
        uow.session.flush()
        uow.session.execute(delete(OutboxRow).where(OutboxRow.topic == "match", OutboxRow.subject_kind != "challenge"))
    with console.status("索引与匹配 …"):
        house.warm_up()
        Worker(house).run_until_empty()
        _match_the_past(house)
        with UnitOfWork(house.database) as uow:
            tie_matches(uow)
    console.print("演示数据：" + "，".join(f"{name} {number}" for name, number in counts.items()))
    house.close()


def _match_the_past(house: House) -> None:
    """Challenges that are signed by now were matched before that: so that their deals lead to their reasons."""
    with UnitOfWork(house.database, read=True) as uow:
        past = (
            select(Deal.challenge_id)
            .join(Challenge)
            .where(Challenge.status.not_in(challenge_states.MATCHABLE))
            .distinct()
        )
        ids = list(uow.session.scalars(past))
    matching = Matching(
        house.database,
        house.search,
        house.matcher,
        challenge_statuses=challenge_states.PUBLIC,
        result_statuses=result_states.PUBLIC,
    )
    for challenge_id in ids:
        matching.refresh_challenge(challenge_id)
