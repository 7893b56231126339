"""A listing's print (`matcher.duplicates`) and the keys kept of it, by which near-duplicates find each other in the database.

Open text only. Keys follow every change of a listing in the same transaction; a draft that is being typed has none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from jieti.persistence.models import Challenge, ListingKey, Result
from jieti.services.projection import indicator_text
from matcher.duplicates import Print, fingerprint

TEXTS: Mapping[str, tuple[str, ...]] = {
    "challenge": ("main_problem", "tech_requirements", "expected_goal"),
    "result": ("summary", "body", "advantages"),
}
MODELS: Mapping[str, type[Any]] = {"challenge": Challenge, "result": Result}
MOST_FOUND = 20_000
"""(key, listing) pairs taken of one look-up: the same text imported a thousand times must not fill the memory."""


def body_of(kind: str, values: Mapping[str, Any] | Challenge | Result) -> str:
    """The open text that is compared, beside the title."""
    get: Callable[[str], Any] = values.get if isinstance(values, Mapping) else lambda name: getattr(values, name)
    texts = [str(get(name) or "") for name in TEXTS[kind]]
    return "\n".join(text for text in (*texts, indicator_text(get("indicators") or [])) if text)


def print_of(kind: str, values: Mapping[str, Any] | Challenge | Result) -> Print:
    title = values.get("title") if isinstance(values, Mapping) else values.title
    return fingerprint(str(title or ""), body_of(kind, values))


def keep(session: Session, kind: str, prints: Mapping[int, Print], *, new: bool = False) -> None:
    """Replace the keys of these listings (by id), in two statements. `new`: they have none yet."""
    if not new:
        session.execute(delete(ListingKey).where(ListingKey.kind == kind, ListingKey.listing_id.in_(list(prints))))
    rows = [
        {"kind": kind, "key": key, "listing_id": listing_id}
        for listing_id, print_ in prints.items()
        for key in print_.min_hashes()
    ]
    if rows:
        session.execute(insert(ListingKey), rows)


def sharing(session: Session, kind: str, keys: Collection[int]) -> Iterable[tuple[int, int]]:
    """(key, listing id) of the listings that have one of these keys."""
    statement = (
        select(ListingKey.key, ListingKey.listing_id)
        .where(ListingKey.kind == kind, ListingKey.key.in_(keys))
        .limit(MOST_FOUND)
    )
    return [(key, listing_id) for key, listing_id in session.execute(statement)]
