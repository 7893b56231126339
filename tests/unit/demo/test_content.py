"""The demo content is data that a loader trusts: its shape, its references and its truthfulness to the field's rules."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jieti
from jieti.domain import uscc
from jieti.domain import vocabulary as words
from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT
from jieti.domain.lifecycles.deal import ENDED, SIGNED
from jieti.domain.regions import regions

CONTENT = Path(jieti.__file__).parent / "demo" / "content"
REAL_TEXTS = Path(__file__).resolve().parents[4] / "shared" / "data"
DEQING = "330521"
INDUSTRY = re.compile(r"[A-T]\d{2}")
PATENT = re.compile(r"(ZL\d{4} [123] 000\d{4}\.X|CN\d{4}[123]000\d{4}\.X)")

Row = dict[str, Any]
CONTENT_FILES = "organisations people experts challenges results deals proposals expected_matches".split()


def load(name: str) -> list[Row]:
    return [json.loads(line) for line in (CONTENT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    return {name: load(name) for name in CONTENT_FILES}


@pytest.fixture(scope="module")
def by_key(rows: dict[str, list[Row]]) -> dict[str, dict[str, Row]]:
    return {name: {row["key"]: row for row in rows[name]} for name in rows if name != "expected_matches"}


FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "organisations": dict.fromkeys(
        "key kind name uscc region address phone contact_name intro verification".split(), str
    )
    | {"tags": list, "served_regions": list},
    "people": dict.fromkeys("key email name organisation role title phone".split(), str),
    "experts": dict.fromkeys("key name organisation title directions provides bio region".split(), str)
    | {"person": (str, type(None)), "fields": list, "keywords": list, "projects": list},
    "challenges": dict.fromkeys(
        "key organisation created_by title main_problem tech_requirements expected_goal sealed field industry region "
        "activity_type ip_terms solver_conditions intended_partner contact_name contact_phone status".split(),
        str,
    )
    | {
        "indicators": list,
        "sealed_indicators": list,
        "keywords": list,
        "modes": list,
        "trl_min": (int, type(None)),
        "budget_wan": (int, float, type(None)),
        "deadline_in_days": int,
        "anonymous": bool,
        "published_days_ago": (int, type(None)),
    },
    "results": dict.fromkeys(
        "key organisation created_by expert title summary body advantages market field industry region awards "
        "status".split(),
        str,
    )
    | {
        "indicators": list,
        "keywords": list,
        "modes": list,
        "trl": int,
        "price_wan": (int, float, type(None)),
        "ip": list,
        "completed_in_days": int,
        "published_days_ago": (int, type(None)),
    },
    "deals": dict.fromkeys("key challenge result broker stage".split(), str)
    | {
        "proposal": (str, type(None)),
        "opened_days_ago": int,
        "path": list,
        "notes": list,
        "next_step": (dict, type(None)),
        "contract": (dict, type(None)),
    },
    "proposals": dict.fromkeys(
        "key challenge author status summary team schedule ip_terms decision_reason".split(), str
    )
    | {
        "result": (str, type(None)),
        "answers": list,
        "price_wan": (int, float, type(None)),
        "submitted_days_ago": (int, type(None)),
    },
    "expected_matches": {"challenge": str, "good": list, "near": list},
}


@pytest.mark.parametrize("name", CONTENT_FILES)
def test_every_line_has_exactly_the_fields_of_its_file(rows: dict[str, list[Row]], name: str) -> None:
    for row in rows[name]:
        assert set(row) == set(FIELDS[name]), row.get("key")
        for field, kind in FIELDS[name].items():
            assert isinstance(row[field], kind), (row.get("key"), field)


def test_counts_are_enough_for_every_page(rows: dict[str, list[Row]]) -> None:
    kinds = Counter(row["kind"] for row in rows["organisations"])
    assert kinds["enterprise"] >= 30
    assert kinds["university"] >= 8
    assert kinds["tech_bureau"] >= 6
    assert kinds["broker_agency"] >= 3
    least = {"experts": 30, "challenges": 44, "results": 84, "deals": 14, "proposals": 10}
    assert {name: len(rows[name]) >= count for name, count in least.items()} == dict.fromkeys(least, True)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("organisations", "key"),
        ("organisations", "name"),
        ("organisations", "uscc"),
        ("people", "key"),
        ("people", "email"),
        ("people", "name"),
        ("experts", "key"),
        ("experts", "name"),
        ("challenges", "key"),
        ("challenges", "title"),
        ("challenges", "main_problem"),
        ("results", "key"),
        ("results", "title"),
        ("results", "body"),
        ("deals", "key"),
        ("proposals", "key"),
        ("proposals", "summary"),
        ("expected_matches", "challenge"),
    ],
)
def test_unique(rows: dict[str, list[Row]], name: str, field: str) -> None:
    counts = Counter(row[field] for row in rows[name])
    assert [value for value, n in counts.items() if n > 1] == []


def test_the_four_demo_accounts(by_key: dict[str, dict[str, Row]]) -> None:
    people, organisations = by_key["people"], by_key["organisations"]
    roles = {f"demo_{role}": role for role in ("enterprise", "researcher", "officer", "broker")}
    assert {key: people[key]["role"] for key in roles} == roles
    assert organisations[people["demo_enterprise"]["organisation"]]["region"] == DEQING
    assert organisations[people["demo_officer"]["organisation"]]["region"] == DEQING


def test_vocabularies_and_regions(rows: dict[str, list[Row]]) -> None:
    modes, fields = set(words.CooperationMode), set(words.PriorityField)
    for row in rows["organisations"]:
        assert set(row["served_regions"]) <= set(regions()), row["key"]
        assert row["kind"] in set(words.OrganisationKind)
        assert row["verification"] in set(words.Verification)
    assert {row["role"] for row in rows["people"]} <= set(words.Role)
    for row in rows["experts"]:
        assert set(row["fields"]) <= fields, row["key"]
    for row in rows["challenges"] + rows["results"]:
        assert row["field"] in fields, row["key"]
        assert row["modes"] and set(row["modes"]) <= modes, row["key"]
        assert INDUSTRY.fullmatch(row["industry"]), row["key"]
        assert 1 <= len(row["keywords"]) <= 5, row["key"]
    for row in rows["challenges"]:
        assert row["activity_type"] in set(words.ActivityType), row["key"]
        assert row["trl_min"] is None or row["trl_min"] in words.TRL_RANGE, row["key"]
        assert row["status"] in CHALLENGE.statuses, row["key"]
    for row in rows["results"]:
        assert row["trl"] in words.TRL_RANGE, row["key"]
        assert row["status"] in RESULT.statuses, row["key"]
    for name in ("organisations", "experts", "challenges", "results"):
        assert {row["region"] for row in rows[name]} <= set(regions()), name
    assert {row["field"] for row in rows["challenges"]} == fields
    assert {row["field"] for row in rows["results"]} == fields
    assert len({row["region"] for row in rows["challenges"]}) >= 25


def test_credit_codes_have_a_valid_check_character(rows: dict[str, list[Row]]) -> None:
    for row in rows["organisations"]:
        assert uscc.check_digit_holds(row["uscc"]), row["key"]
        assert row["uscc"][2:8] == row["region"], row["key"]
        assert row["uscc"][8:13] == "00DEM", "an invented body: no register hands it out"


def test_nothing_could_be_taken_for_a_real_organisation_person_or_right(rows: dict[str, list[Row]]) -> None:
    for row in rows["organisations"]:
        assert re.search("示范|范例|样例|演示", row["name"]), row["name"]
    for row in rows["organisations"] + rows["people"]:
        assert re.fullmatch(r"05\d{2}-0000\d{4}", row["phone"]), "no subscriber number begins with a zero"
    for row in rows["people"]:
        assert row["email"].endswith("@example.com")
    numbers = []
    for row in rows["results"]:
        for right in row["ip"]:
            assert set(right) == {"kind", "number", "status", "title"}
            assert right["kind"] in set(words.IpKind) and right["status"] in set(words.IpStatus)
            if right["kind"] in {"invention", "utility_model", "design"}:
                assert PATENT.fullmatch(right["number"]), right
            if right["number"]:
                numbers.append(right["number"])
    assert len(numbers) == len(set(numbers))


def all_indicators(rows: dict[str, list[Row]]) -> Iterator[tuple[str, Row]]:
    for row in rows["challenges"] + rows["results"]:
        for indicator in row["indicators"] + row.get("sealed_indicators", []):
            yield row["key"], indicator


def test_indicators_are_well_formed(rows: dict[str, list[Row]]) -> None:
    for key, indicator in all_indicators(rows):
        assert set(indicator) == {"name", "operator", "value", "value_to", "unit", "condition"}, key
        assert indicator["operator"] in set(words.IndicatorOperator), key
        assert indicator["name"].strip(), key
        assert isinstance(indicator["value"], int | float), key
        assert isinstance(indicator["unit"], str) and isinstance(indicator["condition"], str), key
        assert not re.search(r"[≥≤<>\s]", indicator["unit"].replace("10^6 m", "")), (key, indicator["unit"])
        two_valued = indicator["operator"] in {"range", "+-"}
        assert (indicator["value_to"] is not None) == two_valued, (key, indicator)
        if indicator["operator"] == "range":
            assert indicator["value"] < indicator["value_to"], (key, indicator)
    for row in rows["challenges"]:
        assert 3 <= len(row["indicators"]) <= 6, row["key"]


def test_texts_are_long_enough_to_be_read(rows: dict[str, list[Row]]) -> None:
    for row in rows["challenges"]:
        assert 150 <= len(row["main_problem"]) <= 450, row["key"]
        assert len(row["title"]) <= 60, row["key"]
        for field in ("tech_requirements", "expected_goal"):
            assert 10 <= len(row[field]) <= 500, (row["key"], field)
    for row in rows["results"]:
        assert 200 <= len(row["body"]) <= 500, row["key"]
        assert 10 <= len(row["summary"]) <= 60, row["key"]
    for row in rows["proposals"]:
        assert len(row["summary"]) >= 150, row["key"]
    assert sum(1 for row in rows["challenges"] if row["sealed"]) >= 15


def test_references_resolve(rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]) -> None:
    organisations, people = by_key["organisations"], by_key["people"]
    experts, challenges, results = by_key["experts"], by_key["challenges"], by_key["results"]
    for row in rows["people"]:
        assert row["organisation"] in organisations, row["key"]
    for row in rows["experts"]:
        assert row["person"] is None or people[row["person"]]["name"] == row["name"]
        assert organisations[row["organisation"]]["kind"] == "university"
    for row in rows["challenges"] + rows["results"]:
        assert people[row["created_by"]]["organisation"] == row["organisation"], row["key"]
    for row in rows["results"]:
        assert experts[row["expert"]]["organisation"] == row["organisation"], row["key"]
    for row in rows["deals"]:
        assert row["challenge"] in challenges and row["result"] in results, row["key"]
        broker = people[row["broker"]]
        assert broker["role"] == "broker"
        assert challenges[row["challenge"]]["region"] in organisations[broker["organisation"]]["served_regions"], row[
            "key"
        ]
        if row["proposal"] is not None:
            proposal = by_key["proposals"][row["proposal"]]
            assert (proposal["challenge"], proposal["result"]) == (row["challenge"], row["result"]), row["key"]
        assert {note["by"] for note in row["notes"]} <= set(people), row["key"]
    for row in rows["proposals"]:
        assert people[row["author"]]["role"] == "researcher", row["key"]
        assert row["result"] is None or row["result"] in results, row["key"]
    for row in rows["expected_matches"]:
        assert row["challenge"] in challenges
        assert set(row["good"]) | set(row["near"]) <= set(results), row["challenge"]


def test_dates_are_offsets_that_agree_with_the_status(rows: dict[str, list[Row]]) -> None:
    unpublished = {"draft", "submitted", "needs_fix", "rejected", "confirmed"}
    for row in rows["challenges"]:
        assert (row["published_days_ago"] is None) == (row["status"] in unpublished), row["key"]
        if row["status"] in {"published", "reviewing", "submitted", "draft"}:
            assert row["deadline_in_days"] > 0, row["key"]
        if row["status"] == "expired":
            assert row["deadline_in_days"] < 0, row["key"]
    for row in rows["results"]:
        assert (row["published_days_ago"] is None) == (row["status"] in unpublished), row["key"]
        assert row["completed_in_days"] < 0, row["key"]
        assert -row["completed_in_days"] >= (row["published_days_ago"] or 0), row["key"]
    absolute = re.compile(r"20\d\d年|20\d\d-\d\d-\d\d")
    for row in rows["challenges"] + rows["results"] + rows["deals"] + rows["proposals"]:
        assert not absolute.search(json.dumps(row, ensure_ascii=False)), row["key"]


def test_deals_follow_the_lifecycle(rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]) -> None:
    steps = {(t.source, t.target): t for t in DEAL.transitions}
    for deal in rows["deals"]:
        path = deal["path"]
        assert path[0]["stage"] == DEAL.initial and path[0]["days_ago"] == deal["opened_days_ago"]
        assert path[-1]["stage"] == deal["stage"]
        for before, after in itertools.pairwise(path):
            transition = steps[before["stage"], after["stage"]]
            assert after["reason"] or not transition.reason_required, (deal["key"], after["stage"])
            assert before["days_ago"] > after["days_ago"] >= 0, deal["key"]
        challenge, result = by_key["challenges"][deal["challenge"]], by_key["results"][deal["result"]]
        assert challenge["published_days_ago"] > deal["opened_days_ago"], deal["key"]
        assert result["published_days_ago"] > deal["opened_days_ago"], deal["key"]
        for note in deal["notes"]:
            assert 0 <= note["days_ago"] <= deal["opened_days_ago"] and note["text"], deal["key"]
        assert (deal["next_step"] is None) == (deal["stage"] in ENDED), deal["key"]
    assert {deal["stage"] for deal in rows["deals"]} == set(DEAL.statuses)


def test_contracts(rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]) -> None:
    for deal in rows["deals"]:
        contract = deal["contract"]
        signing = [step["days_ago"] for step in deal["path"] if step["stage"] == "contract_signed"]
        assert (contract is not None) == bool(signing), deal["key"]
        challenge = by_key["challenges"][deal["challenge"]]
        if deal["stage"] in SIGNED:
            assert challenge["status"] in {"signed", "solving", "solved"}, deal["key"]
            assert by_key["results"][deal["result"]]["status"] == "contracted", deal["key"]
        elif deal["stage"] != "cancelled":
            assert challenge["status"] in {"published", "reviewing", "awarded"}, deal["key"]
        if contract is not None:
            assert contract["kind"] in set(words.ContractType), deal["key"]
            assert 0 <= contract["tech_value_wan"] <= contract["contract_value_wan"], deal["key"]
            assert contract["signed_days_ago"] == signing[0] and contract["valid_months"] > 0, deal["key"]
    signed = {row["key"] for row in rows["challenges"] if row["status"] in {"signed", "solving", "solved"}}
    assert signed == {deal["challenge"] for deal in rows["deals"] if deal["stage"] in SIGNED}


def test_proposals_follow_the_lifecycle_and_answer_every_indicator(
    rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]
) -> None:
    needs_reason = {t.target for t in PROPOSAL.transitions if t.reason_required}
    for row in rows["proposals"]:
        assert row["status"] in PROPOSAL.statuses
        challenge = by_key["challenges"][row["challenge"]]
        assert challenge["status"] in {"published", "reviewing", "awarded"}, row["key"]
        assert [a["name"] for a in row["answers"]] == [i["name"] for i in challenge["indicators"]], row["key"]
        for answer in row["answers"]:
            assert set(answer) == {"name", "meets", "value", "evidence", "when"}
            assert answer["meets"] in {"yes", "partly", "no"}
        assert row["decision_reason"] or row["status"] not in needs_reason, row["key"]
        assert (row["submitted_days_ago"] is None) == (row["status"] == "draft"), row["key"]
        if row["submitted_days_ago"] is not None:
            assert row["submitted_days_ago"] < challenge["published_days_ago"], row["key"]
    assert {row["status"] for row in rows["proposals"]} == set(PROPOSAL.statuses)


def test_each_demo_account_has_work(rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]) -> None:
    challenges, results, people = by_key["challenges"], by_key["results"], by_key["people"]
    firm = people["demo_enterprise"]["organisation"]
    own = Counter(row["status"] for row in rows["challenges"] if row["organisation"] == firm)
    assert own["draft"] >= 1 and own["submitted"] >= 1 and own["published"] >= 2
    county = [row for row in rows["challenges"] if row["region"] == DEQING]
    assert len(county) >= 10
    assert sum(row["status"] == "submitted" for row in county) >= 3
    deals = rows["deals"]
    assert sum(challenges[deal["challenge"]]["region"] == DEQING for deal in deals) >= 6
    assert sum(deal["broker"] == "demo_broker" for deal in deals) >= 6
    assert sum(challenges[deal["challenge"]]["organisation"] == firm for deal in deals) >= 3
    assert sum(results[deal["result"]]["created_by"] == "demo_researcher" for deal in deals) >= 3
    assert sum(row["created_by"] == "demo_researcher" for row in rows["results"]) >= 5
    due = [deal["next_step"]["in_days"] for deal in deals if deal["next_step"]]
    assert min(due) < 0 and 0 in due and max(due) > 0


def test_every_published_challenge_has_a_good_result_on_the_list(
    rows: dict[str, list[Row]], by_key: dict[str, dict[str, Row]]
) -> None:
    expected = {row["challenge"]: row for row in rows["expected_matches"]}
    for challenge in rows["challenges"]:
        if challenge["status"] != "published":
            continue
        good = expected[challenge["key"]]["good"]
        assert 1 <= len(good) <= 3, challenge["key"]
        on_offer = {key for key in good if by_key["results"][key]["status"] in {"listed", "negotiating"}}
        assert on_offer, challenge["key"]


def test_texts_are_not_those_of_the_development_data(rows: dict[str, list[Row]]) -> None:
    files = sorted(REAL_TEXTS.rglob("*.jsonl"))
    if not files:
        pytest.skip("the development data is not on this machine")
    length = 16
    real: set[str] = set()
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            for value in json.loads(line).values():
                text = value if isinstance(value, str) else ""
                real.update(text[i : i + length] for i in range(len(text) - length + 1))
    for name in ("challenges", "results", "experts", "proposals"):
        for row in rows[name]:
            for value in row.values():
                text = value if isinstance(value, str) else ""
                copied = [text[i : i + length] for i in range(len(text) - length + 1) if text[i : i + length] in real]
                assert copied == [], (row["key"], copied[:1])
