"""Errors of the domain. They carry codes and parameters, never sentences: the interface words them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class JietiError(Exception):
    """Base of every error that a person may be told about. `code` is an identifier, `params` go into its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params


class NotVisible(JietiError):
    """The record does not exist, or the identity may not see it: the two are one answer (404)."""

    def __init__(self, kind: str, ref: str) -> None:
        super().__init__("not_visible", kind=kind, ref=ref)


class NotAllowed(JietiError):
    """The identity sees the record but lacks the permission for this act."""


class MoveNotAllowed(JietiError):
    """The lifecycle's table has no such move from the record's present status, or not for this actor."""


class Conflict(JietiError):
    """Edited by another meanwhile. `params` hold `version`, `at`, `by`, and per field mine and theirs where known."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input. `field` is the form field's name (dots for rows: `indicators.2.unit`)."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Invalid(JietiError):
    """The input does not hold; every problem found is listed, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("invalid", count=len(problems))
        self.problems: tuple[Problem, ...] = tuple(problems)
