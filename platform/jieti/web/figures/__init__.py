"""数据: the funnel of the officer's counties, its rows, CSV and Excel."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.dates import china_day
from jieti.domain.permissions import Permission
from jieti.domain.vocabulary import PriorityField
from jieti.persistence.models import utcnow
from jieti.services.figures import PAGE_SIZE, STAGES, FiguresService, Selection, month_choices
from jieti.services.spreadsheets import csv_lines
from jieti.web import words
from jieti.web.context import identity, uow
from jieti.web.downloads import excel
from jieti.web.figures.presenter import STAGE_WORDS, month_table, row_heads, row_values, summary_heads, summary_values
from jieti.web.security import requires

blueprint = Blueprint("figures", __name__, url_prefix="/figures")


def selection() -> tuple[Selection, str]:
    """From ?month=YYYY-MM (empty: the last twelve months) and ?field=; what is not known is ignored."""
    today = china_day(utcnow())
    months = month_choices(today)
    month = request.args.get("month", "")
    field = request.args.get("field", "")
    field = field if field in set(PriorityField) else ""
    if month not in months:
        return Selection(dt.date.fromisoformat(f"{months[-1]}-01"), today, field), ""
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=32)).replace(day=1)
    return Selection(first, following - dt.timedelta(days=1), field), month


@blueprint.get("")
@requires(Permission.SEE_FIGURES)
def index() -> ResponseReturnValue:
    chosen, month = selection()
    figures = FiguresService(uow(), identity()).figures(chosen)
    return render_template(
        "figures/index.html",
        figures=figures, chosen=chosen, month=month, months=month_choices(china_day(utcnow())), stages=STAGES,
        stage_words=STAGE_WORDS, by_month=month_table(figures),
        counties=words.listed(words.county(code) for code in sorted(identity().regions)) or _("全省"),
    )  # fmt: skip


@blueprint.get("/rows")
@requires(Permission.SEE_FIGURES)
def rows() -> ResponseReturnValue:
    """The challenges behind one figure."""
    chosen, month = selection()
    stage = request.args.get("stage", "published")
    if stage not in STAGES:
        abort(404)
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    found, total = FiguresService(uow(), identity()).rows(chosen, stage, page)
    return render_template(
        "figures/rows.html",
        rows=found, total=total, page={"number": page, "pages": max(1, -(-total // PAGE_SIZE))}, stage=stage, stage_words=STAGE_WORDS,
        chosen=chosen, month=month,
    )  # fmt: skip


@blueprint.get("/export.<form>")
@requires(Permission.SEE_FIGURES)
def export(form: str) -> ResponseReturnValue:
    """Excel: three sheets (by month, by field, the rows); CSV: the rows."""
    chosen, _month = selection()
    service = FiguresService(uow(), identity())
    name = f"jieti-figures-{chosen.since:%Y%m%d}-{chosen.until:%Y%m%d}.{form}"
    lines = (row_values(row) for row in service.all_rows(chosen))
    if form == "csv":
        text = "".join(
            csv_lines(row_heads(), lines)
        )  # a county's rows: some hundreds; the request's session ends with the view
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})
    if form != "xlsx":
        abort(404)
    figures = service.figures(chosen)
    return excel(
        name,
        [
            (
                _("按月"),
                summary_heads(_("发布月份")),
                ((month, *summary_values(tally)) for month, tally in figures.by_month.items()),
            ),
            (
                _("按领域"),
                summary_heads(_("技术领域")),
                ((str(words.FIELDS.get(f, f)), *summary_values(tally)) for f, tally in figures.by_field.items()),
            ),
            (_("明细"), row_heads(), lines),
        ],
    )
