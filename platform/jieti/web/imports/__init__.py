"""导入: a table comes in; its faults are shown row by row; only a faultless one is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from jieti.domain.errors import Invalid, Problem
from jieti.domain.permissions import Permission
from jieti.services.imports.columns import HEADS
from jieti.services.imports.runs import MOST_ROWS, PAGE_SIZE, ImportRuns
from jieti.services.spreadsheets import Cell
from jieti.web.context import committing, house, identity, uow
from jieti.web.downloads import excel
from jieti.web.idempotency import already_done, remember
from jieti.web.imports.form import ImportForm
from jieti.web.imports.presenter import fault, field_word
from jieti.web.problems import attach
from jieti.web.security import requires

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
SHOWN = 100
"""Faults or repeats listed on the page."""


def _runs() -> ImportRuns:
    return ImportRuns(uow(), identity(), house().settings.var / "imports")


def _form(runs: ImportRuns) -> ImportForm:
    form = ImportForm()
    form.organisation.choices = [
        SelectChoice(o.ref, o.name) for kind in ("challenge", "result") for o in runs.owners(kind)
    ]
    return form


def _page(form: ImportForm, runs: ImportRuns, status: int = 200) -> ResponseReturnValue:
    number = max(request.args.get("page", 1, type=int) or 1, 1)
    found, total = runs.page(number)
    pages = {"number": number, "pages": max(1, -(-total // PAGE_SIZE))}
    return render_template(
        "imports/index.html", form=form, runs=found, page=pages, heads=_heads(), most_rows=MOST_ROWS
    ), status


def _heads() -> dict[str, list[str]]:
    """One Chinese head a field, for the hint on the page."""
    shown: dict[str, list[str]] = {}
    for kind, heads in HEADS.items():
        by_field = {name: head for head, name in reversed(heads.items()) if not head.isascii()}
        shown[kind] = list(by_field.values())
    return shown


@blueprint.get("")
@requires(Permission.IMPORT)
def index() -> ResponseReturnValue:
    runs = _runs()
    return _page(_form(runs), runs)


@blueprint.post("")
@requires(Permission.IMPORT)
def upload() -> ResponseReturnValue:
    """Check an uploaded table; nothing of it is written yet."""
    file = request.files.get("file")
    try:
        with committing() as current:
            done = already_done(current)
            if done:
                return redirect(done, 303)
            runs = ImportRuns(current, identity(), house().settings.var / "imports")
            if file is None or not file.filename:
                raise Invalid([Problem("file", "required")])
            run = runs.check(
                kind=request.form.get("kind", ""),
                organisation_ref=request.form.get("organisation", ""),
                publish=request.form.get("publish") == "y",
                filename=file.filename,
                file=file.stream,  # type: ignore[arg-type]
            )
            return redirect(remember(current, url_for("imports.show", ref=run.ref)), 303)
    except Invalid as error:
        runs = _runs()
        form = _form(runs)
        attach(form, error.problems)
        return _page(form, runs, 422)


@blueprint.get("/<ref>")
@requires(Permission.IMPORT)
def show(ref: str) -> ResponseReturnValue:
    runs = _runs()
    run = runs.get(ref)
    terms = run.problems[0] if run.problems else {}
    faults = [(p["row"], field_word(p["field"]), fault(p)) for p in run.problems[1 : SHOWN + 1]]
    return render_template(
        "imports/show.html",
        run=run,
        terms=terms,
        faults=faults,
        repeats=[(p["row"], fault(p), _listing_url(run.kind, p)) for p in terms.get("warnings", [])[:SHOWN]],
        shown=SHOWN,
        kept=runs.path(run).exists(),
    )


def _listing_url(kind: str, warning: Mapping[str, Any]) -> str | None:
    ref = warning["params"].get("ref")
    return url_for(f"{kind}s.show", ref=ref) if ref else None


@blueprint.post("/<ref>/write")
@requires(Permission.IMPORT)
def write(ref: str) -> ResponseReturnValue:
    """Write all rows of a faultless table. A second click finds it written and says so."""
    with committing() as current:
        runs = ImportRuns(current, identity(), house().settings.var / "imports")
        run = runs.get(ref)
        if run.status != "imported":
            run = runs.write(ref, skip_repeats=request.form.get("skip_repeats") == "y")
        count = run.written
        left_out = run.total - run.written
    if left_out:
        flash(_("已导入%(n)s行，跳过%(m)s行重复的，正在建立索引并查找匹配。", n=count, m=left_out), "good")
    else:
        flash(_("已导入%(n)s行，正在建立索引并查找匹配。", n=count), "good")
    return redirect(url_for("imports.show", ref=ref), 303)


@blueprint.get("/<ref>/marked.xlsx")
@requires(Permission.IMPORT)
def marked(ref: str) -> ResponseReturnValue:
    """The table as it came, with what is wrong in a last column: mend it there and upload it again."""
    runs = _runs()
    run = runs.get(ref)
    heads, rows = runs.marked_rows(run)

    def worded() -> Iterator[Sequence[Cell]]:
        for values, problems in rows:
            told = "；".join(f"{field_word(p['field'])} {fault(p)}".strip() for p in problems)
            yield [*values, told]

    # 备注 is passed over when the mended table comes back
    return excel(f"jieti-marked-{run.ref}.xlsx", [(_("标注表"), [*heads, "备注"], worded())])
