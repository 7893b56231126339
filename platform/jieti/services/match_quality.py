"""匹配质量: what people said of matches since the models' release, in counts that tell of no single person or listing.

Counted are verdicts of the need's side and of those who broker: firms, brokers, officers. What a researcher says of their
own result is no judgement of the matcher, and is left out. Levels are the open ones of the moment of the verdict.

A count of fewer than LEAST verdicts is not shown; where that would leave a single one to be had by subtraction, the
smallest of the others is not shown either (complementary cell suppression; Willenborg and de Waal, 2001).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, literal, select

from jieti.domain.dates import china_day, china_midnight
from jieti.domain.identity import Identity
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import RejectionReason, Role
from jieti.persistence.models import MatchVerdict, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals import Clock

LEAST = 5
"""Verdicts that a count must have to be shown."""
JUDGES = (Role.BROKER.value, Role.OFFICER.value, Role.ENTERPRISE.value)
LEVELS = (4, 3, 2)
MONTHS = 12
EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Count:
    """One line. `key`: a level, a reason, a month (YYYY-MM, or EARLIER). `hidden`: its numbers must not be shown."""

    key: str
    fits: int
    misfits: int
    hidden: bool = False

    @property
    def total(self) -> int:
        return self.fits + self.misfits


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """`enough`: there are LEAST verdicts at all; without that, nothing else is to be shown. Hidden lines carry zeros."""

    since: dt.date
    all: Count
    by_level: tuple[Count, ...]
    by_month: tuple[Count, ...]  # newest first
    reasons: tuple[Count, ...]  # most frequent first, hidden ones last; none for fewer than LEAST misfits

    @property
    def any(self) -> bool:
        return self.all.total > 0

    @property
    def enough(self) -> bool:
        return self.all.total >= LEAST


class MatchQuality:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def verdicts(self, since: dt.date) -> VerdictCounts:
        """Since that day in China. One statement, of at most (months x levels x reasons) rows."""
        require(self._identity, Permission.BROWSE)
        months = _months(since, china_day(self._clock()))
        month = case(
            *((MatchVerdict.at >= china_midnight(first), f"{first:%Y-%m}") for first in months), else_=literal(EARLIER)
        ).label("month")
        statement = (
            select(month, MatchVerdict.level, MatchVerdict.fits, MatchVerdict.reason, func.count())
            .where(
                MatchVerdict.at >= china_midnight(since), MatchVerdict.role.in_(JUDGES), MatchVerdict.level.in_(LEVELS)
            )
            .group_by(month, MatchVerdict.level, MatchVerdict.fits, MatchVerdict.reason)
        )
        levels, by_month, reasons = Counter[tuple[str, bool]](), Counter[tuple[str, bool]](), Counter[str]()
        for name, level, fits, reason, number in self._uow.session.execute(statement):
            levels[str(level), fits] += number
            by_month[name, fits] += number
            if not fits:
                reasons[reason] += number
        names = [f"{first:%Y-%m}" for first in months]
        if any(name == EARLIER for name, _fits in by_month):
            names.append(EARLIER)
        told = guarded([Count(r.value, 0, reasons[r.value]) for r in RejectionReason])
        return VerdictCounts(
            since=since,
            all=Count("all", sum(n for (_l, fits), n in levels.items() if fits), sum(reasons.values())),
            by_level=guarded([Count(str(n), levels[str(n), True], levels[str(n), False]) for n in LEVELS]),
            by_month=guarded([Count(name, by_month[name, True], by_month[name, False]) for name in names]),
            # Of one misfit even its reason's name would tell.
            reasons=tuple(sorted(told, key=lambda one: -one.total)) if sum(reasons.values()) >= LEAST else (),
        )


def guarded(counts: Sequence[Count]) -> tuple[Count, ...]:
    """The same lines, those hidden that are too small to be shown, or that would give a small one away. Zero tells of nobody."""
    hidden = {n for n, one in enumerate(counts) if 0 < one.total < LEAST}
    others = sorted((n for n, one in enumerate(counts) if one.total >= LEAST), key=lambda n: counts[n].total)
    while hidden and others and (len(hidden) == 1 or sum(counts[n].total for n in hidden) < LEAST):
        hidden.add(others.pop(0))
    return tuple(Count(one.key, 0, 0, hidden=True) if n in hidden else one for n, one in enumerate(counts))


def _months(since: dt.date, today: dt.date) -> list[dt.date]:
    """First days of this month and of those before it, down to the release's, MONTHS at most."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS and found[-1] > since:
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found
