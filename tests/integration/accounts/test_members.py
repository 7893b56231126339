"""Members and invitations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from jieti.bootstrap import House
from jieti.persistence.models import Invitation, Organisation, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from tests.integration.accounts.mailbox import deliver, link
from tests.web import post_form
from tests.world import World

Signed = Callable[[User], FlaskClient]


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("university", name="示范理工大学")


@pytest.fixture
def admin(world: World, university: Organisation) -> User:
    return world.user("transfer_office", university)


@pytest.fixture
def page(university: Organisation) -> str:
    return f"/organisations/{university.ref}/members"


def invite(client: FlaskClient, page: str, **values: str) -> object:
    return post_form(
        client, page, {"email": "guest@example.com", "role": "researcher", **values}, action="/invitations"
    )


@pytest.mark.both_databases
def test_an_invitation_makes_a_confirmed_member(
    client: FlaskClient, client_of: Signed, world: World, house: House, admin: User, page: str
) -> None:
    assert invite(client_of(admin), page).status_code == 303
    to, subject, body = deliver(house)[-1]
    assert to == "guest@example.com" and "示范理工大学" in subject
    path = link(body, house)
    assert "示范理工大学" in client.get(path).text
    weak = post_form(client, path, {"name": "来宾", "password": "123"}, action=path)
    assert weak.status_code == 422 and "至少10个字符" in weak.text
    done = post_form(client, path, {"name": "来宾", "password": "山高水长路远且行且看"}, action=path)
    assert done.status_code == 303
    assert client.get("/account").status_code == 200, "signed in: the link came by mail"
    with UnitOfWork(house.database, read=True) as uow:
        guest = uow.session.query(User).filter_by(email="guest@example.com").one()
        assert guest.confirmed_at and guest.membership == "active" and not guest.organisation_admin
        assert [r.name for r in guest.roles] == ["researcher"]
    assert client.get(path).status_code == 404, "good once"


def test_the_owner_of_the_address_joins_with_the_account_they_have(
    client: FlaskClient, client_of: Signed, world: World, house: House, admin: User, page: str
) -> None:
    with UnitOfWork(house.database) as uow:
        from jieti.services.accounts import create_user

        guest = create_user(uow, email="guest@example.com", password=None, name="来宾")
    invite(client_of(admin), page, admin="y")
    path = link(deliver(house)[-1][2], house)
    assert "登录后加入" in client.get(path).text
    stranger = client_of(world.enterprise())
    assert "另一个账号" in stranger.get(path).text
    refused = post_form(stranger, "/account", {}, action="/sign-out")
    assert refused.status_code == 302
    joined = post_form(client_of(guest), path, {}, action="/acceptance")
    assert joined.status_code == 303
    who = world.identity(guest)
    assert who.active_member and who.organisation_admin


def test_only_the_administrator_invites_and_a_withdrawn_or_late_link_is_dead(
    client: FlaskClient, client_of: Signed, world: World, house: House, admin: User, page: str, university: Organisation
) -> None:
    colleague = world.user("researcher", university, organisation_admin=False)
    assert "邀请成员" not in client_of(colleague).get(page).text
    assert client_of(world.enterprise()).get(page).status_code == 404
    own = client_of(admin)
    invite(own, page)
    path = link(deliver(house)[-1][2], house)
    with UnitOfWork(house.database, read=True) as uow:
        ref = uow.session.query(Invitation).one().ref
    post_form(own, page, {}, action=f"/{ref}/withdrawal")
    assert client.get(path).status_code == 404
    invite(own, page)
    path = link(deliver(house)[-1][2], house)
    assert client.get(path).status_code == 200
    assert client.get(path[:-2]).status_code == 404, "a forged token"
    with UnitOfWork(house.database) as uow:
        for one in uow.session.query(Invitation):
            one.expires_at = utcnow()
    assert client.get(path).status_code == 404


def test_a_withdrawn_invitation_is_not_mailed(client_of: Signed, house: House, admin: User, page: str) -> None:
    own = client_of(admin)
    invite(own, page)
    with UnitOfWork(house.database, read=True) as uow:
        ref = uow.session.query(Invitation).one().ref
    post_form(own, page, {}, action=f"/{ref}/withdrawal")
    assert deliver(house) == []


def test_roles_admins_and_removal(
    client_of: Signed, world: World, house: House, admin: User, page: str, university: Organisation
) -> None:
    colleague = world.user("researcher", university, organisation_admin=False)
    own = client_of(admin)

    def act(user: User, **values: str) -> int:
        return post_form(own, page, values, action=f"/members/{user.ref}").status_code

    last = post_form(own, page, {"act": "dismiss"}, action=f"/members/{admin.ref}", follow_redirects=True)
    assert "至少要有一位管理员" in last.text and world.identity(admin).organisation_admin
    assert act(colleague, act="role", role="transfer_office") == 303
    assert {r.value for r in world.identity(colleague).roles} == {"transfer_office"}
    assert act(colleague, act="role", role="province") == 303
    assert {r.value for r in world.identity(colleague).roles} == {"researcher"}, "no role that the kind does not have"
    assert act(colleague, act="appoint") == 303 and world.identity(colleague).organisation_admin
    assert act(admin, act="dismiss") == 303 and not world.identity(admin).organisation_admin
    other = client_of(colleague)
    removed = post_form(other, page, {"act": "remove"}, action=f"/members/{admin.ref}")
    assert removed.status_code == 303
    gone = world.identity(admin)
    assert gone.organisation_id is None and not gone.roles
    assert client_of(admin).get(page).status_code == 404


def test_a_member_of_another_organisation_is_not_there(client_of: Signed, world: World, admin: User, page: str) -> None:
    victim = world.enterprise()
    own = client_of(admin)
    answer = post_form(own, page, {"act": "remove"}, action=f"/members/{admin.ref}")
    assert answer.status_code == 303  # the last administrator stays
    from tests.web import forms

    token = next(f["hidden"]["csrf_token"] for f in forms(own.get(page)) if "csrf_token" in f["hidden"])
    answer = own.post(f"{page}/{victim.ref}", data={"act": "remove", "csrf_token": token})
    assert answer.status_code == 404
    assert world.identity(victim).active_member
