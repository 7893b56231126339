"""The indicator parser against labelled phrases: precision, recall, and which part was wrong how often.

What counts as right: one indicator read for one labelled, with name, operator, value (both of a range or tolerance), unit and
condition all right. Spaces and full-width forms never count. Beyond that, and nothing more:

- name: equal without 的 to the label's name, or to one of the label's `also` (another way to cut the same words:
  铸件气孔率 for 气孔率);
- value: equal to nine digits; unit: as it is spelled in the text;
- condition: the same parts in any order (parts end at ，、；和), each without 在, 于, 经 or 当 before it and 条件下, 环境下, 下 or 时 after it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.evaluation.data import BadInput, BadLine
from matcher.indicators.normal import level
from matcher.types import Indicator, Operator

PARTS = ("name", "operator", "value", "unit", "condition")
_SPACES = re.compile(r"\s+")
_CONDITION_END = re.compile(r"[；;，,、和]")
_CONDITION_FRAME = re.compile(r"^(?:在|于|经|当)|(?:条件下|环境下|下|时)$")


@dataclass(frozen=True, slots=True)
class Label:
    """A reader's indicator; `also`: names that are as right as its own."""

    indicator: Indicator
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A phrase that was not read as labelled: what was read besides, and what was missed."""

    phrase: Phrase
    read: tuple[Indicator, ...]
    missed: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """`parts`: indicators read at the right place whose name, operator, … is wrong; `spurious`, `missing`: no partner at all."""

    phrases: int
    labelled: int
    read: int
    right: int
    parts: dict[str, int]
    spurious: int
    missing: int
    wrong: tuple[Wrong, ...]

    @property
    def precision(self) -> float:
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


def read_phrases(path: Path) -> list[Phrase]:
    """{"text", "indicators": [{"name", "operator", "value", "value_to"?, "unit"?, "condition"?, "also"?}]} a line.

    Raises BadInput, OSError.
    """
    phrases, bad = [], []
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                phrases.append(_phrase(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                bad.append(BadLine(path.name, number, f"no labelled phrase: {error!r}"))
    if bad:
        raise BadInput(bad)
    return phrases


def measure(phrases: Sequence[Phrase], parse: Callable[[str], Iterable[Indicator]]) -> Figures:
    """`parse` on every phrase. One indicator is the partner of at most one label."""
    labelled = read = right = spurious = missing = 0
    parts: Counter[str] = Counter()
    wrong = []
    for phrase in phrases:
        got, want = list(parse(phrase.text)), list(phrase.labels)
        labelled, read = labelled + len(want), read + len(got)
        for label in phrase.labels:
            same = next((found for found in got if not _differing(found, label)), None)
            if same is not None:
                got.remove(same)
                want.remove(label)
                right += 1
        if not got and not want:
            continue
        wrong.append(Wrong(phrase, tuple(got), tuple(want)))
        for label in want:
            partner = min(got, key=lambda found: len(_differing(found, label)), default=None)
            if partner is None or len(differing := _differing(partner, label)) > 2:
                missing += 1
                continue
            got.remove(partner)
            parts.update(differing)
        spurious += len(got)
    return Figures(
        len(phrases), labelled, read, right, {part: parts[part] for part in PARTS}, spurious, missing, tuple(wrong)
    )


def _differing(found: Indicator, label: Label) -> list[str]:
    wanted = label.indicator
    right = {
        "name": _name(found.name) in {_name(name) for name in (wanted.name, *label.also)},
        "operator": found.operator is wanted.operator,
        "value": _values(found) == _values(wanted),
        "unit": _levelled(found.unit) == _levelled(wanted.unit),
        "condition": _condition(found.condition) == _condition(wanted.condition),
    }
    return [part for part in PARTS if not right[part]]


def _levelled(text: str) -> str:
    return _SPACES.sub("", level(text))


def _name(text: str) -> str:
    return _levelled(text).replace("的", "")


def _values(indicator: Indicator) -> tuple[str, str]:
    to = indicator.value_to
    return f"{indicator.value:.9g}", "" if to is None else f"{to:.9g}"


def _condition(text: str) -> frozenset[str]:
    parts = (_CONDITION_FRAME.sub("", part) for part in _CONDITION_END.split(_levelled(text)))
    return frozenset(part for part in parts if part)


def _phrase(row: dict[str, Any]) -> Phrase:
    return Phrase(str(row["text"]), tuple(_label(label) for label in row["indicators"]))


def _label(row: dict[str, Any]) -> Label:
    if unknown := set(row) - {"name", "operator", "value", "value_to", "unit", "condition", "also"}:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    to = row.get("value_to")
    indicator = Indicator(
        row["name"],
        Operator(row["operator"]),
        float(row["value"]),
        None if to is None else float(to),
        row.get("unit", ""),
        row.get("condition", ""),
    )
    return Label(indicator, tuple(row.get("also", ())))
