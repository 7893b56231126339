"""技术需求: browse, post step by step, one page a challenge. Importing this package registers every view on the blueprint."""

from __future__ import annotations

from jieti.web.challenges import browse as _browse  # noqa: F401 (these register their views)
from jieti.web.challenges import matches as _matches  # noqa: F401
from jieti.web.challenges import posting as _posting  # noqa: F401
from jieti.web.challenges import proposals as _proposals  # noqa: F401
from jieti.web.challenges import show as _show  # noqa: F401
from jieti.web.challenges.blueprint import blueprint

__all__ = ["blueprint"]
