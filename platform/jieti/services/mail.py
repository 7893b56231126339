"""Mail is promised in the transaction that causes it: an outbox row with ids, the worker writes and sends the letter.

Links in letters carry tokens that open an account (confirmation, password reset). Such a token travels in the row
sealed with a key derived from the installation's secret key, so that a copy of the database opens nothing; the worker
has the same secret key and unseals it. Everything else in a letter is read afresh when it is sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jieti.persistence.unit_of_work import UnitOfWork

TOPIC = "mail"


def derived_key(secret_key: str, purpose: str) -> bytes:
    """A Fernet key for one purpose: 32 bytes derived from the installation's secret key, in URL-safe base64."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"jieti:{purpose}".encode())
    return base64.urlsafe_b64encode(derivation.derive(secret_key.encode()))


class Sealer:
    """Seals small values with a key derived from the secret key, one key a purpose."""

    def __init__(self, secret_key: str, purpose: str = "mail") -> None:
        self._fernet = Fernet(derived_key(secret_key, purpose))

    def seal(self, values: Mapping[str, str]) -> str:
        return self._fernet.encrypt(json.dumps(dict(values), ensure_ascii=False).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, str]:
        """Raises cryptography.fernet.InvalidToken where it was sealed with another secret key."""
        values: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        return values


def queue_mail(
    uow: UnitOfWork, template: str, subject_kind: str, subject_id: int, *, locale: str = "zh", sealed: str = ""
) -> None:
    """Promise a letter: `template` names a file of templates/emails/, the subject (user, invitation) its addressee.

    `sealed`: what `Sealer.seal` made of the letter's tokens.
    """
    data = {"template": template, "locale": locale}
    if sealed:
        data["sealed"] = sealed
    uow.enqueue(TOPIC, subject_kind, subject_id, data)
