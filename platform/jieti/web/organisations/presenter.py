"""Words for what the services count."""

from __future__ import annotations

from flask_babel import gettext as _

from jieti.services.organisations_page import ReplyTime


def reply_words(reply: ReplyTime) -> str:
    """A median with its base, or a dash where nothing was answered yet."""
    if reply.median is None:
        return "—"
    hours = reply.median.total_seconds() / 3600
    if hours < 1:
        return _("不到1小时（%(n)s次答复的中位数）", n=reply.answers)
    if hours < 48:
        return _("%(hours)s小时（%(n)s次答复的中位数）", hours=round(hours), n=reply.answers)
    return _("%(days)s天（%(n)s次答复的中位数）", days=round(hours / 24), n=reply.answers)
