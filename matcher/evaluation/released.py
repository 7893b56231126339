"""Released figures: writing them, and holding new ones against them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from matcher.encoders import full_name
from matcher.evaluation.run import Corpus, Table
from matcher.pipeline import Matcher
from matcher.quality import Quality

SOURCE = "CCF BDCI 2019"
MEASURES = ("ndcg", "recall", "level")
DIGITS = 4


def released(table: Table, corpus: Corpus, matcher: Matcher, on: dt.date | None = None) -> dict[str, Any]:
    """What models/quality.json holds (see `matcher.quality`)."""
    return {
        "released_on": (on or dt.date.today()).isoformat(),
        "models": {"encoder": full_name(matcher.encoder), "ranker": matcher.ranker.version},
        "data": {
            "needs": len(corpus.needs),
            "pairs": sum(len(truth) for truth in corpus.judgements.values()),
            "results": len(corpus.results),
            "source": SOURCE,
        },
        "methods": [
            {"method": row.method}
            | {
                name: {part: round(getattr(getattr(row, name), part), DIGITS) for part in ("mean", "low", "high")}
                for name in MEASURES
            }
            for row in table.rows
        ],
        "reliability": [
            {
                "level": given["level"], "given": given["pairs"], "judged_mean": round(given["judged_mean"], 3),
                "share_exact": round(given["share_exact"], 3), "share_near": round(given["share_near"], 3),
            }
            for given in map(asdict, table.reliability)
        ],
    }  # fmt: skip


def fallen(table: Table, before: Quality) -> list[str]:
    """A line for each figure that lies below the released one's interval; a method that is gone counts as fallen, save
    off-the-shelf ones, which are not always at hand."""
    now = {row.method: row for row in table.rows}
    lines = []
    for method in before.methods:
        row = now.get(method.method)
        if row is None:
            if method.method.startswith("jieti"):
                lines.append(f"{method.method}: released, but not measured now")
            continue
        for name in MEASURES:
            figure, value = getattr(method, name), getattr(row, name).mean
            if value < figure.low:
                lines.append(
                    f"{method.method}, {name}: {value:.3f} is below the interval of the released {figure.mean:.3f} "
                    f"[{figure.low:.3f}, {figure.high:.3f}]"
                )
    return lines
