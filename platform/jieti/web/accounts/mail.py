"""Flask-Security's letters as outbox rows in the request's own transaction: no account without its letter, no letter without its account."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request
from flask_security import MailUtil

from jieti.persistence.models import User
from jieti.services.mail import Sealer, queue_mail
from jieti.web.context import house, uow
from jieti.web.locale import short_locale

TOKENS = {
    "confirmation_token": "confirmation_token",
    "reset_token": "reset_token",
}
"""Parts of the library's context that a letter needs and that cannot be read from the database."""


class OutboxMail(MailUtil):
    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """`template` is a name in templates/emails/; subject and bodies are written by the worker."""
        user: User = kwargs["user"]
        uow().session.flush()  # a user being registered has no id before
        tokens = {ours: str(kwargs[theirs]) for theirs, ours in TOKENS.items() if kwargs.get(theirs)}
        sealed = Sealer(house().settings.secret_key).seal(tokens) if tokens else ""
        queue_mail(uow(), template, "user", user.id, locale=short_locale(), sealed=sealed)
        after_this_request(_commit)


def _commit(response: Response) -> Response:
    """Views that only send a letter write nothing in the library's eyes, so it does not commit after them."""
    if response.status_code < 400:
        uow().commit()
    return response
