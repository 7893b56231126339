"""Files while posting: the ordinary multipart form, and the script's one file a request. Saved at once, apart from the draft."""

from __future__ import annotations

from typing import Any

from flask import render_template_string, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Invalid, Problem
from jieti.persistence.models import Attachment
from jieti.services.attachments import listed
from jieti.web.context import committing, uow
from jieti.web.posting.desk import Desk, attachments
from jieti.web.problems import sentence

FIELDS = {"challenge": {"attachment": False, "sealed_attachment": True}, "result": {"attachment": False}}
"""Upload field to whether its files are sealed."""


def handle(desk: Desk, ref: str) -> tuple[list[Problem], str | None]:
    """What the form's file inputs and buttons ask for: problems, and a sentence on what was done (None: nothing)."""
    if "remove_file" in request.form:
        with committing() as u:
            record = desk.service(u).editable(ref, lock=True)
            row = attachments(u).remove(desk.kind, record.id, request.form["remove_file"])
        return [], _("已移除“%(name)s”，可以撤销。", name=row.filename)
    if "restore_file" in request.form:
        with committing() as u:
            record = desk.service(u).editable(ref, lock=True)
            row = attachments(u).restore(desk.kind, record.id, request.form["restore_file"])
        return [], _("已恢复“%(name)s”。", name=row.filename)
    problems: list[Problem] = []
    added = 0
    for field, sealed in FIELDS[desk.kind].items():
        for sent in request.files.getlist(field):
            if not sent.filename:
                continue
            try:
                with committing() as u:
                    record = desk.service(u).editable(ref, lock=True)
                    attachments(u).add(desk.kind, record.id, field, sent.filename, sent.stream, sealed=sealed)
                    added += 1
            except Invalid as error:
                problems.extend(error.problems)
    return problems, _("已上传%(n)s个文件。", n=added) if added and not problems else None


def upload(desk: Desk, ref: str) -> ResponseReturnValue:
    """The script's upload: 200 with the file's list item, or 422 with the sentence as plain text."""
    desk.service(uow()).editable(ref)
    field = next((name for name in FIELDS[desk.kind] if request.files.get(name)), None)
    if field is None:
        return _("没有收到文件，请再试一次。"), 422, {"Content-Type": "text/plain; charset=utf-8"}
    sent = request.files[field]
    try:
        with committing() as u:
            record = desk.service(u).editable(ref, lock=True)
            row = attachments(u).add(
                desk.kind, record.id, field, sent.filename or "", sent.stream, sealed=FIELDS[desk.kind][field]
            )
    except Invalid as error:
        return sentence(error.problems[0]), 422, {"Content-Type": "text/plain; charset=utf-8"}
    return render_template_string(
        '{% from "components/forms.html" import upload_item with context %}{{ upload_item(file) }}', file=item(row)
    )


def item(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.ref,
        "name": row.filename,
        "size": row.size,
        "url": url_for("attachments.show", ref=row.ref),
        "removed": row.removed_at is not None,
        "sealed": row.sealed,
    }


def shown(kind: str, record: Any) -> list[dict[str, Any]]:
    """All files of a listing being edited, removed ones too."""
    return [item(row) for row in listed(uow().session, kind, record.id, removed=True)]
