"""Using pages as a browser does: read the form's hidden fields, send them back with what a person types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from jieti.persistence.database import Database


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": values.get("action") or "", "method": (values.get("method") or "get").lower(), "hidden": {}}
            )
        elif tag == "input" and self.forms and values.get("type") == "hidden" and values.get("name"):
            self.forms[-1]["hidden"][values["name"]] = values.get("value") or ""


def forms(response: TestResponse) -> list[dict[str, Any]]:
    """The page's forms: action, method, hidden fields."""
    parser = _Forms()
    parser.feed(response.get_data(as_text=True))
    return parser.forms


def post_form(
    client: FlaskClient,
    page: str,
    values: Mapping[str, Any] | Sequence[tuple[str, Any]],
    *,
    action: str | None = None,
    **options: Any,
) -> TestResponse:
    """Open `page`, take its posting form whose action ends with `action` (else the first), send hidden fields and `values`."""
    opened = client.get(page)
    assert opened.status_code == 200, f"{page}: {opened.status_code}"
    candidates = [
        f
        for f in forms(opened)
        if f["method"] == "post" and (action is None or f["action"].split("?")[0].endswith(action))
    ]
    assert candidates, f"{page}: no form posting to {action}"
    form = candidates[0]
    data: dict[str, Any] = dict(form["hidden"])
    pairs = values.items() if isinstance(values, Mapping) else values
    for name, value in pairs:
        if isinstance(values, Mapping):
            data[name] = value
        else:
            data.setdefault(name, [])
            data[name] = [*data[name], value] if isinstance(data[name], list) else [value]
    return client.post(form["action"] or page, data=data, **options)


@contextmanager
def counted_queries(database: Database) -> Iterator[list[str]]:
    """The SQL statements sent within the block."""
    statements: list[str] = []

    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
