"""Jinja filters and globals: how dates, money, days, rates, quantities and marked text are written (one place for all pages).

Amounts are in 万元 (10,000 yuan) everywhere. Chinese is written as the interface guide asks: 80万元, from 1.2亿元 in prose,
1,200.50 in tables; 2026年12月31日 in prose, 2026-12-31 in tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri
from wtforms import fields as f

from jieti.web import words
from jieti.web.pills import pill_for


def _(text: str, /, **values: Any) -> str:
    """gettext, typed."""
    return str(gettext(text, **values))


CHINA = ZoneInfo("Asia/Shanghai")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MissingReasons(ValueError):
    """A match level was about to be shown without its reasons."""


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def today() -> date:
    """Today's date in China, whatever the server's clock zone."""
    return datetime.now(CHINA).date()


def _local(value: datetime) -> datetime:
    """Aware in China's zone; a naive datetime is taken as UTC, as it is stored."""
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(CHINA)


def date_prose(value: date | None) -> str:
    """2026年12月31日 (English: 31 Dec 2026); "—" for None."""
    if value is None:
        return "—"
    day = _local(value).date() if isinstance(value, datetime) else value
    if _english():
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def date_table(value: date | None) -> str:
    """2026-12-31; "—" for None."""
    if value is None:
        return "—"
    return (_local(value).date() if isinstance(value, datetime) else value).isoformat()


def time_prose(value: datetime | None) -> str:
    """2026年12月31日 14:32, China time; "—" for None."""
    return "—" if value is None else f"{date_prose(value)} {_local(value):%H:%M}"


def time_table(value: datetime | None) -> str:
    """2026-12-31 14:32, China time; "—" for None."""
    return "—" if value is None else f"{_local(value):%Y-%m-%d %H:%M}"


def iso_time(value: date | None) -> str:
    """For the `datetime` attribute of <time>."""
    if value is None:
        return ""
    return _local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def days_left(deadline: date | None) -> str:
    """剩12天, 今天截止, 已截止; "" for None. The deadline's own day still counts."""
    if deadline is None:
        return ""
    left = (deadline - today()).days
    if left < 0:
        return _("已截止")
    if left == 0:
        return _("今天截止")
    return _("剩%(n)s天", n=left)


def due(value: date | None) -> str:
    """A next step's date beside today: 逾期3天, 今天, 明天, 12月31日; "" for None."""
    if value is None:
        return ""
    delta = (value - today()).days
    if delta < 0:
        return _("逾期%(n)s天", n=-delta)
    if delta == 0:
        return _("今天")
    if delta == 1:
        return _("明天")
    if _english():
        return f"{value.day} {_MONTHS[value.month - 1]}"
    return f"{value.month}月{value.day}日"


