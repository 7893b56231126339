"""From a MatchView to what the match templates take."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from jieti.domain.identity import Identity
from jieti.persistence.models import Challenge, Result
from jieti.services.matches import MatchView
from jieti.web import words
from jieti.web.filters import ago
from jieti.web.matches.sentence import match_sentence

CONTRIBUTIONS: dict[str, Any] = words.CONTRIBUTIONS


POLICY = "policy."
"""What the names of the policy weights' contributions begin with."""


def card(view: MatchView) -> dict[str, Any]:
    """`m` of the macro match_card."""
    told = view.explanation
    verdict = view.my_verdict
    return {
        "ref": view.match.ref,
        "url": url_for("matches.show", ref=view.match.ref),
        "level": view.level,
        "sentence": match_sentence(told),
        "evidence": told["evidence"],
        "verdicts": told["verdicts"],
        "missing": told["missing"],
        "why": why(view),
        "policy_moved": any(c["name"].startswith(POLICY) for c in told["contributions"]),
        "my_verdict": None if verdict is None else "fits" if verdict.fits else "does_not_fit",
    }


def why(view: MatchView) -> list[tuple[str, str]]:
    """为什么排在这里: score, each share in it, and the versions that made it. Policy weights are called so."""
    pairs = [(_("得分"), f"{view.score:.2f}")]
    pairs += [
        _share(c["name"], c["value"], view.with_policy)
        for c in view.explanation["contributions"]
        if abs(c["value"]) >= 0.005
    ]
    pairs.append((_("所用版本"), view.match.matcher_version))
    pairs.append((_("需求第几版、对方第几版"), words.listed((view.match.challenge_version, view.match.offer_version))))
    return pairs


def _share(name: str, value: float, with_policy: bool) -> tuple[str, str]:
    word, amount = str(CONTRIBUTIONS.get(name, name)), f"{value:+.2f}"
    if not name.startswith(POLICY):
        return word, amount
    return str(_("政策权重：%(name)s", name=word)), amount if with_policy else str(_("%(value)s，未计入", value=amount))


def offer_side(view: MatchView) -> dict[str, Any]:
    """`other` of match_card where the reader has the challenge before them."""
    offer = view.offer
    organisation = offer.organisation.name if offer.organisation else ""
    if isinstance(offer, Result):
        meta = [
            f"TRL {offer.trl}" if offer.trl else "",
            words.listed(words.MODES[m] for m in offer.modes),
            _("%(when)s更新", when=ago(offer.updated_at)),
        ]
        return {
            "url": url_for("results.show", ref=offer.ref),
            "title": offer.title,
            "organisation_name": organisation,
            "meta": meta,
        }
    name = f"{offer.name} {offer.title}".strip()
    return {
        "url": url_for("experts.show", ref=offer.ref),
        "title": name,
        "organisation_name": organisation,
        "meta": [words.county(offer.region_code)],
    }


def challenge_side(view: MatchView, identity: Identity) -> dict[str, Any]:
    """`other` of match_card where the reader has a result before them."""
    challenge = view.challenge
    return {
        "url": url_for("challenges.show", ref=challenge.ref),
        "title": challenge.title,
        "organisation_name": firm_name(challenge, identity, view.sees_sealed),
        "meta": [words.county(challenge.region_code), str(words.FIELDS.get(challenge.field, ""))],
    }


def firm_name(challenge: Challenge, identity: Identity, known: bool) -> str | None:
    """None (shown as 匿名企业) where the firm asked not to be named and the reader is not of its sealed audience."""
    if challenge.anonymous and not known and identity.organisation_id != challenge.organisation_id:
        return None
    return challenge.organisation.name
