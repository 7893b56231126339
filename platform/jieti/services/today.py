"""今天要办的事: what waits for a person, from every list at once. A row goes only when its thing is done.

Each role has a few bounded queries (`LIMIT` rows each, so the page's cost does not grow with the county); a list that
holds more says so with its own link. Rows carry identifiers; the interface words verb and place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jieti.domain.dates import china_day
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import OrganisationKind, Role
from jieti.persistence.models import utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals import Clock
from jieti.services.today_county import broker_rows, officer_rows
from jieti.services.today_deals import deal_rows
from jieti.services.today_rows import Row, Rows
from jieti.services.today_sides import enterprise_rows, membership_rows, office_rows, researcher_rows


class Group(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Today:
    """`groups`: rows in order of urgency. `more`: lists that hold more than is shown. `open_deals`, `later`: the last line."""

    groups: dict[Group, Sequence[Row]]
    more: tuple[str, ...] = ()
    open_deals: int = 0
    later: int = 0
    day: dt.date = field(default_factory=lambda: china_day(utcnow()))

    @property
    def count(self) -> int:
        """What waits for the reader, not for others."""
        return sum(len(rows) for group, rows in self.groups.items() if group is not Group.WAITING)


class TodayService:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, reply_days: int = 3, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._reply_days = reply_days
        self._clock = clock

    def page(self) -> Today:
        """Raises NotAllowed for nobody's."""
        require(self._identity, Permission.SIGNED_IN)
        day = china_day(self._clock())
        found = Rows()
        who = self._identity
        if who.active_member:
            found += membership_rows(self._uow, who)
            if Role.ENTERPRISE in who.roles or who.organisation_kind is OrganisationKind.ENTERPRISE:
                found += enterprise_rows(self._uow, who)
            if Role.RESEARCHER in who.roles:
                found += researcher_rows(self._uow, who)
            if Role.TRANSFER_OFFICE in who.roles:
                found += office_rows(self._uow, who)
            if Role.OFFICER in who.roles and who.verified:
                found += officer_rows(self._uow, who, self._reply_days)
            if Role.BROKER in who.roles and who.verified:
                found += broker_rows(self._uow, who)
            found += deal_rows(self._uow, who, day)
        groups: dict[Group, list[Row]] = {group: [] for group in Group}
        later = 0
        for row in found.rows:
            group = group_of(row, day)
            if group is None:
                later += 1
            else:
                groups[group].append(row)
        for group, rows in groups.items():
            rows.sort(key=lambda row: (row.due or day, row.rank, row.since or dt.datetime.max))
            groups[group] = rows
        return Today(dict(groups), tuple(found.more), found.open_deals, later, day)


def group_of(row: Row, day: dt.date) -> Group | None:
    """Overdue, today, this week (to its Sunday; and what can be done now though due later), or waiting for another.

    None: a step agreed for a later week.
    """
    if row.waiting:
        return Group.WAITING
    if row.due is None:
        return Group.TODAY if row.now else Group.WEEK
    if row.due < day:
        return Group.OVERDUE
    if row.due == day:
        return Group.TODAY
    sunday = day + dt.timedelta(days=6 - day.weekday())
    if row.due <= sunday:
        return Group.WEEK
    return Group.WEEK if row.now else None