def ago(value: date | None) -> str:
    """刚刚, 12分钟前, 3小时前, 昨天, 3天前, then the date."""
    if value is None:
        return ""
    now = datetime.now(CHINA)
    if isinstance(value, datetime):
        moment = _local(value)
        seconds = max(0, int((now - moment).total_seconds()))
        if seconds < 60:
            return _("刚刚")
        if seconds < 3600:
            return _("%(n)s分钟前", n=seconds // 60)
        if moment.date() == now.date():
            return _("%(n)s小时前", n=seconds // 3600)
        day = moment.date()
    else:
        day = value
    days = (now.date() - day).days
    if days <= 0:
        return _("今天")
    if days == 1:
        return _("昨天")
    if days < 30:
        return _("%(n)s天前", n=days)
    return date_prose(day)


def _plain(number: Decimal) -> str:
    text = f"{number.normalize():,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | int | float | None) -> str:
    """Amount in 万元 as prose: 80万元, 1.2亿元; None is 面议. English: CNY 800,000, CNY 120 million."""
    if value is None:
        return _("面议")
    amount = Decimal(str(value))
    if _english():
        yuan = amount * 10_000
        if yuan >= 1_000_000:
            return f"CNY {_plain((yuan / 1_000_000).quantize(Decimal('0.01')))} million"
        return f"CNY {_plain(yuan)}"
    if amount >= 10_000:
        return f"{_plain((amount / 10_000).quantize(Decimal('0.01')))}亿元"
    return f"{_plain(amount)}万元"


def money_table(value: Decimal | int | float | None) -> str:
    """Amount in 万元 for a table cell: 1,200.50; "—" for None. The unit stands in the column's head."""
    return "—" if value is None else f"{Decimal(str(value)):,.2f}"


def rate(part: int, whole: int) -> str:
    """A share with its base: 25%，3/12; "—" where the base is 0."""
    if not whole:
        return "—"
    percent = round(100 * part / whole)
    return f"{percent}% ({part}/{whole})" if _english() else f"{percent}%，{part}/{whole}"


def count(value: int) -> str:
    """1,234."""
    return f"{value:,}"


def counted(value: int) -> Markup:
    """1,234 in bold: the number in the sentence over a list."""
    return Markup("<strong>{}</strong>").format(count(value))


def file_size(size: int) -> str:
    """Bytes as KB or MB, one decimal."""
    if size < 1_048_576:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1_048_576:.1f} MB"


def _get(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)


def spans(pieces: Iterable[Any] | str | None) -> Markup:
    """Marked text: a string, or pieces with .text and .marked (search.ports.Span, dicts, pairs), as escaped HTML with <mark>."""
    if pieces is None:
        return Markup("")
    if isinstance(pieces, str):
        return escape(pieces)
    out = Markup("")
    for piece in pieces:
        text, marked = piece if isinstance(piece, tuple | list) else (_get(piece, "text"), _get(piece, "marked"))
        out += Markup("<mark>{}</mark>").format(text) if marked else escape(text)
    return out


def mark_terms(text: str, terms: Sequence[str]) -> Markup:
    """`text` with every occurrence of a term in <mark>, ignoring case; longer terms first, no overlap."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few characters change length in lower case: offsets would not hold
        return escape(text)
    taken = [False] * len(text)
    for term in sorted({t.lower() for t in terms if t}, key=len, reverse=True):
        start = lowered.find(term)
        while start >= 0:
            end = start + len(term)
            if not any(taken[start:end]):
                taken[start:end] = [True] * len(term)
            start = lowered.find(term, end)
    pieces: list[tuple[str, bool]] = []
    for character, marked in zip(text, taken, strict=True):
        if pieces and pieces[-1][1] == marked:
            pieces[-1] = (pieces[-1][0] + character, marked)
        else:
            pieces.append((character, marked))
    return spans(pieces)


def paragraphs(text: str | None) -> Markup:
    """Plain text as <p>…</p>, one a non-empty line."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in lines)


def number(value: float | Decimal | None) -> str:
    """67, 0.05, -40, 2000: no trailing zeros, no exponent, no thousands mark (quantities are read by engineers)."""
    if value is None:
        return ""
    # 12 digits: a difference of floats (3.8000000000000007) is shown as the 3.8 it is.
    return _plain(Decimal(f"{value:.12g}") if isinstance(value, float) else Decimal(value)).replace(",", "")


_SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "=": "="}


def _with_unit(text: str, unit: str) -> str:
    # No gap before % and degree signs, one before Latin units (60 MPa).
    return f"{text}{unit}" if not unit or unit[0] in "%‰°℃℉" or not unit[0].isascii() else f"{text} {unit}"


def quantity(indicator: Any) -> str:
    """What an indicator asks or states, in words: ≥67%, ≥2000 h, -40~120℃, 5±0.1 mm. "—" for None."""
    if indicator is None:
        return "—"
    operator = str(_get(indicator, "operator") or "=")
    value, value_to, unit = _get(indicator, "value"), _get(indicator, "value_to"), _get(indicator, "unit") or ""
    if operator == "range":
        return _with_unit(f"{number(value)}~{number(value_to)}", unit)
    if operator == "+-":
        return _with_unit(f"{number(value)}±{number(value_to)}", unit)
    sign = _SIGNS.get(operator, operator)
    return _with_unit(number(value) if sign == "=" else f"{sign}{number(value)}", unit)


@dataclass(frozen=True, slots=True)
class LevelView:
    """`filled` of three bars; `word` is always shown beside them."""

    word: Any
    filled: int


_LEVELS = {4: LevelView(_l("强"), 3), 3: LevelView(_l("较强"), 2), 2: LevelView(_l("弱"), 1), 1: LevelView(_l("无"), 0)}


def level_view(level: int, reasons: Any) -> LevelView:
    """Word and bars of a match level (4 强 … 1 无). No judgement without its reason: raises MissingReasons if there are none."""
    if not reasons:
        raise MissingReasons("a match level is never shown without its reasons")
    return _LEVELS[int(level)]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One line of the error summary: the input's id, its label, the message."""

    id: str
    label: str
    message: str


