"""The password rule: 10 to 128 characters, not the e-mail, not one of the first guesses. No forced mixture of characters:
it makes passwords worse, not better (NIST SP 800-63B)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_security import PasswordUtil

from jieti.services.accounts import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN

_SEQUENCES = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)
_FIRST_GUESSES = (
    "password",
    "woaini",
    "iloveyou",
    "admin",
    "jieti",
    "mima",
    "1q2w3e4r",
    "qwer1234",
    "a123456",
    "abc123",
)


def easily_guessed(password: str, email: str = "") -> bool:
    """The e-mail or its name, a run of the keyboard, one or two characters repeated, a first guess with digits around it."""
    low = password.casefold()
    local = email.casefold().partition("@")[0]
    if len(set(low)) <= 2 or any(low in sequence for sequence in _SEQUENCES):
        return True
    if local and (low in {email.casefold(), local} or low.strip("0123456789!@#.") == local):
        return True
    core = low.strip("0123456789!@#.")
    return low in _FIRST_GUESSES or core in _FIRST_GUESSES


class PasswordRule(PasswordUtil):
    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Problems (worded, or None) and the normalised password."""
        normal = self.normalize(password)
        user = kwargs.get("user")
        email = str(kwargs.get("email") or getattr(user, "email", "") or "")
        if len(normal) < PASSWORD_LENGTH_MIN:
            return [_("密码至少%(n)s个字符，现在是%(has)s个。", n=PASSWORD_LENGTH_MIN, has=len(normal))], normal
        if len(normal) > PASSWORD_LENGTH_MAX:
            return [_("密码最多%(n)s个字符。", n=PASSWORD_LENGTH_MAX)], normal
        if easily_guessed(normal, email):
            return [_("这个密码太容易猜到，请换一个：不要用邮箱、连续的数字或键盘顺序。")], normal
        return None, normal
