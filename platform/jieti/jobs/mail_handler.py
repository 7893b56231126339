"""Topic `mail` of the outbox: write the letter, send it. Raises where it was not taken, so that the row is tried again."""

from __future__ import annotations

from jieti.bootstrap import House
from jieti.persistence.models import OutboxRow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.mail_letters import LetterWriter
from jieti.services.mail_transport import open_transport


def handle(house: House, uow: UnitOfWork, row: OutboxRow) -> None:
    """Only reads through `uow`, which should be a reading one: a slow mail server must not hold the write lock.

    Raises OSError, smtplib.SMTPException, cryptography.fernet.InvalidToken.
    """
    letter = LetterWriter(uow.session, house.settings).write(row)
    if letter is not None:
        open_transport(house.settings.mail_url).send(letter, house.settings.mail_sender)
