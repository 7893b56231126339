"""The deals' forms. They show and keep what was typed; what holds is the services' to say (no WTForms validation runs)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from jieti.persistence.models import Contract, Deal, User
from jieti.services.contracts import TypedContract
from jieti.web import words
from jieti.web.filters import number


def _key() -> str:
    return secrets.token_urlsafe(16)


def choices_of(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class Sent(Form):
    """A form that is done once, however often it is sent."""

    idempotency_key = HiddenField(default=_key)


class OpenForm(Sent):
    match = HiddenField()
    proposal = HiddenField()
    title = StringField(_l("项目名称"), [InputRequired()])
    next_step = StringField(_l("下一步"), [InputRequired()])
    next_step_on = DateField(_l("下一步日期"), [InputRequired()])


class NextStepForm(Sent):
    version = HiddenField()
    next_step = StringField(_l("下一步"), [InputRequired()])
    next_step_on = DateField(_l("下一步日期"), [InputRequired()])


class NoteForm(Sent):
    text = TextAreaField(_l("写一条备注"), [InputRequired()])


class ParticipantForm(Sent):
    user = SelectField(_l("本项目双方的成员"), [InputRequired()], validate_choice=False)

    def offer(self, people: Sequence[User]) -> None:
        self.user.choices = choices_of(
            (person.ref, words.with_note(person.name, person.organisation.name) if person.organisation else person.name)
            for person in people
        )


class ContractFields(Sent):
    version = HiddenField()
    kind = SelectField(_l("合同类型"), [InputRequired()], validate_choice=False)
    name = StringField(_l("合同名称"), [InputRequired()])
    contract_value = StringField(_l("合同成交额（万元）"), [InputRequired()])
    tech_value = StringField(_l("技术交易额（万元）"), [InputRequired()])
    signed_on = DateField(_l("签订日期"), [InputRequired()])
    valid_from = DateField(_l("有效期从"), [Optional()])
    valid_until = DateField(_l("有效期到"), [Optional()])
    number = StringField(_l("合同编号"), [Optional()])
    reason = TextAreaField(_l("理由"), [Optional()])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices_of([("", _l("请选择")), *words.CONTRACT_TYPES.items()])


class MoveFormFields(ContractFields):
    """One form for all moves; a page shows the fields that its move needs."""

    verb = HiddenField()
    next_step = StringField(_l("下一步"), [InputRequired()])
    next_step_on = DateField(_l("下一步日期"), [InputRequired()])


def contract_values(contract: Contract, deal: Deal) -> dict[str, object]:
    """The contract record as the form shows it."""
    return {
        "version": deal.version,
        "kind": contract.kind,
        "name": contract.name,
        "number": contract.number,
        "contract_value": number(contract.contract_value),
        "tech_value": number(contract.tech_value),
        "signed_on": contract.signed_on,
        "valid_from": contract.valid_from,
        "valid_until": contract.valid_until,
    }


CONTRACT_FIELDS = ("kind", "name", "number", "contract_value", "tech_value", "signed_on", "valid_from", "valid_until")


def typed_contract(sent: dict[str, str]) -> TypedContract:
    return TypedContract(**{name: sent.get(name, "") for name in CONTRACT_FIELDS})
