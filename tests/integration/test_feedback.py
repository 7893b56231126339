"""`jieti feedback export`: verdicts and signed deals as the files that training and evaluation read."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jieti.cli import main
from jieti.persistence.models import Challenge, Contract, Deal, Match, MatchVerdict, User, utcnow
from jieti.persistence.models import Result as ResultRow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.feedback import Feedback, level_of
from matcher.evaluation.data import read_judgements, read_needs, read_results
from matcher.evaluation.run import Corpus
from tests.world import World

CANARY = "石墨烯气凝胶"
Export = Callable[..., Result]


@pytest.fixture
def export(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    monkeypatch.setenv("JIETI_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("JIETI_DATABASE_URL", database_url)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["feedback", "export", *map(str, arguments)])

    return run


def say(world: World, match: Match, who: User, *, fits: bool, role: str, reason: str = "", days: int = 0) -> None:
    with UnitOfWork(world.database) as uow:
        uow.session.add(
            MatchVerdict(
                match_id=match.id, user_id=who.id, fits=fits, reason=reason, note="张三的手机号不对",
                level=match.open_level, matcher_version="m1", role=role, at=utcnow() - dt.timedelta(days=days),
            )
        )  # fmt: skip


def sign(
    world: World, challenge: Challenge, result: ResultRow, *, stage: str = "contract_signed", days: int = 1
) -> None:
    with UnitOfWork(world.database) as uow:
        deal = Deal(
            title="t", challenge_id=challenge.id, result_id=result.id, buyer_id=challenge.organisation_id, stage=stage,
            broker_id=world.broker().id, region_code=challenge.region_code,
        )  # fmt: skip
        uow.session.add(deal)
        uow.session.flush()
        signed = dt.date.today() - dt.timedelta(days=days)
        uow.session.add(
            Contract(
                deal_id=deal.id, kind="development", contract_value=Decimal(9), tech_value=Decimal(8), signed_on=signed
            )
        )


def rows(folder: Path) -> list[dict[str, str]]:
    head, *lines = (folder / "judgements.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


@pytest.mark.both_databases
def test_what_is_exported_is_what_the_evaluation_reads(world: World, export: Export, tmp_path: Path) -> None:
    firm, broker = world.enterprise(), world.broker()
    challenge, old = world.challenge(firm), world.challenge(firm, status="solved", title="去年解决的题")
    good, weak, off = (world.result(world.researcher(), title=f"增韧技术{n}") for n in range(3))
    say(world, world.match(challenge, good), broker, fits=True, role="broker")
    say(world, world.match(challenge, weak), broker, fits=False, reason="maturity", role="broker")
    say(world, world.match(challenge, off, level=2), broker, fits=False, reason="field", role="broker")
    sign(world, old, weak, stage="settled", days=300)
    done = export(tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "4 pairs (level 4: 1, level 3: 1, level 2: 1, level 1: 1), 2 needs, 3 results" in done.output
    corpus = Corpus.read(tmp_path / "out")
    assert corpus.judgements == {
        challenge.ref: {good.ref: 3, weak.ref: 2, off.ref: 1}, old.ref: {weak.ref: 4}
    }  # fmt: skip
    need = next(n for n in corpus.needs if n.id == challenge.ref)
    assert need.title == challenge.title and need.keywords == ("尼龙66", "增韧") and challenge.main_problem in need.body
    by_pair = {(row["need_id"], row["result_id"]): row for row in rows(tmp_path / "out")}
    assert by_pair[challenge.ref, weak.ref] | {"judged_on": ""} == {
        "need_id": challenge.ref, "result_id": weak.ref, "level": "2", "source": "does_not_fit", "reason": "maturity",
        "role": "broker", "given_level": "4", "matcher_version": "m1", "judged_on": "",
    }  # fmt: skip
    assert by_pair[old.ref, weak.ref]["source"] == "signed"


def test_levels() -> None:
    assert level_of(signed=True, fits=False, reason="field") == 4
    assert level_of(signed=False, fits=True, reason="") == 3
    beside = {"indicators", "maturity", "taken", "region_or_mode"}
    got = {reason: level_of(signed=False, fits=False, reason=reason) for reason in (*beside, "field", "other")}
    assert {reason for reason, level in got.items() if level == 2} == beside and got["field"] == got["other"] == 1


def test_one_level_a_pair_of_the_strongest_witness(world: World, export: Export, tmp_path: Path) -> None:
    firm, researcher = world.enterprise(), world.researcher()
    challenge = world.challenge(firm)
    one, two, three = (world.match(challenge, world.result(researcher)) for _ in range(3))
    say(world, one, researcher, fits=True, role="researcher")
    say(world, one, firm, fits=False, reason="field", role="enterprise", days=3)
    say(world, two, world.broker(), fits=False, reason="taken", role="broker", days=5)
    say(world, two, firm, fits=True, role="enterprise")
    say(world, three, world.broker(), fits=True, role="broker", days=9)
    say(world, three, world.broker(), fits=False, reason="other", role="broker", days=1)
    assert export(tmp_path / "out").exit_code == 0
    assert sorted((r["level"], r["role"]) for r in rows(tmp_path / "out")) == [
        ("1", "broker"), ("1", "enterprise"), ("2", "broker")
    ]  # fmt: skip


def test_a_signed_deal_outweighs_and_a_cancelled_one_does_not(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    challenge, result, other = world.challenge(firm), world.result(world.researcher()), world.result(world.researcher())
    for offer in (result, other):
        say(world, world.match(challenge, offer), firm, fits=False, reason="taken", role="enterprise")
    sign(world, challenge, result)
    sign(world, challenge, result, days=5)
    sign(world, challenge, other, stage="cancelled")
    assert export(tmp_path / "out").exit_code == 0
    assert read_judgements(tmp_path / "out/judgements.tsv")[challenge.ref] == {result.ref: 4, other.ref: 2}


def test_since_a_day(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    early, late = (world.match(world.challenge(firm), world.result(world.researcher())) for _ in range(2))
    say(world, early, firm, fits=True, role="enterprise", days=30)
    say(world, late, firm, fits=True, role="enterprise", days=1)
    sign(world, world.challenge(firm), world.result(world.researcher()), days=30)
    since = dt.date.today() - dt.timedelta(days=7)
    assert export(tmp_path / "out", "--since", f"{since:%Y年%m月%d日}").exit_code == 0
    assert len(rows(tmp_path / "out")) == 1


def test_open_text_alone_without_names_or_contacts(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    challenge = world.challenge(
        firm, anonymous=True, sealed_text=f"配方含{CANARY}。", contact_name="田示例",
        main_problem="示例单位1的产线，联系田示例，13812345678，0572-8000000，tian@example.com。长度13812345678.5 mm，韧性≥67%。",
    )  # fmt: skip
    with UnitOfWork(world.database) as uow:
        name = uow.session.get_one(User, firm.id).organisation.name  # type: ignore[union-attr]
        uow.session.get_one(Challenge, challenge.id).expected_goal = f"{name}的新产品。"
    expert = world.expert(world.researcher(), bio="某某教授的简历")
    say(world, world.match(challenge, expert), firm, fits=True, role="enterprise")
    say(world, world.match(challenge, world.result(world.researcher())), firm, fits=True, role="enterprise")
    gone = world.challenge(firm, status="withdrawn", title="已撤回的题")
    say(world, world.match(gone, world.result(world.researcher())), firm, fits=True, role="enterprise")
    done = export(tmp_path / "out")
    assert done.exit_code == 0 and "1 pairs left out" in done.output and "1 pairs (" in done.output
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir())
    for secret in (CANARY, "田示例", "13812345678，", "8000000", "tian@", name, "简历", "张三", "已撤回的题"):
        assert secret not in text, secret
    assert "13812345678.5 mm" in text and "韧性≥67%" in text, "figures of the need stay"
    assert stat.S_IMODE((tmp_path / "out/needs.jsonl").stat().st_mode) & 0o044


def test_sealed_text_only_where_it_is_asked_for(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    challenge = world.challenge(firm, sealed_text=f"配方含{CANARY}。")
    say(world, world.match(challenge, world.result(world.researcher())), firm, fits=True, role="enterprise")
    done = export(tmp_path / "out", "--with-sealed")
    assert done.exit_code == 0 and "Sealed text is written" in done.output
    assert CANARY in read_needs(tmp_path / "out/needs.jsonl")[0].body
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()} == {0o600}


def test_a_single_file(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    challenge = world.challenge(firm)
    for _ in range(2):
        say(world, world.match(challenge, world.result(world.researcher())), firm, fits=True, role="enterprise")
    assert export(tmp_path / "pairs.jsonl").exit_code == 0
    first, second = map(json.loads, (tmp_path / "pairs.jsonl").read_text(encoding="utf-8").splitlines())
    assert first["need"]["title"] == challenge.title and first["level"] == 3
    assert "need" not in second and second["need_id"] == challenge.ref and "result" in second


def test_more_pairs_than_are_held_at_once(world: World, export: Export, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("jieti.services.feedback.BATCH", 2)
    firm = world.enterprise()
    challenge, result = world.challenge(firm), world.result(world.researcher())
    for _ in range(5):
        say(world, world.match(challenge, world.result(world.researcher())), firm, fits=True, role="enterprise")
        sign(world, world.challenge(firm), result)
    assert export(tmp_path / "out").exit_code == 0
    assert len(rows(tmp_path / "out")) == 10
    assert len(read_needs(tmp_path / "out/needs.jsonl")) == len(read_results(tmp_path / "out/results.jsonl")) == 6


def test_nothing_to_export(export: Export, tmp_path: Path) -> None:
    done = export(tmp_path / "out")
    assert done.exit_code == 0 and "no judged pairs: nothing was written" in done.output
    assert list((tmp_path / "out").iterdir()) == []


def test_bad_input_is_told_and_loses_nothing(world: World, export: Export, tmp_path: Path) -> None:
    firm = world.enterprise()
    say(world, world.match(world.challenge(firm), world.result(world.researcher())), firm, fits=True, role="enterprise")
    assert "no date; expected one such as" in export(tmp_path / "out", "--since", "gestern").output
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "is a file, not a folder" in export(tmp_path / "file").output
    assert "no such folder" in export(tmp_path / "none" / "a.jsonl").output
    assert "expected a folder" in export(tmp_path / "a.tsv").output
    (tmp_path / "f.jsonl").mkdir()
    assert "is a folder" in export(tmp_path / "f.jsonl").output
    assert "cannot be made" in export(tmp_path / "file" / "out").output
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "needs.jsonl").write_text("mine", encoding="utf-8")
    refused = export(tmp_path / "out")
    assert refused.exit_code == 1 and "--replace writes over it" in refused.output
    assert (tmp_path / "out" / "needs.jsonl").read_text(encoding="utf-8") == "mine"
    assert export(tmp_path / "out", "--replace").exit_code == 0 and len(rows(tmp_path / "out")) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(export: Export, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "not writable" in export(folder).output


def test_an_export_cut_off_leaves_nothing(world: World, export: Export, tmp_path: Path, monkeypatch: Any) -> None:
    firm = world.enterprise()
    for _ in range(2):
        say(
            world,
            world.match(world.challenge(firm), world.result(world.researcher())),
            firm,
            fits=True,
            role="enterprise",
        )
    original = Feedback._pair

    def full(self: Feedback, *arguments: Any) -> Any:
        if self.tally.pairs:
            raise OSError(28, "No space left on device")
        return original(self, *arguments)

    monkeypatch.setattr(Feedback, "_pair", full)
    done = export(tmp_path / "out")
    assert done.exit_code == 1 and "No space left on device; nothing was written" in done.output
    assert list((tmp_path / "out").iterdir()) == []
