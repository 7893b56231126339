"""`jieti user …`: how a county's first bureau and its officer come to be."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from jieti.bootstrap import House
from jieti.cli import main
from jieti.domain.vocabulary import Role
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import find_user
from jieti.services.identities import identity_of


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("JIETI_VAR", str(house.settings.var))
    monkeypatch.setenv("JIETI_DATABASE_URL", house.settings.database_url)
    return CliRunner()


def test_the_first_bureau_and_its_officer(run: CliRunner, house: House) -> None:
    bureau = "organisation 示例县科技局 --kind tech_bureau --uscc 11330521MB00000001 --region 330521 --serves 330522"
    made = run.invoke(main, ["user", *bureau.split(), "--phone", "0572-8000000", "--contact", "经办人"])
    assert made.exit_code == 0, made.output
    create = "create Officer@example.com --name 经办人 --password 一句够长的开门密码 --organisation 示例县科技局 --role officer"
    assert run.invoke(main, ["user", *create.split(), "--admin"]).exit_code == 0
    with UnitOfWork(house.database, read=True) as uow:
        user = find_user(uow.session, "officer@example.com")
        assert user is not None and not identity_of(user).verified
    assert run.invoke(main, ["user", "verify-organisation", "示例县科技局"]).exit_code == 0
    assert run.invoke(main, ["user", "role", "officer@example.com", "officer", "province"]).exit_code == 0
    with UnitOfWork(house.database, read=True) as uow:
        user = find_user(uow.session, "officer@example.com")
        assert isinstance(user, User)
        who = identity_of(user)
    assert who.roles == {Role.OFFICER, Role.PROVINCE}
    assert {"officer:330521", "officer:330522", "province"} <= who.tokens


def test_what_is_wrong_is_one_line(run: CliRunner) -> None:
    for command in ("verify-organisation 没有这家", "role nobody@example.com officer"):
        answer = run.invoke(main, ["user", *command.split()])
        assert answer.exit_code == 1 and "Traceback" not in answer.output and "Error" in answer.output
    bad = "organisation 甲 --kind tech_bureau --uscc 123 --region 330521 --phone 0572-8000000 --contact 乙"
    assert "uscc_length" in run.invoke(main, ["user", *bad.split()]).output
