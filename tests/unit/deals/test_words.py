"""Everything that the brokering pages may have to say has words: kinds of notification, verbs, stages, problems, refusals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_babel import Babel

import jieti.services
from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT
from jieti.services import today_county, today_deals, today_sides
from jieti.services.challenges import Challenges
from jieti.services.deals_lists import COLUMNS
from jieti.services.proposals_decisions import _TOLD_AUTHOR as TOLD_AUTHOR
from jieti.services.results import Results
from jieti.services.today_deals import SIDES_TURN
from jieti.web.deals import words as deal_words
from jieti.web.deals.presenter import ROAD
from jieti.web.deals.problems import REQUIRED
from jieti.web.notification_words import SENTENCES, sentence
from jieti.web.problems import PROBLEMS
from jieti.web.proposals import words as proposal_words
from jieti.web.today import EDITING, LISTS, PLACES, VERBS

SERVICES = Path(jieti.services.__file__).parent
NOTIFYING = {"notify": 1, "_tell_owners": 1, "_tell": 1}
"""Functions that send a notification, with the position of its kind (`_tell`: the deals' own)."""


def _strings(node: ast.expr, scope: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The constant strings an expression may be; f-strings with a verb are listed in VERB_KINDS."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body, scope)
        yield from _strings(node.orelse, scope)
    elif isinstance(node, ast.Name):
        for value in scope.get(node.id, []):
            yield from _strings(value, scope)


def _kinds_in(path: Path) -> tuple[set[str], list[str]]:
    """Kinds that a module sends, and the calls whose kind is no constant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scope: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            scope.setdefault(node.targets[0].id, []).append(node.value)
    kinds: set[str] = set()
    unclear: list[str] = []
    for node in ast.walk(tree):
        name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if not isinstance(node, ast.Call) or name not in NOTIFYING or len(node.args) <= NOTIFYING[name]:
            continue
        if name == "_tell" and not path.name.startswith("deals"):
            continue
        found = set(_strings(node.args[NOTIFYING[name]], scope))
        kinds |= found
        if not found:
            unclear.append(f"{path.name}: {ast.unparse(node.args[NOTIFYING[name]])}")
    return kinds, unclear


def test_every_kind_that_is_sent_has_its_sentence() -> None:
    kinds: set[str] = set()
    unclear: list[str] = []
    for path in sorted(SERVICES.rglob("*.py")):
        found, more = _kinds_in(path)
        kinds |= found
        unclear += more
    kinds |= set(TOLD_AUTHOR.values())
    kinds |= {f"challenge_{verb}" for verb in (*Challenges.owner_verbs, "extend")}
    kinds |= {f"result_{verb}" for verb in Results.owner_verbs}
    kinds |= {"invited", "invited_matched"}
    assert len(kinds) > 25
    assert kinds - set(SENTENCES) == set()
    # Kinds made of a verb, or handed on by a helper, are those of the lines above: a new such call must be looked at.
    known = {
        "challenges.py: f'challenge_{verb}'",
        "results.py: f'result_{verb}'",
        "proposals_decisions.py: _TOLD_AUTHOR[verb]",
        "listings.py: notice",
        "deals.py: kind",
        "deals_moves.py: kind",
        "solver_invitations.py: kind",
    }
    assert set(unclear) <= known, set(unclear) - known


def test_a_sentence_never_fails_and_shows_no_identifier() -> None:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context("/"):
        for kind in SENTENCES:
            assert "%(" not in sentence(kind, {})
        assert "已签合同" in sentence("deal_moved", {"who": "许晴", "title": "甲", "stage": "contract_signed"})
        assert "强" in sentence("match_for_you", {"title": "甲", "level": 4})
        assert sentence("from_another_version", {"title": "甲"})
        assert "100%" in sentence("deal_note", {"who": "a", "title": "100%"})


def test_deals_have_words_for_all_they_do() -> None:
    verbs = {t.verb for t in DEAL.transitions}
    assert set(deal_words.VERBS) == verbs == set(deal_words.HINTS)
    assert {f"deal.{verb}" for verb in verbs} <= set(deal_words.EVENTS)
    assert set(deal_words.FORWARD) <= verbs and set(ROAD) <= set(DEAL.statuses)
    shown = [stage for _name, stages in COLUMNS for stage in stages]
    assert sorted(shown) == sorted(DEAL.statuses), "each stage stands in one column"
    assert [name for name, _stages in COLUMNS] == list(deal_words.COLUMNS)


def test_proposals_have_words_for_all_they_do() -> None:
    verbs = {t.verb for t in PROPOSAL.transitions}
    assert verbs - {"submit"} == set(proposal_words.VERBS) == set(proposal_words.DONE)
    assert {f"proposal.{verb}" for verb in verbs} <= set(proposal_words.EVENTS)
    needing = {t.verb for t in PROPOSAL.transitions if t.reason_required}
    assert needing == set(proposal_words.REASONS) and needing <= set(proposal_words.LEADS)


def test_every_problem_and_refusal_of_these_services_has_words() -> None:
    for path in SERVICES.glob("*.py"):
        if not re.match(r"(deals|contracts|proposals|notifications|today)", path.name):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if node.func.id == "Problem" and len(texts) == 2:
                assert texts[1] in PROBLEMS or texts[0] in REQUIRED, (path.name, texts)
            if node.func.id in {"MoveNotAllowed", "AlreadyOpen"} and texts:
                assert texts[0] in {**deal_words.REFUSALS, **proposal_words.REFUSALS}, (path.name, texts)


def test_today_has_words_and_places_for_every_row() -> None:
    verbs, kinds, lists = set(SIDES_TURN.values()), set(), set()
    for module in (today_sides, today_county, today_deals):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "Row":
                verbs |= {
                    n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant) and "_" in str(n.value)
                }
                kinds |= set(_strings(node.args[1], {}))
            if isinstance(node.func, ast.Attribute) and node.func.attr == "take":
                lists |= set(_strings(node.args[1], {}))
    assert verbs - set(VERBS) == set() and kinds - set(PLACES) == set() and lists - set(LISTS) == set()
    assert set(EDITING) <= set(VERBS)
    assert {t.target for t in (*CHALLENGE.transitions, *RESULT.transitions)} >= {"needs_fix", "submitted"}
