"""Which handler serves which outbox topic, and how a batch of one topic is worked off.

A handler that raises fails its row (back-off, shown by `jieti doctor`). EngineUnavailable is nobody's fault: the rows
stay as they are and the topic waits.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jieti.bootstrap import House
from jieti.persistence.models import OutboxRow
from jieti.persistence.outbox import Outbox, Subject, Task
from jieti.persistence.unit_of_work import UnitOfWork
from search.ports import EngineUnavailable

log = logging.getLogger(__name__)

WHILE_DOWN = dt.timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Topic:
    """`batch`: rows claimed at a time, small where one takes long, so that the lease outlasts the batch."""

    name: str
    batch: int
    work: Callable[[House, list[Task]], Mapping[int, str]]
    """Does the tasks; returns the reason for each that failed, by task id. Raises EngineUnavailable."""


def drain(house: House, outbox: Outbox, topic: Topic) -> int:
    """Work off one batch; returns how many rows were claimed. Raises EngineUnavailable after putting the rows back."""
    tasks = outbox.claim(topic.name, topic.batch)
    if not tasks:
        return 0
    try:
        failures = topic.work(house, tasks)
    except EngineUnavailable as error:
        outbox.postpone([t.id for t in tasks], f"search engine: {error}", WHILE_DOWN)
        raise
    except Exception as error:  # the whole batch: each of its rows is tried again later
        log.exception("outbox %s: batch of %d failed", topic.name, len(tasks))
        failures = {t.id: _reason(error) for t in tasks}
    outbox.done([t.id for t in tasks if t.id not in failures])
    outbox.failed(failures)
    for task in tasks:
        if task.id in failures:
            log.warning("outbox %s %s %s: %s", topic.name, task.subject_kind, task.subject_id, failures[task.id])
    return len(tasks)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _index(house: House, tasks: list[Task]) -> Mapping[int, str]:
    from jieti.services.indexing import Indexing

    by_subject: dict[Subject, list[int]] = {}
    for task in tasks:
        by_subject.setdefault(task.subject, []).append(task.id)
    refused = Indexing(house.database, house.search, house.matcher).refresh(by_subject.keys())
    return {task_id: reason for subject, reason in refused.items() for task_id in by_subject[subject]}


def _one_by_one(tasks: list[Task], handle: Callable[[Task], None]) -> Mapping[int, str]:
    failures: dict[int, str] = {}
    for task in tasks:
        try:
            handle(task)
        except EngineUnavailable:
            raise
        except Exception as error:
            log.exception("outbox %s %s %s", task.topic, task.subject_kind, task.subject_id)
            failures[task.id] = _reason(error)
    return failures


def _match(house: House, tasks: list[Task]) -> Mapping[int, str]:
    from jieti.jobs import match_handler

    return _one_by_one(tasks, lambda task: match_handler.handle(house, task.subject_kind, task.subject_id))


def _mail(house: House, tasks: list[Task]) -> Mapping[int, str]:
    from jieti.jobs import mail_handler

    def send(task: Task) -> None:
        with UnitOfWork(house.database, read=True) as uow:
            row = uow.session.get(OutboxRow, task.id)
            if row is not None:
                mail_handler.handle(house, uow, row)

    return _one_by_one(tasks, send)


INDEX = Topic("index", 64, _index)
MATCH = Topic("match", 1, _match)
MAIL = Topic("mail", 8, _mail)
TOPICS = (INDEX, MATCH, MAIL)
