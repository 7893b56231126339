"""THE page list: every page that a GET route of the application can show, who looks at it, and an example from the demo content.

A route is in PAGES or, by name and with a reason, in EXEMPT; tests/e2e/test_pages.py fails otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.refs import COUNTY, OWN, Refs

VISITOR = "visitor"
FIRM, SOLVER, OFFICER, BROKER = "enterprise", "researcher", "officer", "broker"

Where = str | Callable[[Refs], str]


@dataclass(frozen=True, slots=True)
class Page:
    """`script`: budget of script in kB gzipped. `status`: what the server answers with."""

    endpoint: str
    who: str
    where: Where
    name: str = ""
    script: int = 30
    status: int = 200

    @property
    def id(self) -> str:
        return "-".join(part for part in (self.endpoint, self.name, self.who) if part)

    def path(self, refs: Refs) -> str:
        return self.where if isinstance(self.where, str) else self.where(refs)


MINE = f"created_by_id = ({OWN.format('enterprise')})"
MINE_OUT = f"status = 'published' AND {MINE}"
MY_DRAFT = f"status = 'draft' AND {MINE}"
MY_RESULT = f"status IN ('listed', 'negotiating') AND created_by_id = ({OWN.format('researcher')})"
MY_RESULT_DRAFT = f"status = 'draft' AND created_by_id = ({OWN.format('researcher')})"
MY_MATCH = f"c.status = 'published' AND c.created_by_id = ({OWN.format('enterprise')}) AND m.result_id IS NOT NULL"
FREE_MATCH = (
    f"c.status = 'published' AND c.{COUNTY} AND m.result_id IS NOT NULL AND d.id IS NULL AND r.status = 'listed'"
)
SOLVERS_MATCH = f"c.status = 'published' AND m.open_level >= 2 AND r.created_by_id = ({OWN.format('researcher')})"
INVITABLE = "listed AND user_id IS NOT NULL"
LED = f"broker_id = ({OWN.format('broker')})"
FORMS, FIGURES = 50, 260


def _organisation(where: str) -> Callable[[Refs], str]:
    return lambda refs: "/organisations/" + refs.one(f"SELECT ref FROM organisation WHERE {where} ORDER BY id")


def _expert(where: str) -> Callable[[Refs], str]:
    return lambda refs: "/experts/" + refs.one(f"SELECT ref FROM expert WHERE {where} ORDER BY id")


def _then(where: Callable[[Refs], str], more: str) -> Callable[[Refs], str]:
    return lambda refs: where(refs) + more


def _challenge(where: str, more: str = "") -> Callable[[Refs], str]:
    return lambda refs: refs.challenge(where) + more


def _result(where: str, more: str = "") -> Callable[[Refs], str]:
    return lambda refs: refs.result(where) + more


def _deal(where: str, more: str = "") -> Callable[[Refs], str]:
    return lambda refs: refs.deal(where) + more


def _match(where: str, more: str = "") -> Callable[[Refs], str]:
    return lambda refs: refs.match(where) + more


def _proposal(where: str, more: str = "") -> Callable[[Refs], str]:
    statement = f"SELECT p.ref FROM proposal p JOIN challenge c ON c.id = p.challenge_id WHERE {where} ORDER BY p.id"
    return lambda refs: f"/proposals/{refs.one(statement)}{more}"


_WITH_PROPOSALS = (
    "id IN (SELECT challenge_id FROM proposal WHERE status NOT IN ('draft', 'withdrawn')) AND organisation_id = "
    "(SELECT organisation_id FROM user_account WHERE email = 'demo.enterprise@example.com')"
)
_OWN_ORGANISATION = "id = (SELECT organisation_id FROM user_account WHERE email = 'demo.{}@example.com')"
_MY_PROPOSAL = f"p.author_id = ({OWN.format('researcher')})"
_TO_ME = "c." + _OWN_ORGANISATION.format("enterprise").replace("id =", "organisation_id =", 1)

PAGES: tuple[Page, ...] = (
    # Anyone
    Page("home.index", VISITOR, "/"),
    Page("search.index", VISITOR, "/search?q=%E5%B0%BC%E9%BE%99"),
    Page("search.index", VISITOR, "/search?q=%E9%9B%B6%E4%BB%B6xqzw", "nothing"),
    Page("challenges.index", VISITOR, "/challenges"),
    Page("challenges.index", VISITOR, "/challenges?q=%E5%B0%BC%E9%BE%99&field=new_materials", "filtered"),
    Page("challenges.index", VISITOR, "/challenges?q=zzqqxx&field=aerospace", "nothing"),
    Page("challenges.show", VISITOR, _challenge(MINE_OUT)),
    Page("results.index", VISITOR, "/results"),
    Page("results.show", VISITOR, _result(MY_RESULT)),
    Page("experts.index", VISITOR, "/experts"),
    Page("experts.show", VISITOR, _expert("listed")),
    Page("organisations.show", VISITOR, _organisation(_OWN_ORGANISATION.format("enterprise"))),
    Page("help.index", VISITOR, "/help"),
    Page("help.topic", VISITOR, "/help/enterprise", "enterprise"),
    Page("help.topic", VISITOR, "/help/figures", "figures"),
    Page("help.matching", VISITOR, "/help/matching"),
    Page("help.accessibility", VISITOR, "/accessibility"),
    Page("match_quality.index", VISITOR, "/match-quality"),
    Page("security.login", VISITOR, "/sign-in?next=/today"),
    Page("security.register", VISITOR, "/registrations/new"),
    Page("security.forgot_password", VISITOR, "/password-resets/new"),
    Page("security.send_confirmation", VISITOR, "/confirmations"),
    Page("challenges.show", VISITOR, "/challenges/zzzzzzzzzz", "not-there", status=404),
    # All signed in
    Page("today.index", FIRM, "/today"),
    Page("today.index", SOLVER, "/today"),
    Page("today.index", OFFICER, "/today"),
    Page("today.index", BROKER, "/today"),
    Page("notifications.index", FIRM, "/notifications"),
    Page("account.show", FIRM, "/account"),
    Page("account.security", FIRM, "/account/security"),
    Page("account.display", FIRM, "/account/display"),
    Page("account.organisation", FIRM, "/account/organisation"),
    Page("security.change_password", FIRM, "/account/password"),
    Page("security.two_factor_setup", FIRM, "/account/two-factor"),
    Page("security.verify", FIRM, "/account/verification"),
    Page("organisations.new", FIRM, "/organisations/new?kind=enterprise", script=FORMS),
    Page(
        "organisations.edit", FIRM, _then(_organisation(_OWN_ORGANISATION.format("enterprise")), "/edit"), script=FORMS
    ),
    Page("organisations.members", FIRM, _then(_organisation(_OWN_ORGANISATION.format("enterprise")), "/members")),
    # Enterprise
    Page("challenges.index", FIRM, "/challenges?scope=mine", "mine"),
    Page("challenges.new", FIRM, "/challenges/new"),
    *(
        Page("challenges.edit", FIRM, _challenge(MY_DRAFT, f"/edit/{step}"), step, script=FORMS)
        for step in ("problem", "indicators", "terms", "sealed", "contact", "check")
    ),
    Page("challenges.show", FIRM, _challenge(MINE_OUT), "own"),
    Page("challenges.show", FIRM, _challenge(MINE_OUT, "?view=print"), "print"),
    Page("challenges.version", FIRM, _challenge(MINE_OUT, "/versions/1")),
    Page("challenges.before_move", FIRM, _challenge(MINE_OUT, "/move?verb=withdraw")),
    Page("challenges.matches", FIRM, _challenge(MINE_OUT, "/matches")),
    Page("challenges.matches", FIRM, _challenge(MINE_OUT, "/matches?offers=experts"), "experts"),
    Page("matches.show", FIRM, _match(MY_MATCH)),
    Page("matches.show", FIRM, _match(MY_MATCH, "?view=print"), "print"),
    Page("challenges.matches", FIRM, _challenge(MINE_OUT, "/matches?policy=off"), "without-policy"),
    Page("experts.show", FIRM, _expert(INVITABLE), "to-invite"),
    Page("experts.invite", FIRM, _then(_expert(INVITABLE), "/invitations/new")),
    Page("challenges.proposals", FIRM, _challenge(_WITH_PROPOSALS, "/proposals")),
    Page("proposals.show", FIRM, _proposal(f"p.status NOT IN ('draft', 'withdrawn') AND {_TO_ME}")),
    # Researcher
    Page("results.index", SOLVER, "/results?scope=mine", "mine"),
    Page("results.new", SOLVER, "/results/new"),
    *(
        Page("results.edit", SOLVER, _result(MY_RESULT_DRAFT, f"/edit/{step}"), step, script=FORMS)
        for step in ("basics", "indicators", "maturity", "ip", "contact", "check")
    ),
    Page("results.show", SOLVER, _result(MY_RESULT), "own"),
    Page("results.version", SOLVER, _result(MY_RESULT, "/versions/1")),
    Page("results.before_move", SOLVER, _result("status = 'listed' AND " + MY_RESULT, "/move?verb=delist")),
    Page("results.matches", SOLVER, _result(MY_RESULT, "/matches")),
    Page("challenges.show", SOLVER, _challenge(MINE_OUT)),
    Page("matches.show", SOLVER, _match(SOLVERS_MATCH)),
    Page("proposals.index", SOLVER, "/proposals?scope=mine"),
    Page("proposals.new", SOLVER, _challenge("status = 'published' AND title LIKE '%双折射%'", "/proposals/new")),
    Page("proposals.show", SOLVER, _proposal(f"p.status <> 'draft' AND {_MY_PROPOSAL}")),
    *(
        Page(
            "proposals.edit",
            SOLVER,
            _proposal(f"p.status = 'draft' AND {_MY_PROPOSAL}", f"/edit/{step}"),
            step,
            script=FORMS,
        )
        for step in ("indicators", "plan", "terms", "check")
    ),
    Page("proposals.decide", SOLVER, _proposal(f"p.status = 'submitted' AND {_MY_PROPOSAL}", "/decide?verb=withdraw")),
    Page("experts.edit", SOLVER, _then(_expert(f"user_id = ({OWN.format('researcher')})"), "/edit"), script=FORMS),
    Page("experts.show", SOLVER, _expert(f"user_id = ({OWN.format('researcher')})"), "own"),
    Page("experts.matches", SOLVER, _then(_expert(f"user_id = ({OWN.format('researcher')})"), "/matches")),
    # Officer
    Page("reviews.index", OFFICER, "/reviews"),
    Page(
        "reviews.show",
        OFFICER,
        lambda refs: (
            "/reviews/challenge/" + refs.one(f"SELECT ref FROM challenge WHERE status = 'submitted' AND {COUNTY}")
        ),
        script=FORMS,
    ),
    Page("organisations.index", OFFICER, "/organisations?scope=county"),
    Page(
        "organisations.verify", OFFICER, _then(_organisation(f"verification = 'pending' AND {COUNTY}"), "/verification")
    ),
    Page("figures.index", OFFICER, "/figures", script=FIGURES),
    Page("figures.rows", OFFICER, "/figures/rows?stage=published"),
    Page("proposals.index", OFFICER, "/proposals?scope=county", "county"),
    Page("imports.index", OFFICER, "/imports", script=FORMS),
    Page("imports.show", OFFICER, lambda refs: "/imports/" + refs.one("SELECT ref FROM import_run ORDER BY id")),
    Page("deals.index", OFFICER, "/deals"),
    Page("challenges.show", OFFICER, _challenge(MINE_OUT)),
    # Broker
    Page("matches.index", BROKER, "/matches"),
    Page("matches.index", BROKER, "/matches?offers=experts", "experts"),
    Page("deals.index", BROKER, "/deals"),
    Page("deals.board", BROKER, "/deals/board"),
    Page(
        "deals.new", BROKER, lambda refs: refs.match(FREE_MATCH).replace("/matches/", "/deals/new?match="), script=FORMS
    ),
    Page("deals.show", BROKER, _deal(f"stage = 'nda_signed' AND {LED}"), script=FORMS),
    Page("deals.show", BROKER, _deal("stage IN ('performing', 'registered', 'contract_signed', 'settled')"), "signed"),
    Page("deals.show", BROKER, _deal(f"stage = 'nda_signed' AND {LED}", "?view=print"), "print"),
    Page("deals.move", BROKER, _deal(f"stage = 'nda_signed' AND {LED}", "/move?verb=sign_contract"), script=FORMS),
    Page("deals.contract", BROKER, _deal(f"id IN (SELECT deal_id FROM contract) AND {LED}", "/contract"), script=FORMS),
)

EXEMPT: dict[str, str] = {
    "static": "files",
    "health.healthz": "JSON for machines",
    "search.suggestions": "a fragment of the search box, looked at on the style guide",
    "attachments.show": "a download; in the story",
    "figures.export": "a download; in the story",
    "challenges.export": "a download: tests/integration/test_list_export.py",
    "results.export": "a download: tests/integration/test_list_export.py",
    "experts.export": "a download: tests/integration/test_list_export.py",
    "match_quality.export": "a download: tests/integration/test_match_quality.py",
    "imports.marked": "a download: tests/integration/test_imports.py",
    "experts.new": "the form of experts.edit, empty; leads there for whoever has a page",
    "kept.show": "needs a session that ran out: looked at in test_bad_input.py",
    "notifications.show": "marks it read and leads on; in the story",
    "account.start": "leads on to today's work",
    "challenges.conflict": "needs two people's typing: looked at in test_bad_input.py",
    "results.conflict": "the same page as challenges.conflict",
    "organisations.invitation": "needs a letter's token: tests/integration/accounts",
    "security.confirm_email": "a letter's link, leads on to signing in",
    "security.reset_password": "needs a letter's token; the same fields as security.change_password",
    "security.two_factor_token_validation": "needs a half-finished sign-in: tests/integration/accounts",
    "security.mf_recovery": "needs a half-finished sign-in: tests/integration/accounts",
    "security.mf_recovery_codes": "asks for the password first (security.verify): tests/integration/accounts",
    "security.tf_select": "not used, answers 404",
    "security.two_factor_rescue": "not used, answers 404",
}
