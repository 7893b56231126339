"""Matching everything again: what is due, going on after a cut, and failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from jieti.bootstrap import House
from jieti.cli import main
from jieti.jobs import rematch
from jieti.jobs.rematch import Rematch
from jieti.jobs.worker import Worker
from jieti.persistence.models import Match, Notification, OutboxRow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matching import Matching
from search.ports import EngineUnavailable, Kind
from tests.world import World


@pytest.fixture
def matched(world: World, house: House) -> House:
    """Three challenges and a result, matched by older models."""
    world.result(world.researcher())
    firm = world.enterprise()
    for _number in range(3):
        world.challenge(firm)
    Worker(house).run_until_empty()
    with UnitOfWork(house.database) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Match)) == 3
        uow.session.execute(update(Match).values(matcher_version="older"))
    return house


def versions(house: House) -> list[str]:
    with UnitOfWork(house.database, read=True) as uow:
        return sorted(uow.session.scalars(select(Match.matcher_version)))


def waiting(house: House) -> int:
    with UnitOfWork(house.database, read=True) as uow:
        return uow.session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.topic == "match")) or 0


@pytest.mark.both_databases
def test_what_older_models_matched_is_matched_again_and_nobody_is_told_twice(matched: House) -> None:
    with UnitOfWork(matched.database, read=True) as uow:
        told = uow.session.scalar(select(func.count()).select_from(Notification))
    steps: list[tuple[int, int]] = []
    report = Rematch(matched).run(
        Kind.CHALLENGE, everything=False, progress=lambda done, total: steps.append((done, total))
    )
    assert (report.done, report.failed, waiting(matched)) == (3, 0, 0)
    assert steps[0] == (0, 3) and steps[-1] == (3, 3)
    assert versions(matched) == [matched.matcher.version] * 3
    with UnitOfWork(matched.database, read=True) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Notification)) == told
    assert Rematch(matched).run(Kind.CHALLENGE, everything=False).done == 0
    assert Rematch(matched).run(Kind.CHALLENGE, everything=True).done == 3
    assert Rematch(matched).run(Kind.RESULT, everything=True).done == 1


def test_cut_off_it_goes_on_with_the_batch_it_was_at(matched: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rematch, "BATCH", 1)
    done: list[int] = []
    refresh = Matching.refresh_challenge

    def cut_off(self: Matching, challenge_id: int) -> int:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(challenge_id)
        return refresh(self, challenge_id)

    monkeypatch.setattr(Matching, "refresh_challenge", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Rematch(matched).run(Kind.CHALLENGE, everything=True)
    assert waiting(matched) == 1  # the promise stands
    monkeypatch.setattr(Matching, "refresh_challenge", lambda self, one: done.append(one) or refresh(self, one))  # type: ignore[func-returns-value]
    report = Rematch(matched).run(Kind.CHALLENGE, everything=True)
    assert (report.done, report.before) == (3, 1)
    assert len(done) == len(set(done)) == 3
    assert versions(matched) == [matched.matcher.version] * 3
    assert not list(matched.settings.var.glob("rematch-*"))


def test_a_listing_that_fails_holds_up_no_other(matched: House, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh: Callable[[Matching, int], int] = Matching.refresh_challenge
    first: list[int] = []

    def failing(self: Matching, challenge_id: int) -> int:
        first.append(challenge_id)
        if challenge_id == first[0]:
            raise RuntimeError("cannot be matched")
        return refresh(self, challenge_id)

    monkeypatch.setattr(Matching, "refresh_challenge", failing)
    report = Rematch(matched).run(Kind.CHALLENGE, everything=False)
    assert (report.done, report.failed) == (3, 1)
    assert versions(matched) == sorted(["older", *[matched.matcher.version] * 2])
    assert waiting(matched) == 1


def test_the_command_tells_what_it_did_and_an_engine_that_is_away(
    matched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another(_settings: object) -> House:
        """The command closes its house."""
        built = House(matched.settings)
        built.__dict__["matcher"] = matched.matcher
        return built

    monkeypatch.setattr("jieti.commands.match.House", another)
    monkeypatch.setattr("jieti.commands.match.load_settings", lambda: None)

    def silent(_self: Matching, _challenge_id: int) -> int:
        raise EngineUnavailable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Matching, "refresh_challenge", silent)
        told = CliRunner().invoke(main, ["match", "--kind", "challenge"])
    assert told.exit_code == 1 and "goes on where this one stopped" in told.output
    with UnitOfWork(matched.database) as uow:  # as after the outbox's delay
        uow.session.execute(update(OutboxRow).values(due_at=select(func.min(OutboxRow.created_at)).scalar_subquery()))
    done = CliRunner().invoke(main, ["match"])
    assert done.exit_code == 0, done.output
    assert "challenge: 3 matched again, 0 failed" in done.output and "result: 0 matched again" in done.output
