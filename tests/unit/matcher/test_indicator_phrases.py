"""The parser against the labelled phrases: precision and recall are printed (`-s`) and held to a bar."""

from __future__ import annotations

from matcher.indicators import parse
from tests.unit.matcher.held_back_phrases import HELD_BACK
from tests.unit.matcher.indicator_phrases import cases

LEAST_PRECISION = 0.95
LEAST_RECALL = 0.90
HELD_BACK_PRECISION = 0.80
HELD_BACK_RECALL = 0.75


def _key(name: str, operator: str, value: float, to: float | None, unit: str) -> tuple[str, str, str, str, str]:
    return name.replace(" ", ""), operator, f"{value:.9g}", "" if to is None else f"{to:.9g}", unit.replace(" ", "")


def _measure(labelled: list[tuple[str, list[tuple[str, str, float, float | None, str]]]]) -> tuple[float, float]:
    right, found, expected = 0, 0, 0
    wrong = []
    for phrase, labels in labelled:
        got = {_key(i.name, i.operator.value, i.value, i.value_to, i.unit) for i in parse(phrase)}
        want = {_key(*label) for label in labels}
        right, found, expected = right + len(got & want), found + len(got), expected + len(want)
        if got != want:
            wrong.append((phrase, sorted(got), sorted(want)))
    precision, recall = right / found, right / expected
    print(f"\n{len(labelled)} phrases, {expected} indicators: precision {precision:.3f}, recall {recall:.3f}")
    for entry in wrong:
        print("  ", *entry)
    return precision, recall


def test_precision_and_recall_on_own_phrases() -> None:
    assert len(cases()) >= 120
    precision, recall = _measure(cases())
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_phrases_held_back_do_not_get_worse() -> None:
    """Hardly mended on these: a lower bar, to be raised with the parser."""
    precision, recall = _measure(cases(HELD_BACK))
    assert precision >= HELD_BACK_PRECISION
    assert recall >= HELD_BACK_RECALL
