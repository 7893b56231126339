"""技术需求: browse, post step by step, one page a challenge. Importing this package registers every view on the blueprint."""

from __future__ import annotations

from jieti.web.challenges import matches as _matches  # noqa: F401 (registers its view)
from jieti.web.challenges.blueprint import blueprint

__all__ = ["blueprint"]
