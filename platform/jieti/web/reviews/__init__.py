"""审核: the queue at the left, one item at the right; decided with reasons."""

from jieti.web.reviews.views import blueprint

__all__ = ["blueprint"]
