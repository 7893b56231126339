"""A list as an Excel file: the same rows in the same order as on screen, under the same words, and a sheet that says what it is.

Open fields only: sealed text and contacts stay out whoever asks; an anonymous firm's name is for those whom the list tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.domain.dates import china_day
from jieti.persistence.models import Challenge, utcnow
from jieti.services.browse import Entry
from jieti.services.projection import indicator_text
from jieti.services.search_service import MOST_WHOLE, Request
from jieti.services.spreadsheets import Cell
from jieti.web import words
from jieti.web.context import house
from jieti.web.downloads import excel
from jieti.web.filters import count, money, time_table, today
from jieti.web.posting.labels import FIELD_LABELS
from jieti.web.search import facets, params
from jieti.web.search.listing_page import service
from search.ports import Kind


@dataclass(frozen=True, slots=True)
class Line:
    """A row to be written: the record, and what of it depends on the reader. `count`: proposals, or an expert's results."""

    record: Any
    title: str
    organisation: str
    count: int = 0


Column = tuple[Any, Callable[[Line], Cell]]

TITLES = {Kind.CHALLENGE: _l("技术需求"), Kind.RESULT: _l("科技成果"), Kind.EXPERT: _l("专家")}
_C, _R = FIELD_LABELS["challenge"], FIELD_LABELS["result"]


def _word(table: dict[Any, Any], value: Any) -> str:
    return str(table.get(value, value or ""))


def _several(table: dict[str, Any], values: Iterable[str]) -> str:
    return words.listed(_word(table, value) for value in values)


def _place(line: Line) -> str:
    return words.county(line.record.region_code) if line.record.region_code else ""


def _amount(value: Decimal | None) -> Cell:
    return money(None) if value is None else value


def _trl(value: int | None) -> str:
    return f"TRL {value}" if value else ""


def _day(moment: datetime | None) -> Cell:
    return china_day(moment) if moment else None


def _address(kind: Kind) -> Callable[[Line], Cell]:
    return lambda line: house().settings.public_url + url_for(f"{kind.value}s.show", ref=line.record.ref)


_NUMBER: Column = (_l("编号"), lambda line: line.record.ref)
_PLACE: Column = (_l("县（市、区）"), _place)
_KEYWORDS: Column = (_l("关键词"), lambda line: words.listed(line.record.keywords))

COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.CHALLENGE: (
        _NUMBER,
        (_C["title"], lambda line: line.title),
        (_l("状态"), lambda line: _word(words.CHALLENGE_STATUSES, line.record.status)),
        (_l("企业"), lambda line: line.organisation),
        _PLACE,
        (_C["field"], lambda line: _word(words.FIELDS, line.record.field)),
        (_C["industry"], lambda line: _word(words.INDUSTRIES, line.record.industry[:1])),
        (_C["main_problem"], lambda line: line.record.main_problem),
        (_C["indicators"], lambda line: indicator_text(line.record.indicators)),
        _KEYWORDS,
        (_C["modes"], lambda line: _several(words.MODES, line.record.modes)),
        (_C["trl_min"], lambda line: _trl(line.record.trl_min)),
        (_C["budget"], lambda line: _amount(line.record.budget)),
        (_C["deadline"], lambda line: line.record.deadline),
        (_l("含密封内容"), lambda line: _("是") if line.record.has_sealed else _("否")),
        (_l("方案数"), lambda line: line.count),
        (_l("发布日期"), lambda line: _day(line.record.published_at)),
        (_l("网址"), _address(Kind.CHALLENGE)),
    ),
    Kind.RESULT: (
        _NUMBER,
        (_R["title"], lambda line: line.title),
        (_l("状态"), lambda line: _word(words.RESULT_STATUSES, line.record.status)),
        (_l("单位"), lambda line: line.organisation),
        _PLACE,
        (_R["field"], lambda line: _word(words.FIELDS, line.record.field)),
        (_R["industry"], lambda line: _word(words.INDUSTRIES, line.record.industry[:1])),
        (_R["summary"], lambda line: line.record.summary),
        (_R["indicators"], lambda line: indicator_text(line.record.indicators)),
        _KEYWORDS,
        (_R["trl"], lambda line: _trl(line.record.trl)),
        (_R["modes"], lambda line: _several(words.MODES, line.record.modes)),
        (_R["price"], lambda line: _amount(line.record.price)),
        (_l("更新日期"), lambda line: _day(line.record.updated_at)),
        (_l("网址"), _address(Kind.RESULT)),
    ),
    Kind.EXPERT: (
        _NUMBER,
        (_l("姓名"), lambda line: line.title),
        (_l("职称"), lambda line: line.record.title),
        (_l("单位"), lambda line: line.organisation),
        _PLACE,
        (_l("领域"), lambda line: _several(words.FIELDS, line.record.fields)),
        (_l("研究方向"), lambda line: line.record.directions),
        (_l("可以提供"), lambda line: line.record.provides),
        _KEYWORDS,
        (_l("成果数"), lambda line: line.count),
        (_l("网址"), _address(Kind.EXPERT)),
    ),
}


def export_list(kind: Kind) -> Response:
    """The list that the query asks for, as the page of the same query shows it."""
    asked = params.read(kind, request.args)
    whole = service().whole(asked.request)
    told = [*asked.notes]
    if whole.engine_down:
        told.append(_("搜索暂时不可用，先按时间列出。"))
    current = [one["label"] for one in facets.sorts(asked.request) if one["current"]]
    about = [*conditions(asked.request), (_("排序"), "".join(current))]
    lines = (_line(entry) for entry in whole.entries)
    return download(kind, str(TITLES[kind]), lines, whole.total, about, told)


def download(
    kind: Kind,
    title: str,
    lines: Iterable[Line],
    total: int,
    about: Iterable[tuple[str, str]] = (),
    told: Iterable[str] = (),
) -> Response:
    """`title` with today's date as the file's name; `about` and `told`: what else the second sheet says."""
    columns = COLUMNS[kind]
    facts: list[tuple[Cell, ...]] = [(_("导出时间"), time_table(utcnow())), (_("总数"), total), *about]
    if total > MOST_WHOLE:
        told = [*told, _("只含前%(n)s项。请用条件缩小范围，分几次导出。", n=count(MOST_WHOLE))]
    facts += [(_("请注意"), note) for note in told]
    return excel(
        f"{title}-{today():%Y-%m-%d}.xlsx",
        [
            (title, [str(head) for head, _value in columns], _cells(columns, lines)),
            (_("说明"), [_("说明"), _("内容")], facts),
        ],
    )


def _cells(columns: tuple[Column, ...], lines: Iterable[Line]) -> Iterator[list[Cell]]:
    for line in lines:
        yield [value(line) for _head, value in columns]


def conditions(asked: Request) -> list[tuple[str, str]]:
    """What narrows the list, in the filter form's words."""
    labels = facets.group_labels(asked.kind)
    found = [(_("搜索"), asked.text)] if asked.text else []
    for name, values in asked.filters.items():
        found.append((labels[name], words.listed(params.word(asked.kind, name, value) for value in values)))
    return found


def _line(entry: Entry) -> Line:
    record = entry.record
    organisation = record.organisation.name if record.organisation else ""
    if isinstance(record, Challenge):
        return Line(record, record.title, organisation if entry.named else _("匿名企业"), entry.count)
    return Line(record, getattr(record, "name", None) or record.title, organisation, entry.count)
