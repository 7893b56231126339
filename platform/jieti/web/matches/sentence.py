"""A match in one sentence for a manager: the matcher's own in Chinese; in English the same facts, worded here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from jieti.web import words
from jieti.web.filters import quantity
from jieti.web.locale import short_locale

MOST_NAMED = 3
"""Of each outcome, as in the matcher's sentence."""


def match_sentence(explanation: Mapping[str, Any]) -> str:
    """`explanation`: dict form of matcher.types.Explanation. Indicators and shared terms stay as the texts have them."""
    if short_locale() == "zh":
        return str(explanation["sentence"])
    shared = dict.fromkeys(term for reason in explanation["evidence"] for term in reason["terms"][:2])
    parts = [_("双方都涉及：%(terms)s。", terms=_some(list(shared))) if shared else _("文字上没有找到共同的技术要点。")]
    by: dict[str, list[str]] = {"met": [], "short": [], "not_stated": []}
    for verdict in explanation["verdicts"]:
        by[verdict["verdict"]].append(_named(verdict))
    if by["met"]:
        parts.append(_("满足：%(names)s。", names=_some(by["met"])))
    if by["short"]:
        parts.append(_("还差：%(names)s。", names=_some(by["short"])))
    if by["not_stated"]:
        parts.append(_("没有说明：%(names)s。", names=_some(by["not_stated"])))
    return " ".join(map(str, parts))


def _named(verdict: Mapping[str, Any]) -> str:
    asked = verdict["asked"]
    if verdict["verdict"] == "short" and verdict["shortfall"] is not None:
        lacking = quantity({"operator": "=", "value": float(f"{verdict['shortfall']:.4g}"), "unit": asked["unit"]})
        return words.with_note(asked["name"], lacking)
    return str(asked["name"])


def _some(names: Sequence[str]) -> str:
    some = words.listed(names[:MOST_NAMED])
    return str(_("%(names)s等%(n)s项", names=some, n=len(names))) if len(names) > MOST_NAMED else some
