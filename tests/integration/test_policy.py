"""Policy weights: the operator's switch, the reader's switch, named wherever they move something, and never a level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.jobs.worker import Worker
from jieti.persistence.database import Database
from jieti.persistence.models import Match, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matches import Matches
from jieti.settings import SettingsError, load_settings
from matcher.pipeline import Matcher
from matcher.policy import NAMES, PolicyWeights
from tests.fakes import HashingEncoder
from tests.world import DEQING, JINYUN, World

TOLD = {"sentence": "体系一致。", "evidence": [], "verdicts": [], "missing": []}


def shares(**values: float) -> dict[str, object]:
    named = {"semantic": 1.0} | {f"policy.{name}": value for name, value in values.items()}
    return TOLD | {"contributions": [{"name": name, "value": value} for name, value in named.items()]}


def test_without_policy_the_order_changes_and_the_levels_stay(
    world: World, database: Database, client_of: Callable[[User], FlaskClient]
) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    challenge = world.challenge(firm)
    helped = world.match(
        challenge, world.result(researcher, title="山海协作对口"), score=0.9, explanation=shares(shanhai=0.1)
    )
    plain = world.match(challenge, world.result(researcher, title="只看文字"), score=0.8, explanation=shares())
    strong = world.match(
        challenge, world.result(researcher, title="等级更高"), level=4, score=0.7, explanation=shares()
    )
    with UnitOfWork(database) as uow:
        for match, level in ((helped, 3), (plain, 3), (strong, 4)):
            row = uow.session.get_one(Match, match.id)
            row.open_level = row.full_level = level
        row = uow.session.get_one(Match, helped.id)
        row.open_plain = row.full_plain = 0.75
    with UnitOfWork(database, read=True) as uow:
        service = Matches(uow, world.identity(firm))
        with_policy = service.of_challenge(challenge.ref)[1].items
        without = service.of_challenge(challenge.ref, with_policy=False)[1].items
    assert [v.match.id for v in with_policy] == [strong.id, helped.id, plain.id]
    assert [v.match.id for v in without] == [strong.id, plain.id, helped.id]
    assert [v.level for v in without] == [4, 3, 3] and without[2].score == 0.75
    client, url = client_of(firm), f"/challenges/{challenge.ref}/matches"
    page = client.get(url).text
    assert "政策权重：山海协作政策" in page and "+0.10" in page and "policy=off" in page
    off = client.get(f"{url}?policy=off&level=3").text
    assert "+0.10，未计入" in off and "计入政策权重" in off and 'name="policy" value="off"' in off
    assert off.index("只看文字") < off.index("山海协作对口")
    assert "policy=off" in client_of(researcher).get(f"/results/{with_policy[1].match.result.ref}/matches").text  # type: ignore[union-attr]
    assert "未计入" in client.get(f"/matches/{helped.ref}?policy=off").text


def test_the_worker_stores_what_a_pair_scores_without_policy(world: World, house: House) -> None:
    """Buyer and university in counties paired by 山海协作: the stored plain score is the matcher's own without a policy."""
    result = world.result(world.researcher(region=JINYUN))
    challenge = world.challenge(world.enterprise(region=DEQING), sealed_text="另有密封要求：增韧剂用量不超过8%。")
    Worker(house).run_until_empty()
    with UnitOfWork(house.database, read=True) as uow:
        match = uow.session.query(Match).filter_by(challenge_id=challenge.id, result_id=result.id).one()
    named = {c["name"] for c in match.open_explanation["contributions"]}
    assert {"policy.shanhai", "policy.accelerated"} & named and "policy.field" in named
    assert match.open_plain is not None and match.full_plain is not None
    from jieti.services.matching_texts import need_of, offer_of_result

    offer, needs = offer_of_result(result), [need_of(challenge, with_sealed=sealed) for sealed in (False, True)]
    (opened,), (full,) = (house.matcher.rank(need, [offer], explain=False) for need in needs)
    assert match.open_plain == pytest.approx(opened.score, abs=1e-6)
    assert match.full_plain == pytest.approx(full.score, abs=1e-6)
    assert match.open_plain < match.open_score


def test_the_operators_setting(tmp_path: Path) -> None:
    def policy(value: str) -> frozenset[str] | None:
        return load_settings({"JIETI_VAR": str(tmp_path), "JIETI_POLICY": value}).policy

    assert policy("") is None and policy("all") is None and policy("none") == frozenset()
    assert policy(" shanhai, field ,") == {"shanhai", "field"}
    with pytest.raises(SettingsError, match="JIETI_POLICY: sanhai is no policy weight; expected indicators, field"):
        policy("field,sanhai")


def test_a_weight_that_is_off_is_in_no_match_and_the_version_says_so(world: World, house: House) -> None:
    every = PolicyWeights.load()
    assert every.only(NAMES) is every
    assert [every.only(names).version for names in ((), ("indicators",), ("shanhai", "field"))] == [
        f"{every.version}~00", f"{every.version}~01", f"{every.version}~82"
    ]  # fmt: skip
    with pytest.raises(ValueError, match="sanhai"):
        every.only({"sanhai"})
    house.matcher.weights = every.only({"field"})
    world.result(world.researcher(region=JINYUN))
    world.challenge(world.enterprise(region=DEQING))
    Worker(house).run_until_empty()
    with UnitOfWork(house.database, read=True) as uow:
        matches = uow.session.query(Match).all()
    named = {c["name"] for m in matches for c in m.open_explanation["contributions"] if c["name"].startswith("policy.")}
    assert named == {"policy.field"}
    assert {m.matcher_version.rsplit("+", 1)[1] for m in matches} == {f"{every.version}~02"}


def test_the_house_takes_the_setting(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.encoder.load_encoder", lambda _name: HashingEncoder())
    monkeypatch.setattr("matcher.encoders.cached.CachedEncoder", lambda encoder: encoder)
    house = House(replace(settings, policy=frozenset({"trl"})))  # type: ignore[type-var]
    assert isinstance(house.matcher, Matcher) and set(house.matcher.weights.weights) == {"trl"}
    assert set(House(settings).matcher.weights.weights) == set(NAMES)  # type: ignore[arg-type]
