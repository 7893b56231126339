"""Writes a promised letter: addressee and facts read afresh, words from templates/emails/ in the addressee's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session, joinedload

from jieti.persistence.models import Invitation, OutboxRow, User
from jieti.services.invitation_links import InvitationLinks
from jieti.services.mail import Sealer
from jieti.settings import ROOT, Settings

TEMPLATES = ROOT / "templates" / "emails"
TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to send. `key` is the same at every attempt, so that a repeated sending can be recognised."""

    key: str
    recipient: str
    subject: str
    body: str


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 (plain text)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations: NullTranslations = Translations.load(TRANSLATIONS, [_LOCALES.get(locale, _LOCALES["zh"])])
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return environment


class LetterWriter:
    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    def write(self, row: OutboxRow) -> Letter | None:
        """The letter of an outbox row, or None where nobody is left to receive it (user deleted, invitation withdrawn).

        Raises cryptography.fernet.InvalidToken (secret key changed since), jinja2.TemplateNotFound.
        """
        values = self._facts(row)
        if values is None:
            return None
        sealed = row.data.get("sealed", "")
        values |= Sealer(self._settings.secret_key).unseal(sealed) if sealed else {}
        values["public_url"] = self._settings.public_url
        template = _environment(row.data["locale"]).get_template(f"{row.data['template']}.txt")
        context = template.new_context(values)
        subject = "".join(template.blocks["subject"](context)).strip()
        body = template.render(values).strip() + "\n"
        return Letter(key=f"{row.id}", recipient=str(values["recipient"]), subject=subject, body=body)

    def _facts(self, row: OutboxRow) -> dict[str, object] | None:
        if row.subject_kind == "user":
            user = self._session.get(User, row.subject_id)
            return None if user is None else {"recipient": user.email, "name": user.name or user.email}
        invitation = self._session.get(
            Invitation, row.subject_id, options=[joinedload(Invitation.organisation), joinedload(Invitation.invited_by)]
        )
        if invitation is None or invitation.revoked_at is not None or invitation.accepted_at is not None:
            return None
        return {
            "recipient": invitation.email,
            "organisation": invitation.organisation.name,
            "invited_by": invitation.invited_by.name,
            "expires_at": invitation.expires_at,
            "token": InvitationLinks(self._settings.secret_key).token(invitation.ref),
        }
