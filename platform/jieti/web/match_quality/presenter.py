"""Words, cells and tables of 匹配质量: one list of heads for the page, CSV and Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.services.match_quality import EARLIER, LEAST, Count, VerdictCounts
from jieti.services.spreadsheets import Cell
from jieti.web import words
from jieti.web.filters import rate
from jieti.web.locale import short_locale
from matcher.quality import Figure, Method, Quality

METHODS: dict[str, Any] = {
    "bm25": _l("只比用词（BM25）"),
    "fusion": _l("用词与语义合并"),
    "jieti-encoder": _l("只比语义（本站的模型）"),
    "jieti": _l("解题"),
}
"""Others, such as the encoders compared with, go by their own names."""
OURS = "jieti"
"""The method that this site uses."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    heads: list[str]
    rows: list[list[Cell]]


def method_name(method: Method) -> str:
    known = METHODS.get(method.method.lower())
    if known is not None:
        return str(known)
    return method.label_zh if method.label_zh and short_locale() == "zh" else method.method


def methods(quality: Quality) -> list[dict[str, Any]]:
    return [
        {
            "name": method_name(row),
            "ours": row.method.lower() == OURS,
            "ndcg": _figure(row.ndcg),
            "recall": _figure(row.recall),
            "level": _figure(row.level),
        }
        for row in quality.methods
    ]


def _figure(figure: Figure) -> dict[str, str]:
    return {"mean": f"{figure.mean:.3f}", "interval": f"{figure.low:.3f}–{figure.high:.3f}"}


def reliability(quality: Quality) -> list[dict[str, Any]]:
    return [
        {
            "level": words.LEVELS[row.level],
            "given": row.given,
            "judged": f"{row.judged_mean:.1f}" if row.given else "—",
            "exact": rate(round(row.share_exact * row.given), row.given),
            "near": None if row.share_near is None else rate(round(row.share_near * row.given), row.given),
        }
        for row in quality.reliability
    ]


def versions(encoder: str, ranker: str, policy: str) -> list[tuple[str, str]]:
    return [(_("编码模型"), encoder), (_("排序模型"), ranker), (_("政策权重"), policy)]


def verdicts(counts: VerdictCounts) -> dict[str, Any]:
    return {
        "any": counts.any,
        "enough": counts.enough,
        "total": counts.all.total,
        "fits": rate(counts.all.fits, counts.all.total),
        "by_level": [_line(one) for one in counts.by_level],
        "by_month": [_line(one) for one in counts.by_month],
        "reasons": [
            {"label": name_of(one), "value": one.total, "note": f"{round(100 * one.total / counts.all.misfits)}%"}
            for one in counts.reasons
            if not one.hidden and one.total
        ],
        "reasons_hidden": words.listed(name_of(one) for one in counts.reasons if one.hidden),
        "misfits": counts.all.misfits,
    }


def name_of(count: Count) -> str:
    if count.key == EARLIER:
        return str(_("更早"))
    if count.key.isdecimal():
        return str(words.LEVELS[int(count.key)])
    return str(words.MISFIT_REASONS.get(count.key, count.key))


def _line(count: Count) -> dict[str, Any]:
    hidden = str(_("不足%(n)s条", n=LEAST))
    return {
        "name": name_of(count),
        "total": hidden if count.hidden else f"{count.total:,}",
        "fits": "—" if count.hidden else rate(count.fits, count.total),
        "misfits": "—" if count.hidden else rate(count.misfits, count.total),
    }


# -- files -------------------------------------------------------------------------------------------------------------


def figures_table(quality: Quality) -> Table:
    heads = [_("方法")]
    for name in (_("前10名排序"), _("前50名找全"), _("等级相符")):
        heads += [name, _("%(name)s下限", name=name), _("%(name)s上限", name=name)]
    rows: list[list[Cell]] = []
    for row in quality.methods:
        line: list[Cell] = [method_name(row)]
        for figure in (row.ndcg, row.recall, row.level):
            line += [figure.mean, figure.low, figure.high]
        rows.append(line)
    return Table(_("发布的数字"), heads, rows)


def reliability_table(quality: Quality) -> Table:
    heads = [_("给的等级"), _("对数"), _("人员平均判断"), _("恰好相同的比例"), _("最多差一级的比例")]
    rows: list[list[Cell]] = [
        [str(words.LEVELS[row.level]), row.given, row.judged_mean, row.share_exact, row.share_near]
        for row in quality.reliability
    ]
    return Table(_("等级可靠吗"), heads, rows)


def verdicts_table(counts: VerdictCounts) -> Table:
    groups: list[tuple[str, Sequence[Count]]] = [
        (_("按等级"), counts.by_level),
        (_("按月"), counts.by_month),
        (_("不合适的原因"), counts.reasons),
    ]
    rows: list[list[Cell]] = []
    if counts.enough:
        rows.append([_("全部"), "", counts.all.total, counts.all.fits, counts.all.misfits])
        for group, lines in groups:
            for one in lines:
                numbers: list[Cell] = [one.total, one.fits, one.misfits]
                rows.append(
                    [group, name_of(one), *([_("不足%(n)s条", n=LEAST), None, None] if one.hidden else numbers)]
                )
    return Table(_("发布以来的判断"), [_("分组"), _("条目"), _("判断数"), _("合适"), _("不合适")], rows)
