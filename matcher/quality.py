"""The released figures of matching: models/quality.json, written from `make eval` at each release and shown to everyone.

The file is checked when it is read: a page that shows figures must not show half of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.encoders import Encoder, full_name

DEFAULT_FILE = Path(__file__).resolve().parent / "models" / "quality.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's mean over needs with its 95 % interval, each in 0..1."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Method:
    """One line of the table. `label_zh` is "" where the interface knows a word for `method`."""

    method: str
    ndcg: Figure  # nDCG@10
    recall: Figure  # of level >= 3 among the 50 best
    level: Figure  # 1 / (1 + mean absolute error of the level)
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Reliability:
    """What staff said of the pairs that were given this level, on needs that the models were not fitted on.

    `given`: pairs; `judged_mean`: their mean judged level (1..4); `share_exact`: share judged to be exactly this level;
    `share_near`: share judged to be this level or one beside it, where the file has it.
    """

    level: int
    given: int
    judged_mean: float
    share_exact: float
    share_near: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """`needs`, `pairs`, `results`: what was judged. `reliability`: strongest level first; may be empty."""

    released_on: dt.date
    encoder: str
    ranker: str
    needs: int
    pairs: int
    results: int
    source: str
    methods: tuple[Method, ...]
    reliability: tuple[Reliability, ...]

    def measured_with(self, encoder: Encoder, ranker_version: str) -> bool:
        """Whether the figures are of these models."""
        return (self.encoder, self.ranker) == (full_name(encoder), ranker_version)

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> Quality:
        """Raises OSError; ValueError that names the file and the place in it."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls.read(data)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error

    @classmethod
    def read(cls, data: object) -> Quality:
        """From the file's JSON. Raises ValueError that names the place."""
        top = _object(data, "the whole", {"released_on", "models", "data", "methods", "reliability"})
        models = _object(top["models"], "models", {"encoder", "ranker"})
        facts = _object(top["data"], "data", {"needs", "pairs", "results", "source"})
        methods = tuple(_method(row, f"methods[{n}]") for n, row in enumerate(_list(top["methods"], "methods")))
        if not methods:
            raise ValueError("methods is empty")
        if len({row.method for row in methods}) < len(methods):
            raise ValueError("methods names one twice")
        levels = [
            _reliability(row, f"reliability[{n}]") for n, row in enumerate(_list(top["reliability"], "reliability"))
        ]
        if len({row.level for row in levels}) < len(levels):
            raise ValueError("reliability names a level twice")
        return cls(
            released_on=_date(top["released_on"], "released_on"),
            encoder=_text(models["encoder"], "models.encoder"),
            ranker=_text(models["ranker"], "models.ranker"),
            needs=_count(facts["needs"], "data.needs"),
            pairs=_count(facts["pairs"], "data.pairs"),
            results=_count(facts["results"], "data.results"),
            source=_text(facts["source"], "data.source"),
            methods=methods,
            reliability=tuple(sorted(levels, key=lambda row: -row.level)),
        )


def _method(value: object, where: str) -> Method:
    row = _object(value, where, {"method", "ndcg", "recall", "level"}, {"label_zh"})
    return Method(
        _text(row["method"], f"{where}.method"),
        _figure(row["ndcg"], f"{where}.ndcg"),
        _figure(row["recall"], f"{where}.recall"),
        _figure(row["level"], f"{where}.level"),
        label_zh=_text(row["label_zh"], f"{where}.label_zh") if row.get("label_zh") else "",
    )


def _figure(value: object, where: str) -> Figure:
    row = _object(value, where, {"mean", "low", "high"})
    mean, low, high = (_number(row[name], f"{where}.{name}", 0, 1) for name in ("mean", "low", "high"))
    if not low <= mean <= high:
        raise ValueError(f"{where}: {mean} does not lie between {low} and {high}")
    return Figure(mean, low, high)


def _reliability(value: object, where: str) -> Reliability:
    row = _object(value, where, {"level", "given", "judged_mean", "share_exact"}, {"share_near"})
    level = _count(row["level"], f"{where}.level")
    if not 1 <= level <= 4:
        raise ValueError(f"{where}.level: {level} is not 1 to 4")
    return Reliability(
        level,
        _count(row["given"], f"{where}.given"),
        _number(row["judged_mean"], f"{where}.judged_mean", 1, 4),
        _number(row["share_exact"], f"{where}.share_exact", 0, 1),
        None if row.get("share_near") is None else _number(row["share_near"], f"{where}.share_near", 0, 1),
    )


def _object(value: object, where: str, required: Set[str], optional: Set[str] = frozenset()) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")
    missing, unknown = required - set(value), set(value) - required - optional
    if missing or unknown:
        told = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        told += [f"has unknown {', '.join(sorted(unknown))}"] if unknown else []
        raise ValueError(f"{where} {' and '.join(told)}")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{where} is not a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where} is not a text")
    return value.strip()


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{where} is not a whole number from 0")
    return value


def _number(value: object, where: str, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{where} is not a number from {least} to {most}")
    return float(value)


def _date(value: object, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{where} is not a date such as 2026-12-31") from None
