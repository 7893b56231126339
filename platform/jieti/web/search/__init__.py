"""Search across kinds, suggestions while typing, and the parts that all lists share."""

from jieti.web.search.views import blueprint

__all__ = ["blueprint"]
