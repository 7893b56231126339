"""The form of an expert's own page."""

from __future__ import annotations

import re
import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from jieti.persistence.models import Expert
from jieti.services.experts import ExpertValues
from jieti.web import words


class InviteForm(FlaskForm):
    """Which of the firm's own challenges; the service knows which those are."""

    challenge = RadioField(_l("请这位专家解哪道题"), validate_choice=False)
    note = TextAreaField(_l("想说的话"))


class ExpertForm(FlaskForm):
    """Lengths are the service's to judge: too much is told, never cut."""

    version = HiddenField()
    idempotency_key = HiddenField(default=lambda: secrets.token_urlsafe(16))
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。"))])
    title = StringField(_l("职称"))
    directions = TextAreaField(_l("研究方向"))
    provides = TextAreaField(_l("可以提供"))
    keywords = StringField(_l("关键词"))
    fields = SelectMultipleField(
        _l("领域"), choices=[SelectChoice(code, label) for code, label in words.FIELDS.items()]
    )
    projects = TextAreaField(_l("做过的项目"))
    bio = TextAreaField(_l("简介"))
    listed = BooleanField(_l("公开我的专家页"))

    def values(self) -> ExpertValues:
        return ExpertValues(
            name=self.name.data or "",
            title=self.title.data or "",
            directions=self.directions.data or "",
            provides=self.provides.data or "",
            bio=self.bio.data or "",
            fields=self.fields.data or (),
            keywords=[k for k in re.split(r"[、，,；;\s]+", self.keywords.data or "") if k],
            projects=[line for line in (self.projects.data or "").splitlines() if line.strip()],
            listed=bool(self.listed.data),
        )

    def fill(self, expert: Expert) -> None:
        for name in ("name", "title", "directions", "provides", "bio", "fields", "listed"):
            self[name].data = getattr(expert, name)
        self.version.data = str(expert.version)
        self.keywords.data = "、".join(expert.keywords)
        self.projects.data = "\n".join(expert.projects)
