"""What stands beside the form while one writes: what is missing, what could be clearer, what it would be matched with.

The page shows it as saved; script asks for it again at each pause in typing (`answer`), with what is not saved yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Problem
from jieti.services.duplicates import Duplicates
from jieti.services.listing_advice import asked_back, need_of_draft
from jieti.services.listing_fields import step_of
from jieti.services.listing_keys import body_of
from jieti.services.listing_validation import Checked, read_listing
from jieti.services.listings import WRITABLE
from jieti.services.match_preview import MatchPreviews, Preview, State
from jieti.web.context import house, identity, slow_read, uow
from jieti.web.matches.sentence import match_sentence
from jieti.web.posting import forms
from jieti.web.posting.desk import Desk
from jieti.web.posting.hints import PREVIEW_HINTS, worded_questions
from jieti.web.posting.labels import FIELD_LABELS
from jieti.web.problems import sentence
from matcher.duplicates import Likeness
from matcher.types import Need, Offer

INCOMPLETE = frozenset({"required", "money_required"})
"""Problems that are no fault yet while one is still writing: told on the last step only."""


def answer(desk: Desk, ref: str, step: str) -> ResponseReturnValue:
    """The panel alone, for a step as it is typed. Writes nothing."""
    if step not in desk.steps[:-1]:
        abort(404)
    service: Any = desk.service(uow())
    record = service.editable(ref)
    typed, _version = forms.sent(desk.kind, step)
    raw = service.raw(record) | typed
    checked = read_listing(desk.kind, raw, today=service.today)
    return render_template(
        "posting/_panel.html",
        desk=desk,
        record=record,
        public=record.status not in WRITABLE,
        **panel(desk, ref, record.region_code, raw, checked),
    )


def panel(desk: Desk, ref: str, region: str, raw: Mapping[str, Any], checked: Checked) -> dict[str, Any]:
    """What posting/_panel.html shows. A writing request loses its write lock here, and what it has loaded with it."""
    shown: dict[str, Any] = {
        "missing": [missing(desk, ref, problem) for problem in checked.problems],
        "questions": [],
        "preview": None,
    }
    if desk.kind != "challenge":
        return shown
    need = need_of_draft(raw, checked.values, region=region)
    asked = asked_back(need)
    with slow_read() as reading:
        parts = house()
        found = MatchPreviews(reading, identity(), engine=parts.search, matcher=parts.matcher).of(need)
    hint = next((PREVIEW_HINTS[q.gap.value] for q in asked if q.gap.value in PREVIEW_HINTS), None)
    return shown | {"questions": worded_questions(asked), "preview": _foreseen(found, hint)}


def duplicates(
    desk: Desk, record_id: int, region: str, raw: Mapping[str, Any], checked: Checked
) -> list[dict[str, Any]]:
    """Listings that the writer may see and that say the same; asked on the last step. Loses the write lock as `panel` does."""
    values = {**raw, **checked.values}
    if desk.kind == "challenge":
        text: Need | Offer = need_of_draft(raw, checked.values, region=region, sealed=False)
    else:
        text = Offer(
            id="",
            title=str(values.get("title") or ""),
            body=body_of("result", values),
            keywords=tuple(checked.values.get("keywords") or ()),
        )
    if not text.title and not text.body:
        return []
    with slow_read() as reading:
        parts = house()
        found = Duplicates(reading, identity(), engine=parts.search, matcher=parts.matcher)
        alike = found.of(desk.kind, values, text, but_id=record_id)
    return [
        {"title": one.record.title, "url": desk.url("show", ref=one.record.ref), "same": one.likeness is Likeness.SAME}
        for one in alike
    ]


def missing(desk: Desk, ref: str, problem: Problem) -> dict[str, Any]:
    """One problem with the way to its field."""
    step = step_of(desk.kind, problem.field)
    head, _dot, rest = problem.field.partition(".")
    row = rest.partition(".")[0]
    label = FIELD_LABELS[desk.kind].get(head, head)
    if row.isdigit():
        label = _("%(label)s第%(n)s条", label=label, n=int(row) + 1)
    anchor = problem.field.replace(".", "-") if row else "modes-0" if head == "modes" else head
    return {
        "label": label,
        "message": sentence(problem),
        "url": f"{desk.url('edit', ref=ref, step=step)}#{anchor}",
        "incomplete": problem.code in INCOMPLETE,
    }


def _foreseen(found: Preview, hint: Any) -> dict[str, Any]:
    if found.state is State.FOUND:
        headline = _("能匹配到%(n)s项以上", n=found.total) if found.more else _("能匹配到%(n)s项", n=found.total)
    else:
        headline = {
            State.DISTANT: _("只有较弱的匹配"),
            State.NONE: _("还没有匹配"),
            State.TOO_LITTLE: _("匹配预览"),
            State.ENGINE_DOWN: _("暂时看不到匹配预览"),
        }[found.state]
    note = {
        State.FOUND: _("按现在写的内容估算，发布后以正式匹配为准。"),
        State.DISTANT: hint or _("把问题写得更具体，匹配会更准。"),
        State.NONE: hint or _("把问题写得更具体，匹配会更准。"),
        State.TOO_LITTLE: _("写下需求名称和主要问题，这里会显示能匹配到的成果。"),
        State.ENGINE_DOWN: _("检索暂时不可用，不影响填写和提交。"),
    }[found.state]
    items = [
        {
            "title": item.result.title,
            "organisation": item.result.organisation.name,
            "url": url_for("results.show", ref=item.result.ref),
            "level": item.level,
            "sentence": match_sentence(item.explanation),
        }
        for item in found.best
    ]
    return {"headline": headline, "note": note, "items": items}
