"""科技成果: browse, register step by step, one page a result. Importing this package registers every view on the blueprint."""

from __future__ import annotations

from jieti.web.results import browse as _browse  # noqa: F401 (these register their views)
from jieti.web.results import matches as _matches  # noqa: F401
from jieti.web.results import posting as _posting  # noqa: F401
from jieti.web.results import show as _show  # noqa: F401
from jieti.web.results.blueprint import blueprint

__all__ = ["blueprint"]
