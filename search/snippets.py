"""Highlighting: which pieces of a title or text match, cut from the original text so that they are verbatim.

Engines store terms, not text, so their own highlighting would show segmented, folded text. Terms are sought as
substrings of the folded text (Latin ones at word limits), which marks every place an analysed term came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from search import analysis
from search.ports import Span

SNIPPET = 140
"""Characters of a snippet, ellipses not counted."""
LOOK_AT = 20_000
"""Characters of a body in which a snippet is sought."""
ELLIPSIS = Span("…", False)
"""Stands where text was left out; everything else in a snippet is verbatim."""
_STEP = 20


@lru_cache(maxsize=256)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str] | None:
    alternatives = []
    for term in sorted(set(terms), key=lambda one: (-len(one), one)):
        escaped = re.escape(term)
        if term[0].isascii() or not _is_han(term[0]):
            quantity = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)([^\d.].*)", term)
            if quantity:  # a number and its unit, written with or without a space
                escaped = re.escape(quantity[1]) + " ?" + re.escape(quantity[2])
            escaped = rf"(?<![0-9a-z]){escaped}(?![0-9a-z])"
        alternatives.append(escaped)
    return re.compile("|".join(alternatives)) if alternatives else None


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def _matches(text: str, terms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Spans of `text` that match, in order, touching ones joined."""
    pattern = _pattern(terms)
    if pattern is None or not text:
        return []
    folded = analysis.fold(text)
    joined: list[tuple[int, int]] = []
    for match in pattern.finditer(folded.text):
        start, end = folded.source(match.start(), match.end(), len(text))
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spans(text: str, start: int, end: int, matches: Iterable[tuple[int, int]]) -> list[Span]:
    spans: list[Span] = []
    position = start
    for first, last in matches:
        if last <= start or first >= end:
            continue
        first, last = max(first, start), min(last, end)
        if first > position:
            spans.append(Span(text[position:first], False))
        spans.append(Span(text[first:last], True))
        position = last
    if position < end:
        spans.append(Span(text[position:end], False))
    return spans


def mark(text: str, terms: Sequence[str]) -> tuple[Span, ...]:
    """The whole text, in pieces; the pieces joined are the text."""
    return tuple(_spans(text, 0, len(text), _matches(text, tuple(terms))))


def snippet(summary: str, body: str, terms: Sequence[str]) -> tuple[Span, ...]:
    """The stretch of the summary or body with the most different terms; the beginning where none matches.

    Pieces are verbatim; an ellipsis (…) stands as a piece of its own where text was left out.
    """
    best: tuple[int, str, int, list[tuple[int, int]]] | None = None
    for text in (summary, body[:LOOK_AT]):
        matches = _matches(text, tuple(terms))
        if matches:
            score, start = _window(text, matches)
            if best is None or score > best[0]:
                best = (score, text, start, matches)
    if best is None:
        text = summary or body
        best = (0, text, 0, [])
    _, text, start, matches = best
    end = min(len(text), start + SNIPPET)
    spans = _spans(text, start, end, matches)
    if start > 0:
        spans.insert(0, ELLIPSIS)
    if end < len(text):
        spans.append(ELLIPSIS)
    return tuple(spans)


def _window(text: str, matches: list[tuple[int, int]]) -> tuple[int, int]:
    """(different marked texts, start) of the best window; a little room before its first mark."""
    best = (0, 0)
    for index, (first, _) in enumerate(matches):
        inside = {text[start:end] for start, end in matches[index : index + 40] if end <= first - _STEP + SNIPPET}
        if len(inside) > best[0]:
            best = (len(inside), max(0, first - _STEP))
    score, start = best
    if score == 0:
        return 1, max(0, matches[0][0] - _STEP)
    for offset in range(start, max(-1, start - _STEP), -1):  # begin at a sentence, if one begins near
        if offset == 0 or text[offset - 1] in "。；！？\n":
            return score, offset
    return score, start
