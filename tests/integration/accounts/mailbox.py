"""The worker's mail, delivered and read as a person reads it."""

from __future__ import annotations

import email
import re
from email.policy import default

from jieti.bootstrap import House
from jieti.jobs.handlers import MAIL, drain
from jieti.persistence.outbox import Outbox


def deliver(house: House) -> list[tuple[str, str, str]]:
    """Works off the outbox's mail; (recipient, subject, body) of every letter in the folder, oldest first."""
    outbox = Outbox(house.database)
    while drain(house, outbox, MAIL):
        pass
    letters = []
    folder = house.settings.var / "outbox"
    for path in sorted(folder.glob("*.eml"), key=lambda p: int(p.stem)):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        letters.append((str(message["To"]), str(message["Subject"]), message.get_content()))
    return letters


def link(body: str, house: House) -> str:
    """The path of the first link of ours in a letter, its home page aside."""
    found = re.search(re.escape(house.settings.public_url) + r"(/[^\s]+)", body)
    assert found, body
    return found[1]
