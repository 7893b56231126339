"""The run's progress on a terminal: one bar a stage, with the time gone and to go."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

STAGES = {
    "read": "results read",
    "needs": "needs encoded",
    "results": "results encoded",
    "words": "results indexed",
    "match": "needs matched",
}


class Bars:
    """Call it as `run.Progress`."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), console=console,
        )  # fmt: skip
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._bars:
            # What an earlier process did is the bar's beginning, not the speed of this one.
            self._bars[stage] = self._progress.add_task(STAGES[stage], total=total or None, completed=done)
        self._progress.update(self._bars[stage], completed=done, total=total or None)
