"""揭榜方案: writing one step by step, reading, comparing and deciding."""

from __future__ import annotations

from jieti.web.proposals import deciding as _deciding  # noqa: F401 (these register their views)
from jieti.web.proposals import reading as _reading  # noqa: F401
from jieti.web.proposals import writing as _writing  # noqa: F401
from jieti.web.proposals.blueprint import blueprint

__all__ = ["blueprint"]