def form_errors(form: Any) -> list[FieldError]:
    """All errors of a WTForms form in page order, nested lists and forms included; `id` is an input that exists."""
    found: list[FieldError] = []

    def walk(field: Any, label: str) -> None:
        entries = getattr(field, "entries", None)
        if entries is not None:
            for position, entry in enumerate(entries, 1):
                walk(entry, _("%(label)s第%(n)s行", label=label, n=position))
            found.extend(FieldError(field.id, label, str(m)) for m in field.errors if isinstance(m, str) or not entries)
            return
        inner = getattr(field, "form", None)
        if isinstance(field, f.FormField) and inner is not None:
            for child in inner:
                walk(child, _("%(label)s：%(text)s", label=label, text=child.label.text))
            return
        target = f"{field.id}-0" if field_kind(field) in {"radios", "checkboxes"} else field.id
        found.extend(FieldError(target, label, str(message)) for message in field.errors)

    for field in form:
        walk(field, str(field.label.text))
    found.extend(FieldError("", "", str(message)) for message in getattr(form, "form_errors", ()))
    return found


def field_kind(field: Any) -> str:
    """Which control shows a WTForms field: hidden, checkbox, radios, checkboxes, select, textarea, file, date, rows or input."""
    kinds: tuple[tuple[Any, str], ...] = (
        (f.FieldList, "rows"),
        (f.HiddenField, "hidden"),
        (f.BooleanField, "checkbox"),
        (f.RadioField, "radios"),
        (f.SelectMultipleField, "checkboxes"),
        (f.SelectField, "select"),
        (f.TextAreaField, "textarea"),
        (f.FileField, "file"),
        (f.DateField, "date"),
    )
    for cls, kind in kinds:
        if isinstance(field, cls):
            if kind == "checkboxes" and len(list(field.iter_choices())) >= 15:
                return "select"
            return kind
    return "input"


def url_with(**changes: Any) -> str:
    """The current URL with these query values set (None removes; a list gives several). The page number starts again at 1."""
    query: MultiDict[str, str] = MultiDict(request.args)
    query.poplist("page")
    for name, value in changes.items():
        query.poplist(name)
        for single in value if isinstance(value, list | tuple) else [value]:
            if single is not None:
                query.add(name, str(single))
    return _url(query)


def url_without(name: str, value: str | None = None) -> str:
    """The current URL without one value of a query parameter, or without the parameter."""
    query: MultiDict[str, str] = MultiDict(request.args)
    query.poplist("page")
    kept = [v for v in query.poplist(name) if value is not None and v != value]
    for single in kept:
        query.add(name, single)
    return _url(query)


def _url(query: MultiDict[str, str]) -> str:
    from urllib.parse import urlencode

    text = urlencode(list(query.items(multi=True)))
    return iri_to_uri(request.path) + (f"?{text}" if text else "")


def page_numbers(page: int, pages: int) -> list[int | None]:
    """Page links to show, None for a gap: 1 … 4 5 6 … 20."""
    wanted = sorted({1, pages, *(n for n in range(page - 1, page + 2) if 1 <= n <= pages)})
    out: list[int | None] = []
    for single in wanted:
        if out and isinstance(out[-1], int):
            if single - out[-1] == 2:
                out.append(single - 1)
            elif single - out[-1] > 2:
                out.append(None)
        out.append(single)
    return out


def date_in(days: int = 0, months: int = 0) -> str:
    """ISO date some days and months from today (for the presets of a date field)."""
    day = today() + timedelta(days=days)
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last)).isoformat()


def init_app(app: Flask) -> None:
    """Register the filters and globals that the components in templates/components/ use."""
    app.jinja_env.filters.update(
        date_prose=date_prose,
        date_table=date_table,
        time_prose=time_prose,
        time_table=time_table,
        iso_time=iso_time,
        days_left=days_left,
        due=due,
        ago=ago,
        money=money,
        money_table=money_table,
        count_of=count,
        file_size=file_size,
        spans=spans,
        mark_terms=mark_terms,
        paragraphs=paragraphs,
        quantity=quantity,
        number=number,
        listed=words.listed,
        counted=counted,
    )
    app.jinja_env.globals.update(
        rate=rate,
        today=today,
        date_in=date_in,
        pill_for=pill_for,
        level_view=level_view,
        form_errors=form_errors,
        field_kind=field_kind,
        url_with=url_with,
        url_without=url_without,
        page_numbers=page_numbers,
    )
