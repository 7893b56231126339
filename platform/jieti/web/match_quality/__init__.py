"""匹配质量: the released figures, how they come about, and what people said of matches since. For everyone."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from jieti.services.match_quality import LEAST, MatchQuality
from jieti.services.spreadsheets import csv_lines
from jieti.web.context import house, identity, uow
from jieti.web.downloads import excel
from jieti.web.match_quality import presenter
from jieti.web.security import public
from matcher.quality import Quality

blueprint = Blueprint("match_quality", __name__, url_prefix="/match-quality")


@cache
def released() -> Quality:
    """The file ships with the models and does not change while a process lives."""
    return Quality.load()


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    quality = released()
    matcher = house().matcher
    return render_template(
        "match_quality/index.html",
        quality=quality,
        methods=presenter.methods(quality),
        reliability=presenter.reliability(quality),
        verdicts=presenter.verdicts(MatchQuality(uow(), identity()).verdicts(quality.released_on)),
        least=LEAST,
        versions=presenter.versions(matcher.encoder.name, matcher.ranker.version, matcher.weights.version),
        others=not quality.measured_with(matcher.encoder, matcher.ranker.version),
    )


@blueprint.get("/export.<form>")
@public
def export(form: str) -> ResponseReturnValue:
    """Excel: every table of the page, a sheet each; CSV: one table (?table=figures, reliability or verdicts)."""
    quality = released()
    counts = MatchQuality(uow(), identity()).verdicts(quality.released_on)
    tables = {
        "figures": presenter.figures_table(quality),
        "reliability": presenter.reliability_table(quality),
        "verdicts": presenter.verdicts_table(counts),
    }
    if form == "csv":
        name = request.args.get("table", "figures")
        if name not in tables:
            abort(404)
        table = tables[name]
        return Response(
            "".join(csv_lines(table.heads, table.rows)),
            mimetype="text/csv",
            headers={"Content-Disposition": f"attachment; filename=jieti-match-quality-{name}.csv"},
        )
    if form != "xlsx":
        abort(404)
    sheets = ((table.title, table.heads, table.rows) for table in tables.values())
    return excel("jieti-match-quality.xlsx", sheets)
