"""Sends letters: into a folder as .eml files (the default: nothing leaves the machine), or by SMTP."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from jieti.services.mail_letters import Letter

TIMEOUT = 20  # seconds; the worker tries again later


class Transport(Protocol):
    def send(self, letter: Letter, sender: str) -> None:
        """Raises OSError or smtplib.SMTPException where the letter was not taken."""
        ...


def message_of(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = formatdate(usegmt=True)
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    message["Message-ID"] = f"<jieti-{letter.key}@{domain}>"  # the same at a second attempt
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


class FolderTransport:
    """One file a letter, whole or not at all; a second attempt overwrites the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter, sender: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{letter.key}.eml"
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # links in it open accounts
        with os.fdopen(descriptor, "wb") as file:
            file.write(message_of(letter, sender).as_bytes())
        partial.replace(path)


class SmtpTransport:
    """`smtp://` upgrades to TLS where the server offers it, and refuses to send a password without; `smtps://` is TLS throughout."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._secure else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, letter: Letter, sender: str) -> None:
        with self._open() as server:
            server.send_message(message_of(letter, sender))

    def _open(self) -> smtplib.SMTP:
        if self._secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            elif self._user:
                server.close()
                raise smtplib.SMTPNotSupportedError("the server offers no TLS: the password is not sent in clear")
        if self._user:
            server.login(self._user, self._password)
        return server


def open_transport(url: str) -> Transport:
    """`file:FOLDER`, `smtp://…` or `smtps://…` (checked by the settings)."""
    if url.startswith("file:"):
        return FolderTransport(Path(url.removeprefix("file:")))
    return SmtpTransport(url)
