"""Bringing the index up to the truth: read, project, encode, send, and say for each subject whether it was taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jieti.persistence.database import Database
from jieti.persistence.outbox import Subject
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services import projection, vectors
from jieti.services.projection import Absent, Projected
from search.ports import Document, Kind, SearchEngine

if TYPE_CHECKING:
    from matcher.pipeline import Matcher


class Indexing:
    def __init__(self, database: Database, engine: SearchEngine, matcher: Matcher) -> None:
        self._database = database
        self._engine = engine
        self._matcher = matcher

    def refresh(self, subjects: Collection[Subject]) -> Mapping[Subject, str]:
        """Index (or remove) these records as they stand now. Returns the reason for each that was not taken.

        Encoding and sending happen outside any transaction. Raises EngineUnavailable: nothing is lost by asking again.
        """
        present: list[Projected] = []
        absent: list[Absent] = []
        refused: dict[Subject, str] = {}
        by_kind: dict[Kind, list[int]] = {}
        for kind, subject_id in subjects:
            if kind in Kind.__members__.values():
                by_kind.setdefault(Kind(kind), []).append(subject_id)
            else:
                refused[kind, subject_id] = f"no index for {kind}"
        with UnitOfWork(self._database, read=True) as uow:
            for kind, ids in by_kind.items():
                for item in projection.read(uow, kind, ids):
                    (present if isinstance(item, Projected) else absent).append(item)  # type: ignore[arg-type]
        documents, broken = self.documents(present)
        refused |= broken
        names = {(item.document.kind, item.document.ref): item.subject_id for item in present}
        if documents:
            for failure in self._engine.put(documents):
                refused[failure.kind.value, names[failure.kind, failure.ref]] = failure.reason
        for gone in absent:
            self._engine.remove(gone.kind, gone.ref, gone.version)
        return refused

    def documents(self, items: Sequence[Projected]) -> tuple[list[Document], dict[Subject, str]]:
        """Documents with their vectors, and the subjects that could not be encoded with the reason."""
        if not items:
            return [], {}
        try:
            return encoded(self._matcher, items), {}
        except Exception:  # one text that the encoder cannot take must not hold back the others
            documents: list[Document] = []
            broken: dict[Subject, str] = {}
            for item in items:
                try:
                    documents += encoded(self._matcher, [item])
                except Exception as error:
                    broken[item.document.kind.value, item.subject_id] = f"{type(error).__name__}: {error}"
            return documents, broken


def encoded(matcher: Matcher, items: Sequence[Projected]) -> list[Document]:
    """The items' documents with vectors, encoded in one batch."""
    made = vectors.of_listings(matcher.encoder, [item.text for item in items])
    return [replace(item.document, vector=vector) for item, vector in zip(items, made, strict=True)]
