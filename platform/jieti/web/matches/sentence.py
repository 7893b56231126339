"""A match in one sentence for a manager: the matcher's own in Chinese; in English the same facts, worded here."""

from __future__ import annotations

from collections import Counter
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
    named = words.listed(list(shared)[:MOST_NAMED])
    if shared:
        parts = [_("双方都涉及：%(terms)s。", terms=named)]
    elif explanation["evidence"]:
        parts = [_("没有相同的技术词，列出意思最接近的两处。")]
    else:
        parts = [_("文字上没有找到共同的技术要点。")]
    by: dict[str, list[str]] = {"met": [], "short": [], "not_stated": []}
    names = Counter(verdict["asked"]["name"] for verdict in explanation["verdicts"])
    for verdict in explanation["verdicts"]:
        by[verdict["verdict"]].append(_named(verdict, alone=names[verdict["asked"]["name"]] == 1))
    if by["met"]:
        parts.append(_("满足：%(names)s。", names=_some(by["met"])))
    if by["short"]:
        parts.append(_("还差：%(names)s。", names=_some(by["short"])))
    if by["not_stated"]:
        parts.append(_("没有说明：%(names)s。", names=_some(by["not_stated"])))
    return " ".join(map(str, parts))


def _named(verdict: Mapping[str, Any], *, alone: bool) -> str:
    """The indicator, what it lacks, and its condition where another one has the same name."""
    asked = verdict["asked"]
    notes = [] if alone or not asked["condition"] else [asked["condition"]]
    if verdict["verdict"] == "short" and verdict["shortfall"] is not None:
        lacking = float(f"{verdict['shortfall']:.4g}")
        notes.append(quantity({"operator": "=", "value": lacking, "unit": asked["unit"]}))
    return words.with_note(asked["name"], words.listed(notes)) if notes else str(asked["name"])


def _some(names: Sequence[str]) -> str:
    some = words.listed(names[:MOST_NAMED])
    return str(_("%(names)s等%(n)s项", names=some, n=len(names))) if len(names) > MOST_NAMED else some
