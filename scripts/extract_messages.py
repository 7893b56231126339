"""Gather the texts of the interface and bring the English catalogue up to date (`make messages`).

The source texts are Chinese, inside gettext, in Python and in templates. A new text enters the catalogue untranslated, a text
no longer used leaves it, a translation that still has its text stays; nothing is guessed. Prints what has no English yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "platform" / "jieti" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
SOURCES = (
    (ROOT / "platform" / "jieti", [("**.py", "python")]),
    (ROOT / "templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "_p": ((1, "c"), 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
JINJA = {"trimmed": "false", "silent": "false"}
"""`silent`: a template that does not parse is an error here, not a file without texts."""


def found() -> Iterator[tuple[str, int, Any, str | None]]:
    """File (relative to the root), line, text (a pair where it has a plural), context."""
    for folder, methods in SOURCES:
        options = {pattern: JINJA for pattern, method in methods if method == "jinja2"}
        for name, line, text, _comments, context in extract_from_dir(
            folder, methods, options, keywords=KEYWORDS, directory_filter=lambda path: "node_modules" not in path
        ):
            yield (folder / name).relative_to(ROOT).as_posix(), line, text, context


def extract() -> Catalog:
    """All texts of the sources, each with its places."""
    template = Catalog(charset="utf-8")
    for name, line, text, context in sorted(found(), key=lambda one: one[:2]):
        template.add(text, locations=[(name, line)], context=context)
    return template


def read() -> Catalog:
    with CATALOGUE.open("rb") as lines:
        return read_po(lines, locale="en")


def texts(catalogue: Catalog) -> dict[tuple[Any, str | None], Message]:
    """By text and context; the header left out."""
    return {(message.id, message.context): message for message in catalogue if message.id}


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without English, or with a plural form empty."""
    return [m for m in texts(catalogue).values() if not all(form and form.strip() for form in forms(m))]


def forms(message: Message) -> tuple[str | None, ...]:
    """The translation: one text, or one for each plural form."""
    string = message.string
    return tuple(string) if isinstance(string, (list, tuple)) else (string,)


def update(catalogue: Catalog, template: Catalog) -> Catalog:
    """The template's texts with the catalogue's translations."""
    known = texts(catalogue)
    fresh = Catalog(
        locale="en",
        project="Jieti",
        version="1",
        msgid_bugs_address="-",
        last_translator="Jieti",
        language_team="English",
        charset="utf-8",
        fuzzy=False,
        creation_date=catalogue.creation_date,
        revision_date=catalogue.revision_date,
        header_comment="# English texts of Jieti.",
    )
    for (text, context), message in texts(template).items():
        old = known.get((text, context))
        places = sorted({(name, 0) for name, _line in message.locations})
        fresh.add(text, old.string if old else None, locations=places, flags=message.flags, context=context)
    return fresh


def write(catalogue: Catalog) -> None:
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as out:
        write_po(out, catalogue, width=0, include_lineno=False, ignore_obsolete=True)


def main() -> int:
    template = extract()
    before = read() if CATALOGUE.exists() else Catalog(locale="en")
    after = update(before, template)
    new, old = texts(after).keys() - texts(before).keys(), texts(before).keys() - texts(after).keys()
    write(after)
    missing = untranslated(after)
    for message in missing:
        name, line = texts(template)[message.id, message.context].locations[0]
        print(f"{name}:{line}: no English: {message.id}")
    print(f"{len(after)} texts: {len(new)} new, {len(old)} no longer used, {len(missing)} without English")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
