"""The upload form of 导入."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired


class ImportForm(FlaskForm):
    kind = RadioField(
        _l("导入什么"),
        choices=[SelectChoice("challenge", _l("技术需求")), SelectChoice("result", _l("科技成果"))],
        default="challenge",
        validators=[DataRequired()],
    )
    organisation = SelectField(_l("归属单位"), validators=[DataRequired()])
    publish = BooleanField(_l("导入后直接发布"))
    file = FileField(_l("表格文件"), validators=[DataRequired()])
    idempotency_key = HiddenField(default=lambda: secrets.token_urlsafe(16))
