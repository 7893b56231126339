"""The released figures: the shipped file is right, and a wrong one is refused at the place where it is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher.quality import DEFAULT_FILE, Quality

FILE: dict[str, Any] = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))


def test_the_shipped_file_holds() -> None:
    quality = Quality.load()
    assert quality.needs > 0 and quality.pairs > quality.needs
    assert {"bm25", "jieti"} <= {row.method for row in quality.methods}
    assert [row.level for row in quality.reliability] == sorted(
        (row.level for row in quality.reliability), reverse=True
    )


def test_reliability_may_be_empty_and_labels_may_be_left_out() -> None:
    data = FILE | {"reliability": []}
    assert Quality.read(data).reliability == ()
    data = copy.deepcopy(FILE)
    data["methods"][0]["label_zh"] = "只比用词"
    assert Quality.read(data).methods[0].label_zh == "只比用词" and Quality.read(data).methods[1].label_zh == ""


def _set(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        where: Any = data
        for step in path[:-1]:
            where = where[step]
        where[path[-1]] = value

    return change


def _drop(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        where: Any = data
        for step in path[:-1]:
            where = where[step]
        del where[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("released_on", value="yesterday"), "released_on is not a date"),
        (_set("released_on", value=20261123), "released_on is not a date"),
        (_drop("models", "ranker"), "models lacks ranker"),
        (_set("data", "needs", value=-1), "data.needs is not a whole number"),
        (_set("data", "pairs", value=True), "data.pairs is not a whole number"),
        (_set("methods", value=[]), "methods is empty"),
        (_set("methods", value={}), "methods is not a list"),
        (_set("methods", 0, "ndcg", "mean", value=1.2), r"methods\[0\].ndcg.mean is not a number from 0 to 1"),
        (_set("methods", 0, "ndcg", "mean", value=float("nan")), r"methods\[0\].ndcg.mean"),
        (_set("methods", 0, "ndcg", "low", value=0.9), r"methods\[0\].ndcg: .* does not lie between"),
        (_set("methods", 0, "method", value=" "), r"methods\[0\].method is not a text"),
        (_set("methods", 1, "method", value=FILE["methods"][0]["method"]), "methods names one twice"),
        (_set("methods", 0, "extra", value=1), r"methods\[0\] has unknown extra"),
        (_set("reliability", 0, "level", value=5), r"reliability\[0\].level: 5 is not 1 to 4"),
        (_set("reliability", 1, "level", value=4), "reliability names a level twice"),
        (_set("reliability", 0, "share_exact", value="half"), r"reliability\[0\].share_exact is not a number"),
    ],
)
def test_what_is_wrong_is_named(change: Callable[[dict[str, Any]], None], told: str) -> None:
    data = copy.deepcopy(FILE)
    change(data)
    with pytest.raises(ValueError, match=told):
        Quality.read(data)


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "quality.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"quality\.json: "):
        Quality.load(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="is not an object"):
        Quality.load(path)
