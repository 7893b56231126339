"""Sentences and clauses as verbatim spans of their text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^。；！？;!?\r\n]+[。；！？;!?]?")
_CLAUSE = re.compile(r"[^，,、]+[，,、]?")
LONGEST_TEXT = 50_000
LONGEST = 90
"""Characters of a quote: a longer sentence is taken by groups of clauses, a longer clause is cut."""


def sentences(text: str) -> Iterator[str]:
    """Each a substring of `text`, without white space around it, at most LONGEST characters, none empty."""
    for found in _SENTENCE.finditer(text[:LONGEST_TEXT]):
        sentence = found.group()
        if len(sentence.strip()) <= LONGEST:
            yield from _clean(sentence)
            continue
        start = 0
        for clause in _CLAUSE.finditer(sentence):
            if clause.end() - start > LONGEST and clause.start() > start:
                yield from _pieces(sentence[start : clause.start()])
                start = clause.start()
        yield from _pieces(sentence[start:])


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), LONGEST):
        yield from _clean(text[start : start + LONGEST])


def _clean(text: str) -> Iterator[str]:
    if stripped := text.strip():
        yield stripped
