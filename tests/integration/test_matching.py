"""From a published challenge to stored matches, both ways, and what sealed text may not do."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from jieti.bootstrap import House
from jieti.domain.errors import Invalid, NotVisible
from jieti.jobs.worker import Worker
from jieti.persistence.models import Challenge, Event, Match, MatchVerdict, Notification, Result, User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.matches import Matches
from jieti.services.matching import Matching
from matcher.pipeline import Matcher
from tests.web import counted_queries, post_form
from tests.world import World

CANARY = "石墨烯气凝胶"
"""A word of the sealed text alone."""


def work(house: House) -> None:
    Worker(house).run_until_empty()


def stored(house: House) -> list[Match]:
    with UnitOfWork(house.database, read=True) as uow:
        return list(uow.session.scalars(select(Match)))


@pytest.mark.both_databases
def test_publishing_matches_both_kinds_and_tells_people(world: World, house: House) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    result, expert = world.result(researcher), world.expert(researcher)
    world.result(
        world.researcher(),
        title="海水养殖水质监测浮标",
        body="太阳能供电，测溶解氧与盐度。",
        keywords=["浮标"],
        indicators=[],
    )
    challenge = world.challenge(firm)
    work(house)
    matches = {(m.result_id, m.expert_id): m for m in stored(house)}
    match = matches[(result.id, None)]
    assert match.challenge_id == challenge.id and match.open_level >= 2
    assert (match.challenge_version, match.offer_version) == (challenge.version, result.version)
    assert match.matcher_version == house.matcher.version
    assert (None, expert.id) in matches
    with UnitOfWork(house.database, read=True) as uow:
        kinds = {(n.user_id, n.kind) for n in uow.session.scalars(select(Notification))}
        found = uow.session.scalars(select(Event).where(Event.name == "match.found")).all()
    if match.open_level >= 3:
        assert (firm.id, "matches_found") in kinds and (researcher.id, "match_for_you") in kinds
        assert [e.subject_id for e in found] == [challenge.id]


def test_quotes_are_verbatim_and_verdicts_are_told(world: World, house: House) -> None:
    result = world.result(world.researcher())
    challenge = world.challenge(world.enterprise())
    work(house)
    match = next(m for m in stored(house) if m.result_id == result.id)
    ours = challenge.title + challenge.main_problem + challenge.tech_requirements + challenge.expected_goal
    theirs = result.title + result.summary + result.body
    for evidence in match.open_explanation["evidence"]:
        assert evidence["need_quote"] in ours and evidence["offer_quote"] in theirs
    assert [v["verdict"] for v in match.open_explanation["verdicts"]] == ["met"]


def test_a_match_from_the_offers_side_has_the_same_score(world: World, house: House) -> None:
    result = world.result(world.researcher())
    world.challenge(world.enterprise())
    work(house)
    before = {m.id: (m.open_score, m.full_score, m.open_level) for m in stored(house)}
    Matching(house.database, house.search, house.matcher).refresh_result(result.id)
    assert {m.id: (m.open_score, m.full_score, m.open_level) for m in stored(house)} == before


def sealed_world(world: World, house: House) -> tuple[User, User, Challenge, Result]:
    """A challenge whose sealed text alone fits the probe. With the shipped encoder: what is tested are its levels."""
    house.__dict__["matcher"] = Matcher.load()
    firm, prober = world.enterprise(), world.researcher()
    text = f"{CANARY}导热系数低，{CANARY}可卷绕。"
    probe = world.result(
        prober, title=f"{CANARY}保温材料", summary="", body=text, keywords=[CANARY], indicators=[], field="aerospace", industry="C37",
        modes=["equity"],
    )  # fmt: skip
    challenge = world.challenge(
        firm, title="农村生活污水处理站远程监测", main_problem="站点分散，人工巡检成本高。", tech_requirements="", expected_goal="",
        keywords=[], indicators=[], sealed_text=f"拟用{CANARY}保温材料包裹管道，{text}",
    )  # fmt: skip
    work(house)
    return firm, prober, challenge, probe


def test_sealed_text_joins_the_full_score_only(world: World, house: House) -> None:
    _firm, _prober, _challenge, probe = sealed_world(world, house)
    match = next(m for m in stored(house) if m.result_id == probe.id)
    assert match.full_score > match.open_score
    assert CANARY not in json.dumps(match.open_explanation, ensure_ascii=False)


def test_a_probe_learns_nothing_not_even_that_there_is_a_match(
    world: World, house: House, client_of: Callable[[User], FlaskClient]
) -> None:
    firm, prober, challenge, probe = sealed_world(world, house)
    match = next(m for m in stored(house) if m.result_id == probe.id)
    client = client_of(prober)
    with UnitOfWork(house.database, read=True) as uow:
        matches = Matches(uow, world.identity(prober))
        _result, page = matches.of_result(probe.ref)
        assert challenge.id not in {v.challenge.id for v in page.items} and not page.counts
        with pytest.raises(NotVisible):
            matches.show(match.ref)
        with pytest.raises(NotVisible):
            matches.of_challenge(challenge.ref)
        assert matches.mine_for(challenge) is None
        assert not uow.session.scalars(select(Notification).where(Notification.user_id == prober.id)).all()
    for page_url in (
        f"/matches/{match.ref}",
        f"/matches/{match.ref}?view=print",
        f"/challenges/{challenge.ref}/matches",
    ):
        assert client.get(page_url).status_code == 404
    owner = client_of(firm).get(f"/matches/{match.ref}")
    assert owner.status_code == 200 and CANARY in owner.text


def test_every_match_of_a_sealed_challenge_carries_the_same_line(
    world: World, house: House, client_of: Callable[[User], FlaskClient]
) -> None:
    researcher = world.researcher()
    result = world.result(researcher)
    world.challenge(world.enterprise(), sealed_text=f"成本上限与{CANARY}无关。")
    work(house)
    match = next(m for m in stored(house) if m.result_id == result.id)
    page = client_of(researcher).get(f"/matches/{match.ref}")
    assert page.status_code == 200 and "含密封内容，未展示" in page.text and CANARY not in page.text


def test_a_withdrawn_challenge_has_no_standing_matches(world: World, house: House) -> None:
    world.result(world.researcher())
    challenge = world.challenge(world.enterprise())
    work(house)
    with UnitOfWork(house.database) as uow:
        uow.session.get_one(Challenge, challenge.id).status = "withdrawn"
    Matching(house.database, house.search, house.matcher).refresh_challenge(challenge.id)
    assert stored(house) and not any(m.current for m in stored(house))


def test_people_judge_and_take_it_back(world: World, client_of: Callable[[User], FlaskClient], house: House) -> None:
    firm = world.enterprise()
    match = world.match(world.challenge(firm), world.result(world.researcher()))
    client, page = client_of(firm), f"/matches/{match.ref}"
    assert (
        post_form(
            client, page, {"verdict": "does_not_fit", "reason": "maturity", "note": "还在小试"}, action="/verdict"
        ).status_code
        == 303
    )
    with UnitOfWork(house.database, read=True) as uow:
        verdict = uow.session.scalars(select(MatchVerdict)).one()
        assert (verdict.fits, verdict.reason, verdict.note) == (False, "maturity", "还在小试")
    assert post_form(client, page, {"verdict": "fits"}, action="/verdict").status_code == 303
    assert post_form(client, page, {"verdict": "withdraw"}, action="/verdict").status_code == 303
    with UnitOfWork(house.database, read=True) as uow:
        assert uow.session.scalars(select(MatchVerdict)).all() == []
        with pytest.raises(Invalid):
            Matches(uow, world.identity(firm)).give_verdict(match.ref, fits=False, reason="whim")


def test_the_list_of_matches_has_a_bounded_number_of_queries(
    world: World, house: House, client_of: Callable[[User], FlaskClient]
) -> None:
    firm = world.enterprise()
    challenge, client, counts = world.challenge(firm), client_of(firm), []
    for _ in range(2):
        for _ in range(4):
            world.match(challenge, world.result(world.researcher()))
        with counted_queries(house.database) as statements:
            assert client.get(f"/challenges/{challenge.ref}/matches").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
