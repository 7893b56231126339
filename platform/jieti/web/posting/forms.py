"""A form a step, built from the field list. They hold raw values and check nothing: services/listing_validation does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import TextInput

from jieti.domain.dates import parse_date
from jieti.domain.regions import regions
from jieti.domain.typed import Unreadable
from jieti.services.listing_fields import FieldSpec, Reading, fields_of, raw_names
from jieti.web import words
from jieti.web.posting.labels import FIELD_LABELS, INDICATOR_LABELS, IP_LABELS


class Wanted:
    """Marks a field that must be filled before submitting (the others carry 选填). Checks nothing here."""

    field_flags = {"required": True}  # noqa: RUF012 (WTForms reads it)

    def __call__(self, form: Form, field: Any) -> None:
        """Nothing: the rule itself is the service's."""


class DayField(StringField):
    """`type=date`; text that is no date (2026年12月32日) is shown as typed, which a date input could not."""

    widget = TextInput()

    def __call__(self, **attributes: Any) -> Any:
        shown: str = getattr(self, "data", None) or ""
        try:
            self.data = parse_date(shown).isoformat() if shown else ""
            attributes.setdefault("type", "date")
            return super().__call__(**attributes)
        except Unreadable:
            attributes["type"] = "text"
            return super().__call__(**attributes)
        finally:
            self.data = shown


class TypedSelect(SelectField):
    """A select that keeps a value its list does not have (an imported code) instead of silently losing it."""

    def iter_choices(self) -> Any:
        known = False
        for choice in super().iter_choices():
            known = known or choice[2]
            yield choice
        if self.data and not known:
            yield (self.data, self.data, True, {})


def _pairs(table: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(code), label) for code, label in table.items()]


def _counties() -> list[tuple[str, str]]:
    return [(code, words.county_choice(code)) for code in regions()]


_BLANK = [("", _l("请选择"))]
CHOICES: dict[str, Any] = {
    "fields": lambda: _BLANK + _pairs(words.FIELDS),
    "industries": lambda: _BLANK + _pairs(words.INDUSTRIES),
    "activities": lambda: _BLANK + _pairs(words.ACTIVITIES),
    "modes": lambda: _pairs(words.MODES),
    "trl_scales": lambda: [("GB/T 22900", "GB/T 22900")],
}


def _levels() -> list[tuple[str, Any]]:
    return _BLANK + [(str(n), f"TRL {n} {word}") for n, word in words.TRL.items()]


class IndicatorForm(Form):
    name = StringField(INDICATOR_LABELS["name"])
    operator = SelectField(
        INDICATOR_LABELS["operator"], choices=lambda: _pairs(words.OPERATORS), validate_choice=False, default=">="
    )
    value = StringField(INDICATOR_LABELS["value"])
    value_to = StringField(INDICATOR_LABELS["value_to"])
    unit = StringField(INDICATOR_LABELS["unit"])
    condition = StringField(INDICATOR_LABELS["condition"])


class IpForm(Form):
    kind = SelectField(IP_LABELS["kind"], choices=lambda: _BLANK + _pairs(words.IP_KINDS), validate_choice=False)
    number = StringField(IP_LABELS["number"])
    status = SelectField(IP_LABELS["status"], choices=lambda: _BLANK + _pairs(words.IP_STATUSES), validate_choice=False)
    title = StringField(IP_LABELS["title"])


def _field(kind: str, spec: FieldSpec) -> Any:
    label = FIELD_LABELS[kind][spec.name]
    validators = [Wanted()] if spec.required else []
    match spec.reading:
        case Reading.TEXT:
            return TextAreaField(label, validators)
        case Reading.CHOICE:
            return TypedSelect(label, validators, choices=CHOICES[spec.vocabulary], validate_choice=False)
        case Reading.REGION:
            return TypedSelect(label, validators, choices=_counties, validate_choice=False)
        case Reading.LEVEL:
            return TypedSelect(label, validators, choices=_levels, validate_choice=False)
        case Reading.CHOICES:
            return SelectMultipleField(label, validators, choices=CHOICES[spec.vocabulary], validate_choice=False)
        case Reading.DATE:
            return DayField(label, validators)
        case Reading.FLAG:
            return BooleanField(label)
        case Reading.INDICATORS:
            return FieldList(FormField(IndicatorForm), label, min_entries=1)
        case Reading.IP_ROWS:
            return FieldList(FormField(IpForm), label, min_entries=1)
        case _:
            return StringField(label, validators)


@cache
def form_class(kind: str, step: str) -> type[Form]:
    """The form of one step. The last step has only the hidden fields."""
    members: dict[str, Any] = {"version": HiddenField(), "idempotency_key": HiddenField()}
    for spec in fields_of(kind, step):
        members[spec.name] = _field(kind, spec)
        if spec.companion:
            members[spec.companion] = BooleanField(FIELD_LABELS[kind][spec.companion])
    if step == "indicators":
        members["paste"] = TextAreaField(_l("贴一段话，拆成指标"))
    if step == "contact":
        members["attachment"] = FileField(_l("公开附件") if kind == "challenge" else _l("附件"))
        if kind == "challenge":
            members["sealed_attachment"] = FileField(_l("密封附件"))
    return type(f"{kind.title()}{step.title()}Form", (Form,), members)


def shown(kind: str, step: str, raw: Mapping[str, Any], version: int, *, spare_rows: int = 0) -> Form:
    """The step's form filled with raw values; `spare_rows` empty rows are added at the end of its row list."""
    form = form_class(kind, step)(data=dict(raw))
    form.version.data = str(version)
    form.idempotency_key.data = secrets.token_urlsafe(16)
    for field in form:
        if isinstance(field, FieldList):
            for _n in range(spare_rows):
                field.append_entry()
    return form


def sent(kind: str, step: str) -> tuple[dict[str, Any], int]:
    """What was sent for this step, as typed, and the version of the draft that the form was opened with."""
    form = form_class(kind, step)(request.form)
    values: dict[str, Any] = {}
    for spec in fields_of(kind, step):
        for name in raw_names(spec):
            data = form[name].data
            values[name] = "" if data is None else data
    version = str(form.version.data or "")
    return values, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def without_row(values: Mapping[str, Any], kind: str, step: str, position: str) -> dict[str, Any]:
    """The values with one row of the step's row list taken out."""
    kept = dict(values)
    for spec in fields_of(kind, step):
        rows = kept.get(spec.name)
        if spec.reading in (Reading.INDICATORS, Reading.IP_ROWS) and isinstance(rows, list) and position.isdigit():
            kept[spec.name] = [row for n, row in enumerate(rows) if n != int(position)]
    return kept
