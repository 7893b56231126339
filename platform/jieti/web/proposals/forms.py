"""The proposal's forms: they show and keep what was typed; what holds is the service's to say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from jieti.services.proposals_reading import ANSWER_PARTS
from jieti.web.deals.forms import choices_of

MEETS: dict[str, Any] = {"met": _l("达到"), "partly": _l("部分达到"), "no": _l("不能")}
MOST_ROWS = 40


def _key() -> str:
    return secrets.token_urlsafe(16)


class AnswerForm(Form):
    meets = RadioField(_l("能否达到"), [InputRequired()], validate_choice=False)
    value = StringField(_l("能做到的值"), [Optional()])
    evidence = TextAreaField(_l("依据"), [Optional()])
    when = StringField(_l("什么时候"), [Optional()])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.meets.choices = choices_of(MEETS.items())


class StepForm(Form):
    version = HiddenField()
    idempotency_key = HiddenField(default=_key)


class IndicatorsForm(StepForm):
    answers = FieldList(FormField(AnswerForm), label=_l("指标"))


class PlanForm(StepForm):
    summary = TextAreaField(_l("方案概述"), [InputRequired()])
    result = SelectField(_l("所用成果"), [Optional()], validate_choice=False)


class TermsForm(StepForm):
    team = TextAreaField(_l("团队"), [InputRequired()])
    price = StringField(_l("报价（万元）"), [InputRequired()])
    negotiable = BooleanField(_l("面议"))
    schedule = TextAreaField(_l("进度安排"), [InputRequired()])
    ip_terms = TextAreaField(_l("知识产权归属"), [Optional()])


class CheckForm(StepForm):
    pass


class DecisionForm(Form):
    version = HiddenField()
    verb = HiddenField()
    idempotency_key = HiddenField(default=_key)
    choice = RadioField(_l("原因"), [InputRequired()], validate_choice=False)
    reason = TextAreaField(_l("补充说明"), [Optional()])


FORMS: dict[str, type[Form]] = {
    "indicators": IndicatorsForm,
    "plan": PlanForm,
    "terms": TermsForm,
    "check": CheckForm,
}


def typed_of(step: str, sent: Mapping[str, str], rows: int) -> dict[str, Any]:
    """A step's raw values out of a sent form. `rows`: how many indicators the challenge has."""
    if step == "indicators":
        parts = ("meets", *(part for part, _limit in ANSWER_PARTS))
        return {
            "answers": [
                {part: sent.get(f"answers-{row}-{part}", "") for part in parts} for row in range(min(rows, MOST_ROWS))
            ]
        }
    if step == "plan":
        return {"summary": sent.get("summary", ""), "result": sent.get("result", "")}
    if step == "terms":
        texts = {name: sent.get(name, "") for name in ("team", "price", "schedule", "ip_terms")}
        return {**texts, "negotiable": "negotiable" in sent}
    return {}


def form_of(step: str, typed: Mapping[str, Any], rows: int, version: int, results: Sequence[tuple[str, str]]) -> Form:
    """The step's form showing what was typed, with as many answer rows as there are indicators."""
    data = dict(typed)
    answers = list(data.get("answers") or [])
    data["answers"] = [answers[n] if n < len(answers) else {} for n in range(min(rows, MOST_ROWS))]
    data["version"] = version
    form = FORMS[step](data=data)
    if step == "plan":
        form.result.choices = choices_of([("", _l("不指定")), *results])
    return form
