"""A scene for the brokering tests: a firm's challenge, a university's result, their match, a broker and an officer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from jieti.domain.dates import china_day
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Deal, Match, Organisation, Result, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.contracts import TypedContract
from jieti.services.deals_moves import DealMoves, MoveForm
from jieti.services.deals_opening import DealOpening
from tests.world import World

TODAY = china_day(utcnow())
SOON = (TODAY + dt.timedelta(days=3)).isoformat()
CONTRACT = TypedContract(
    kind="development",
    name="尼龙66增韧配方委托开发",
    number="HT-2026-01",
    contract_value="120万",
    tech_value="96.5",
    signed_on=TODAY.isoformat(),
    valid_until=(TODAY + dt.timedelta(days=365)).isoformat(),
)


@dataclass
class Scene:
    world: World
    firm: User = field(init=False)
    researcher: User = field(init=False)
    officer: User = field(init=False)
    broker: User = field(init=False)
    challenge: Challenge = field(init=False)
    result: Result = field(init=False)
    match: Match = field(init=False)

    def __post_init__(self) -> None:
        w = self.world
        self.firm, self.researcher = w.enterprise(name="德清示例塑业有限公司"), w.researcher(name="示范大学")
        self.officer, self.broker = w.officer(), w.broker()
        self.challenge = w.challenge(self.firm)
        self.result = w.result(self.researcher)
        self.match = w.match(self.challenge, self.result)

    @property
    def database(self) -> Database:
        return self.world.database

    def open(self, **values: Any) -> Deal:
        with UnitOfWork(self.database) as uow:
            return DealOpening(uow, self.world.identity(values.pop("by", self.broker))).open(
                **{
                    "title": "尼龙66增韧",
                    "next_step": "电话了解工况",
                    "next_step_on": SOON,
                    "match_ref": self.match.ref,
                }
                | values
            )

    def move(self, deal: Deal, verb: str, *, by: User | None = None, **values: Any) -> Deal:
        """One move through the service; returns the deal as it stands after."""
        with UnitOfWork(self.database) as uow:
            version = values.pop("version", None) or uow.session.get_one(Deal, deal.id).version
            defaults: dict[str, Any] = {"next_step": "约见研发团队", "next_step_on": SOON, "reason": "双方商定。"}
            if verb == "sign_contract":
                defaults["contract"] = CONTRACT
            service = DealMoves(uow, self.world.identity(by or self.broker))
            service.move(deal.ref, MoveForm(verb=verb, version=version, **defaults | values))
        return self.read(Deal, deal.id)

    def read(self, model: type[Any], key: int) -> Any:
        with UnitOfWork(self.database, read=True) as uow:
            row = uow.session.get_one(model, key)
            uow.session.expunge_all()
            return row

    def read_organisation(self, user: User) -> Organisation:
        return self.read(Organisation, user.organisation_id or 0)
