"""Reading dates as people type them: 2026-12-31, 2026/12/31, 2026.12.31, 2026年12月31日, 20261231, full-width too."""

from __future__ import annotations

import datetime as dt
import re

from jieti.domain.typed import Unreadable, half_width

CHINA = dt.timezone(dt.timedelta(hours=8))
"""China has had one time zone and no summer time since 1992."""

_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))")


def parse_date(text: str) -> dt.date:
    """Raises Unreadable `date_unreadable` for anything else, and for days the calendar does not have."""
    match = _DATE.fullmatch(half_width(text)[:20])
    if match is None:
        raise Unreadable("date_unreadable")
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Unreadable("date_unreadable") from None


def china_day(moment: dt.datetime) -> dt.date:
    """The day in China of a naive UTC moment."""
    return moment.replace(tzinfo=dt.UTC).astimezone(CHINA).date()


def china_midnight(day: dt.date) -> dt.datetime:
    """The moment at which the day begins in China, as naive UTC."""
    return dt.datetime.combine(day, dt.time(), CHINA).astimezone(dt.UTC).replace(tzinfo=None)
