"""The evaluation's tables for a terminal."""

from __future__ import annotations

from rich.table import Table as Grid

from matcher.evaluation.metrics import Estimate
from matcher.evaluation.run import FOLDS, Table


def figures(table: Table, version: str) -> Grid:
    """One line a method."""
    grid = Grid(title=f"{version}; {FOLDS} folds by need; 95 % bootstrap intervals by need")
    for heading in ("method", "nDCG@10", "R@50", "level 1/(1+MAE)"):
        grid.add_column(heading)
    for row in table.rows:
        grid.add_row(row.method, _cell(row.ndcg), _cell(row.recall), _cell(row.level))
    return grid


def reliability(table: Table) -> Grid:
    """One line a level given by the whole pipeline."""
    grid = Grid(title="What staff said of the pairs that a level was given to")
    for heading in ("level", "pairs", "mean judged", "exact", "at most one off"):
        grid.add_column(heading)
    for given in table.reliability:
        grid.add_row(
            str(given.level), str(given.pairs), f"{given.judged_mean:.2f}",
            f"{given.share_exact:.0%}", f"{given.share_near:.0%}",
        )  # fmt: skip
    return grid


def _cell(value: Estimate) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
