"""Flask-Security's forms, where ours differ: one password field, a name, lengths."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
)
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length


def _trimmed(value: str | None) -> str:
    return (value or "").strip()


class SignInForm(LoginForm):
    pass


class RegistrationForm(RegisterFormV2):
    name = StringField(
        _l("姓名"),
        filters=[_trimmed],
        validators=[InputRequired(_l("请填写姓名。")), Length(max=40, message=_l("姓名最多40字。"))],
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        fields: dict[str, Any] = self.__dict__["_fields"]
        self._fields = {"name": fields["name"], **fields}  # in the order of the page


class NewPasswordForm(ResetPasswordForm):
    """One field, which can be shown while typing: a second blind one catches nothing that showing does not."""

    password_confirm = None


class PasswordChangeForm(ChangePasswordForm):
    new_password_confirm = None


class _NoChoice(HiddenField):
    """The library adds to the choices of a field that this house does not show."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.choices: list[Any] = []


class RescueForm(TwoFactorRescueForm):
    """Never rendered: recovery codes are the way in without the telephone."""

    help_setup = _NoChoice()


class TwoFactorForm(TwoFactorSetupForm):
    """An authenticator app is the only second step: turn it on or off."""

    setup = HiddenField()
    phone = HiddenField()
