"""A row of 今天要办的事, and a handful of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

LIMIT = 8
"""Rows a list contributes at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """`verb`: what to do, an identifier the interface words. `kind`, `ref`: what to do it to.

    `waiting`: another has to act first. `now`: the reader's turn, even where the due day is further off.
    """

    verb: str
    kind: str
    ref: str
    title: str
    from_whom: str = ""
    due: dt.date | None = None
    note: str = ""
    count: int = 0
    waiting: bool = False
    now: bool = False
    rank: int = 5
    since: dt.datetime | None = None


@dataclass
class Rows:
    """`more`: identifiers of the lists that hold more rows than were taken."""

    rows: list[Row] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    open_deals: int = 0

    def __iadd__(self, other: Rows) -> Rows:
        self.rows.extend(other.rows)
        self.more.extend(other.more)
        self.open_deals += other.open_deals
        return self

    def take(self, rows: Sequence[Row], more: str) -> None:
        """The first LIMIT rows of LIMIT + 1 that were asked for."""
        self.rows.extend(rows[:LIMIT])
        if len(rows) > LIMIT:
            self.more.append(more)


def after_working_days(start: dt.date, days: int) -> dt.date:
    """The day some working days (Monday to Friday; holidays are not known here) after `start`."""
    day = start
    while days > 0:
        day += dt.timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day
