"""Forms about organisations."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import EmailValidation
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from jieti.domain.regions import regions
from jieti.domain.vocabulary import OrganisationKind
from jieti.services.organisations_input import ROLES_OF_KIND, OrganisationInput
from jieti.web import words


def counties() -> list[SelectChoice]:
    """All, named with their city: several cities have a district of the same name."""
    return [SelectChoice("", ""), *(SelectChoice(code, words.county_choice(code)) for code in regions())]


class OrganisationForm(FlaskForm):
    """`uscc_seen`: the code whose wrong check digit the person has been told of."""

    name = StringField(_l("单位名称"), validators=[InputRequired(_l("请填写单位名称。"))])
    uscc = StringField(_l("统一社会信用代码"), validators=[InputRequired(_l("请填写统一社会信用代码。"))])
    region_code = SelectField(_l("所在县（市、区）"), validators=[InputRequired(_l("请选择所在县（市、区）。"))])
    address = StringField(_l("地址"))
    contact_name = StringField(_l("联系人"), validators=[InputRequired(_l("请填写联系人。"))])
    phone = StringField(_l("联系电话"), validators=[InputRequired(_l("请填写联系电话。"))])
    intro = TextAreaField(_l("单位简介"))
    role = RadioField(_l("您的身份"), validate_choice=False)
    uscc_seen = HiddenField()
    version = HiddenField()
    idempotency_key = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def __init__(self, *args: Any, kind: OrganisationKind, new: bool, **values: Any) -> None:
        super().__init__(*args, **values)
        self.region_code.choices = counties()
        roles = ROLES_OF_KIND[kind]
        if not new or len(roles) == 1:
            del self.role
        else:
            self.role.choices = [SelectChoice(r.value, words.ROLES[r.value]) for r in roles]
            self.role.data = self.role.data or roles[0].value

    def input(self) -> OrganisationInput:
        return OrganisationInput(
            name=self.name.data or "",
            uscc=self.uscc.data or "",
            region_code=self.region_code.data or "",
            phone=self.phone.data or "",
            contact_name=self.contact_name.data or "",
            address=self.address.data or "",
            intro=self.intro.data or "",
        )


class InvitationForm(FlaskForm):
    email = EmailField(
        _l("邮箱"), validators=[InputRequired(_l("请填写邮箱。")), Length(max=255), EmailValidation(verify=True)]
    )
    role = RadioField(_l("身份"), validate_choice=False)
    admin = BooleanField(_l("同时担任管理员"))
    idempotency_key = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def __init__(self, *args: Any, kind: OrganisationKind, **values: Any) -> None:
        super().__init__(*args, **values)
        roles = ROLES_OF_KIND[kind]
        if len(roles) == 1:
            del self.role
        else:
            self.role.choices = [SelectChoice(r.value, words.ROLES[r.value]) for r in roles]
            self.role.data = self.role.data or roles[0].value


class NewMemberForm(FlaskForm):
    name = StringField(_l("姓名"), validators=[InputRequired(_l("请填写姓名。"))])
    password = PasswordField(_l("密码"), validators=[InputRequired(_l("请填写密码。"))])


class VerdictForm(FlaskForm):
    reason = TextAreaField(_l("不予通过的原因"))
    version = HiddenField()
