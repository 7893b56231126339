"""Heads and rows of the figures' tables, one list for the page, CSV and Excel."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.domain.dates import china_day
from jieti.services.figures import Figures, Row, Tally
from jieti.services.spreadsheets import Cell
from jieti.web import words

STAGE_WORDS = {"published": _l("发布"), "matched": _l("匹配"), "contacted": _l("沟通"), "signed": _l("签约")}


def summary_heads(first: str) -> list[str]:
    return [first, *(str(word) for word in STAGE_WORDS.values()), _("合同成交额（万元）"), _("技术交易额（万元）")]


def summary_values(tally: Tally) -> list[Cell]:
    return [tally.published, tally.matched, tally.contacted, tally.signed, tally.contract_value, tally.tech_value]


def row_heads() -> list[str]:
    return [
        _("编号"),
        _("技术需求"),
        _("企业"),
        _("技术领域"),
        _("发布日期"),
        _("匹配日期"),
        _("沟通日期"),
        _("签约日期"),
        _("合同成交额（万元）"),
        _("技术交易额（万元）"),
    ]


def row_values(row: Row) -> list[Cell]:
    days = [
        moment and china_day(moment) for moment in (row.published_at, row.matched_at, row.contacted_at, row.signed_at)
    ]
    amounts: list[Cell] = [row.contract_value, row.tech_value] if row.signed_at else [None, None]
    return [row.ref, row.title, row.organisation, str(words.FIELDS.get(row.field, row.field)), *days, *amounts]


def month_table(figures: Figures) -> list[tuple[str, Tally]]:
    return list(figures.by_month.items())
