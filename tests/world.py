"""Builders for tests: organisations, users, listings, written through the services' own rules (audience, events, outbox)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.uscc import check_character
from jieti.persistence.database import Database
from jieti.persistence.models import Challenge, Expert, Match, Organisation, Result, Role, User, utcnow
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.identities import identity_of
from jieti.services.moves import Moves

DEQING = "330521"
JINYUN = "331122"


class World:
    """Each method commits and returns a detached, fully loaded row."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._numbers = count(1)

    def uscc(self) -> str:
        body = f"91{DEQING}MA{next(self._numbers):07d}"
        return body + check_character(body)

    def organisation(
        self, kind: str = "enterprise", *, region: str = DEQING, verification: str = "verified", **values: Any
    ) -> Organisation:
        n = next(self._numbers)
        row = Organisation(
            kind=kind,
            name=values.pop("name", f"示例单位{n}"),
            uscc=values.pop("uscc", self.uscc()),
            region_code=region,
            verification=verification,
            **values,
        )
        with UnitOfWork(self.database) as uow:
            uow.session.add(row)
        return row

    def user(self, role: str, organisation: Organisation, **values: Any) -> User:
        n = next(self._numbers)
        with UnitOfWork(self.database) as uow:
            known = uow.session.scalar(select(Role).where(Role.name == role))
            user = User(
                email=values.pop("email", f"user{n}@example.com"),
                password=values.pop("password", None),
                name=values.pop("name", f"用户{n}"),
                active=True,
                fs_uniquifier=uuid4().hex,
                confirmed_at=utcnow(),
                organisation_id=organisation.id,
                membership=values.pop("membership", "active"),
                organisation_admin=values.pop("organisation_admin", True),
                **values,
            )
            user.roles.append(known or Role(name=role))
            uow.session.add(user)
        return user

    def enterprise(self, **values: Any) -> User:
        return self.user("enterprise", self.organisation("enterprise", **values))

    def researcher(self, **values: Any) -> User:
        return self.user("researcher", self.organisation("university", **values))

    def officer(self, region: str = DEQING) -> User:
        return self.user("officer", self.organisation("tech_bureau", region=region))

    def broker(self, region: str = DEQING) -> User:
        return self.user("broker", self.organisation("broker_agency", region=region))

    def identity(self, user: User) -> Identity:
        with UnitOfWork(self.database, read=True) as uow:
            return identity_of(uow.session.get_one(User, user.id))

    def challenge(self, owner: User, *, status: str = "published", **values: Any) -> Challenge:
        """A challenge in this status (its history is not played: only the audience and the outbox are written)."""
        with UnitOfWork(self.database) as uow:
            fresh = uow.session.get_one(User, owner.id)
            row = Challenge(
                organisation_id=fresh.organisation_id,
                created_by_id=fresh.id,
                region_code=values.pop("region_code", fresh.organisation.region_code),
                status=status,
                **_challenge_values() | values,
            )
            if status not in {"draft", "submitted"}:
                row.published_at = utcnow()
            uow.session.add(row)
            uow.session.flush()
            Moves(uow, SYSTEM).refresh_challenge(row)
        return row

    def result(self, author: User, *, status: str = "listed", **values: Any) -> Result:
        with UnitOfWork(self.database) as uow:
            fresh = uow.session.get_one(User, author.id)
            row = Result(
                organisation_id=fresh.organisation_id,
                created_by_id=fresh.id,
                region_code=values.pop("region_code", fresh.organisation.region_code),
                status=status,
                **_result_values() | values,
            )
            if status == "listed":
                row.published_at = utcnow()
            uow.session.add(row)
            uow.session.flush()
            Moves(uow, SYSTEM).refresh_result(row)
        return row

    def expert(self, user: User, **values: Any) -> Expert:
        with UnitOfWork(self.database) as uow:
            fresh = uow.session.get_one(User, user.id)
            row = Expert(
                user_id=fresh.id,
                organisation_id=fresh.organisation_id,
                name=fresh.name,
                region_code=fresh.organisation.region_code,
                listed=values.pop("listed", True),
                title=values.pop("title", "教授"),
                directions=values.pop("directions", "高分子材料增韧改性"),
                keywords=values.pop("keywords", ["尼龙", "增韧"]),
                **values,
            )
            uow.session.add(row)
            uow.session.flush()
            Moves(uow, SYSTEM).refresh_expert(row)
        return row

    def match(
        self,
        challenge: Challenge,
        offer: Result | Expert,
        *,
        level: int = 4,
        score: float = 0.8,
        explanation: dict[str, Any] | None = None,
    ) -> Match:
        told = explanation or {
            "sentence": "体系与工况一致。",
            "evidence": [],
            "verdicts": [],
            "missing": [],
            "contributions": [],
        }
        with UnitOfWork(self.database) as uow:
            row = Match(
                challenge_id=challenge.id,
                result_id=offer.id if isinstance(offer, Result) else None,
                expert_id=offer.id if isinstance(offer, Expert) else None,
                open_score=score, open_level=level, open_explanation=told,
                full_score=score, full_level=level, full_explanation=told,
                matcher_version="test", challenge_version=challenge.version, offer_version=offer.version,
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            author = offer.created_by_id if isinstance(offer, Result) else offer.user_id
            Moves(uow, SYSTEM).refresh_match(row, challenge, offer.organisation_id, author)
        return row


def _challenge_values() -> dict[str, Any]:
    return {
        "title": "高抗冲尼龙66复合材料开发",
        "main_problem": "现有尼龙66制件在低温下冲击韧性不足，装配时易开裂。",
        "tech_requirements": "在保持流动性的前提下提高缺口冲击强度。",
        "expected_goal": "形成可量产的配方与工艺。",
        "keywords": ["尼龙66", "增韧"],
        "indicators": [
            {
                "name": "缺口冲击强度",
                "operator": ">=",
                "value": "12",
                "value_to": "",
                "unit": "kJ/m²",
                "condition": "-30℃",
            }
        ],
        "modes": ["commissioned_development"],
        "field": "new_materials",
        "industry": "C29",
        "budget": Decimal("80"),
        "deadline": (dt.datetime.now(dt.UTC) + dt.timedelta(days=60)).date(),
        "contact_name": "示例联系人",
        "contact_phone": "0572-0000000",
    }


def _result_values() -> dict[str, Any]:
    return {
        "title": "增韧尼龙66制备技术",
        "summary": "以核壳增韧剂提高尼龙66低温韧性。",
        "body": "采用核壳结构增韧剂与原位相容技术，-30℃缺口冲击强度达到15 kJ/m²，熔体流动速率保持在20 g/10min以上。",
        "keywords": ["尼龙66", "增韧"],
        "indicators": [
            {
                "name": "缺口冲击强度",
                "operator": ">=",
                "value": "15",
                "value_to": "",
                "unit": "kJ/m²",
                "condition": "-30℃",
            }
        ],
        "modes": ["licence"],
        "field": "new_materials",
        "industry": "C29",
        "trl": 6,
    }
