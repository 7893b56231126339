"""专家: browse, one page an expert, and the page a researcher keeps of themselves."""

from jieti.web.experts.views import blueprint

__all__ = ["blueprint"]
