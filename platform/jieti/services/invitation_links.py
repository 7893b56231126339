"""The token of an invitation's link: signed, so that a reference alone opens nothing; the row says how long it holds."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer


class InvitationLinks:
    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeSerializer(secret_key, salt="jieti:invitation")

    def token(self, ref: str) -> str:
        return str(self._serializer.dumps(ref))

    def ref(self, token: str) -> str | None:
        """The invitation's reference, or None for a token that is not ours."""
        try:
            return str(self._serializer.loads(token))
        except BadSignature:
            return None
