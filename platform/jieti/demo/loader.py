"""Loads the demo content into an empty installation, its history dated back, through the lifecycles' own tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import select

from jieti.demo.content import rows
from jieti.demo.history import way_to
from jieti.domain.identity import SYSTEM, Identity
from jieti.domain.lifecycles import CHALLENGE, DEAL, PROPOSAL, RESULT, Actor, Transition
from jieti.domain.vocabulary import Role, Verification
from jieti.persistence.models import (
    Challenge,
    Contract,
    Deal,
    DealNote,
    DealParticipant,
    Event,
    Expert,
    ListingVersion,
    Match,
    Organisation,
    Proposal,
    Result,
    User,
    utcnow,
)
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.accounts import DEMO_EMAILS, create_user, hash_password
from jieti.services.identities import identity_of
from jieti.services.listing_content import snapshot
from jieti.services.moves import Moves

DEMO_PASSWORD = "jieti-demo-2026"  # noqa: S105 (printed in the README; the accounts exist in demo mode only)
_REASONS = {
    "needs_fix": "请补充技术指标的测试条件，并写明现有工艺的实际水平。",
    "rejected": "内容与技术需求无关，请通过企业服务渠道反映。",
    "offline": "企业来电说明需求已自行解决。",
    "closed_failed": "三个月内未找到合适的合作方，企业决定暂缓。",
    "delisted": "权属正在变更，完成后重新上架。",
    "disqualified": "申报单位与需求企业存在关联关系。",
    "not_selected": "指标有两项达不到要求，另一方案验证更充分。",
}


class DemoLoader:
    """One run on an empty database; the caller's unit of work commits it whole."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._now = utcnow()
        self._organisations: dict[str, Organisation] = {}
        self._users: dict[str, User] = {}
        self._identities: dict[str, Identity] = {}
        self._experts: dict[str, Expert] = {}
        self._challenges: dict[str, Challenge] = {}
        self._results: dict[str, Result] = {}
        self._proposals: dict[str, Proposal] = {}

    def load(self) -> dict[str, int]:
        """Everything, in the order in which one thing needs another; returns the counts."""
        self._load_organisations()
        self._load_people()
        self._load_experts()
        self._load_challenges()
        self._load_results()
        self._load_proposals()
        deals = self._load_deals()
        return {
            "organisations": len(self._organisations),
            "people": len(self._users),
            "experts": len(self._experts),
            "challenges": len(self._challenges),
            "results": len(self._results),
            "proposals": len(self._proposals),
            "deals": deals,
        }

    # -- people ------------------------------------------------------------------------------------------------------

    def _load_organisations(self) -> None:
        for row in rows("organisations"):
            organisation = Organisation(
                kind=row["kind"],
                name=row["name"],
                sort_key=_sort_key(row["name"]),
                uscc=row["uscc"],
                region_code=row["region"],
                served_regions=row.get("served_regions", []),
                address=row["address"],
                phone=row["phone"],
                contact_name=row["contact_name"],
                intro=row["intro"],
                tags=row.get("tags", []),
                verification=row["verification"],
                created_at=self._ago(200 if row["verification"] == "verified" else 1),
            )
            self._uow.session.add(organisation)
            self._organisations[row["key"]] = organisation
        self._uow.session.flush()

    def _load_people(self) -> None:
        shared = hash_password(DEMO_PASSWORD)
        for row in rows("people"):
            email = (
                DEMO_EMAILS.get(row["key"].removeprefix("demo_"), row["email"])
                if row["key"].startswith("demo_")
                else row["email"]
            )
            user = create_user(
                self._uow,
                email=email,
                password=None,
                password_hash=shared if email in DEMO_EMAILS.values() else None,  # the others cannot sign in
                name=row["name"],
                organisation=self._organisations[row["organisation"]],
                roles=[Role(row["role"])],
                admin=True,
                title=row.get("title", ""),
                phone=row.get("phone", ""),
            )
            self._users[row["key"]] = user
            user.organisation = self._organisations[row["organisation"]]
            self._identities[row["key"]] = identity_of(user)

    def _load_experts(self) -> None:
        for row in rows("experts"):
            user = self._users.get(row.get("person") or "")
            expert = Expert(
                listed=True,
                user_id=user.id if user else None,
                organisation_id=self._organisations[row["organisation"]].id,
                name=row["name"],
                sort_key=_sort_key(row["name"]),
                title=row["title"],
                directions=row["directions"] if isinstance(row["directions"], str) else "\n".join(row["directions"]),
                fields=row["fields"],
                keywords=row["keywords"],
                provides=row["provides"],
                bio=row["bio"],
                projects=row["projects"],
                region_code=row["region"],
                created_at=self._ago(180),
                updated_at=self._ago(20),
            )
            self._uow.session.add(expert)
            self._uow.session.flush()
            Moves(self._uow, SYSTEM).refresh_expert(expert)
            self._experts[row["key"]] = expert

    # -- listings ----------------------------------------------------------------------------------------------------

    def _load_challenges(self) -> None:
        for row in rows("challenges"):
            owner = self._identities[row["created_by"]]
            published = row.get("published_days_ago") or 3
            challenge = Challenge(
                organisation_id=self._organisations[row["organisation"]].id,
                created_by_id=owner.user_id,
                **{name: row.get(name) or "" for name in _CHALLENGE_TEXTS},
                keywords=row["keywords"],
                indicators=_indicators(row["indicators"]),
                sealed_text=row.get("sealed") or "",
                sealed_indicators=_indicators(row.get("sealed_indicators") or []),
                modes=row["modes"],
                region_code=row["region"],
                trl_min=row.get("trl_min"),
                budget=_money(row.get("budget_wan")),
                deadline=self._day(row["deadline_in_days"]),
                anonymous=row.get("anonymous", False),
                created_at=self._ago(published + 6),
                updated_at=self._ago(published + 6),
            )
            self._add_listing("challenge", challenge)
            self._play_challenge(challenge, row["status"], owner, published)
            self._challenges[row["key"]] = challenge

    def _play_challenge(self, challenge: Challenge, target: str, owner: Identity, published: int) -> None:
        way = way_to(CHALLENGE, target)
        if not way:
            Moves(self._uow, owner).refresh_challenge(challenge)
        for step, transition in enumerate(way):
            actor = self._actor(transition, owner, challenge.region_code)
            at = self._history(step, transition, published, len(way))
            Moves(self._uow, actor).challenge(challenge, transition.verb, self._reason(transition), at)

    def _load_results(self) -> None:
        for row in rows("results"):
            author = self._identities[row["created_by"]]
            expert = self._experts.get(row.get("expert") or "")
            published = row.get("published_days_ago") or 3
            result = Result(
                organisation_id=self._organisations[row["organisation"]].id,
                created_by_id=author.user_id,
                expert_id=expert.id if expert else None,
                **{name: row.get(name) or "" for name in _RESULT_TEXTS},
                keywords=row["keywords"],
                indicators=_indicators(row["indicators"]),
                modes=row["modes"],
                region_code=row["region"],
                trl=row["trl"],
                price=_money(row.get("price_wan")),
                ip_rows=row["ip"],
                completed_on=self._day(row["completed_in_days"]),
                contact_name=author.name,
                contact_phone=self._users[row["created_by"]].phone,
                created_at=self._ago(published + 6),
                updated_at=self._ago(published + 6),
            )
            self._add_listing("result", result)
            way = way_to(RESULT, row["status"])
            if not way:
                Moves(self._uow, author).refresh_result(result)
            for step, transition in enumerate(way):
                actor = self._actor(transition, author, result.region_code)
                at = self._history(step, transition, published, len(way))
                Moves(self._uow, actor).result(result, transition.verb, self._reason(transition), at)
            self._results[row["key"]] = result

    def _add_listing(self, kind: str, listing: Challenge | Result) -> None:
        session = self._uow.session
        session.add(listing)
        session.flush()
        session.add(
            ListingVersion(
                kind=kind,
                listing_id=listing.id,
                version=listing.version,
                snapshot=snapshot(kind, listing),
                actor_id=listing.created_by_id,
                at=listing.created_at,
            )
        )

    # -- brokering ---------------------------------------------------------------------------------------------------

    def _load_proposals(self) -> None:
        for row in rows("proposals"):
            author = self._identities[row["author"]]
            challenge = self._challenges[row["challenge"]]
            result = self._results.get(row.get("result") or "")
            assert author.user_id is not None and author.organisation_id is not None
            proposal = Proposal(
                challenge_id=challenge.id,
                author_id=author.user_id,
                organisation_id=author.organisation_id,
                result_id=result.id if result else None,
                summary=row["summary"],
                answers=row["answers"],
                team=row["team"],
                price=_money(row.get("price_wan")),
                schedule=row["schedule"],
                ip_terms=row["ip_terms"],
                created_at=self._ago(12),
                updated_at=self._ago(12),
            )
            self._uow.session.add(proposal)
            self._uow.session.flush()
            way = way_to(PROPOSAL, row["status"])
            if not way:
                Moves(self._uow, author).refresh_proposal(proposal, challenge)
            owner = self._owner_of(challenge)
            for step, transition in enumerate(way):
                actor = (
                    author
                    if Actor.SOLVER in transition.actors
                    else self._actor(transition, owner, challenge.region_code)
                )
                reason = row.get("decision_reason") or self._reason(transition) if transition.reason_required else ""
                Moves(self._uow, actor).proposal(proposal, challenge, transition.verb, reason, self._ago(11 - 2 * step))
            self._proposals[row["key"]] = proposal

    def _load_deals(self) -> int:
        count = 0
        for row in rows("deals"):
            self._load_deal(row)
            count += 1
        return count

    def _load_deal(self, row: dict[str, Any]) -> None:
        session = self._uow.session
        challenge, result = self._challenges[row["challenge"]], self._results[row["result"]]
        broker = self._identities[row["broker"]]
        opened = self._ago(row["opened_days_ago"])
        proposal = self._proposals.get(row.get("proposal") or "")
        assert broker.user_id is not None
        deal = Deal(
            title=challenge.title,
            challenge_id=challenge.id,
            result_id=result.id,
            proposal_id=proposal.id if proposal else None,
            buyer_id=challenge.organisation_id,
            seller_id=result.organisation_id,
            broker_id=broker.user_id,
            region_code=challenge.region_code,
            next_step=(row.get("next_step") or {}).get("text", ""),
            next_step_on=self._day(row["next_step"]["in_days"]) if row.get("next_step") else None,
            stage_since=opened,
            created_at=opened,
            updated_at=opened,
        )
        session.add(deal)
        session.flush()
        people = {broker.user_id: "broker", challenge.created_by_id: "buyer", result.created_by_id: "seller"}
        for user_id, side in people.items():
            if user_id is not None:
                session.add(DealParticipant(deal_id=deal.id, user_id=user_id, side=side, added_at=opened))
        Moves(self._uow, broker).refresh_deal(deal, {u for u in people if u is not None})
        self._uow.record(
            "deal.open", "deal", deal.id, broker,
            to_status="intent", region_code=deal.region_code, field=challenge.field, at=opened,
            data={"challenge": challenge.ref, "result": result.ref},
        )  # fmt: skip
        if result.status == "listed":
            Moves(self._uow, SYSTEM).result(result, "negotiate", at=opened)
        terms = row.get("contract")
        self._play_deal(deal, row, terms, challenge, result, broker)
        for note in row.get("notes", []):
            session.add(
                DealNote(
                    deal_id=deal.id,
                    author_id=self._users[note["by"]].id,
                    text=note["text"],
                    at=self._ago(note["days_ago"]),
                )
            )

    def _play_deal(
        self,
        deal: Deal,
        row: dict[str, Any],
        terms: dict[str, Any] | None,
        challenge: Challenge,
        result: Result,
        broker: Identity,
    ) -> None:
        """The deal's path as written; between two written stages the table's shortest way."""
        for station in [s for s in row["path"] if s["stage"] != "intent"]:
            way = way_to(DEAL, station["stage"], deal.stage)
            for transition in way:
                at = self._ago(station["days_ago"])
                data: dict[str, Any] = {}
                if transition.target == "contract_signed" and terms:
                    data = {
                        "contract_value": str(terms["contract_value_wan"]),
                        "tech_value": str(terms["tech_value_wan"]),
                    }
                    self._sign(deal, terms, challenge, result, at)
                actor = self._deal_actor(transition, deal, broker)
                reason = (
                    (station.get("reason") or "双方协商一致。")
                    if transition.reason_required
                    else station.get("reason") or ""
                )
                Moves(self._uow, actor).deal(deal, transition.verb, reason, at, data, challenge.field)

    def _sign(self, deal: Deal, terms: dict[str, Any], challenge: Challenge, result: Result, at: dt.datetime) -> None:
        signed = at.date()
        self._uow.session.add(
            Contract(
                deal_id=deal.id,
                kind=terms["kind"],
                name=terms.get("name") or challenge.title,
                number=terms["number"],
                contract_value=Decimal(str(terms["contract_value_wan"])),
                tech_value=Decimal(str(terms["tech_value_wan"])),
                signed_on=signed,
                valid_from=signed,
                valid_until=signed + dt.timedelta(days=30 * terms["valid_months"]),
                created_at=at,
                updated_at=at,
            )
        )
        if challenge.status in {"published", "reviewing", "awarded"}:
            Moves(self._uow, SYSTEM).challenge(challenge, "sign", at=at)
        if result.status in {"listed", "negotiating"}:
            Moves(self._uow, SYSTEM).result(result, "contract", at=at)

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _owner_of(self, challenge: Challenge) -> Identity:
        return next(i for i in self._identities.values() if i.user_id == challenge.created_by_id)

    def _actor(self, transition: Transition, owner: Identity, region_code: str) -> Identity:
        if transition.actors & {Actor.OWNER, Actor.SOLVER}:
            return owner
        if Actor.OFFICER in transition.actors:
            return self._officer(region_code)
        return SYSTEM

    def _deal_actor(self, transition: Transition, deal: Deal, broker: Identity) -> Identity:
        return broker if Actor.BROKER in transition.actors else self._officer(deal.region_code)

    def _officer(self, region_code: str) -> Identity:
        """The county's officer among the demo's people; a county without one is looked after by its bureau, unnamed."""
        for identity in self._identities.values():
            if Role.OFFICER in identity.roles and region_code in identity.regions:
                return identity
        return Identity(
            organisation_id=0,
            active_member=True,
            verification=Verification.VERIFIED,
            roles=frozenset({Role.OFFICER}),
            regions=frozenset({region_code}),
            name="科技局",
        )

    def _history(self, step: int, transition: Transition, published: int, steps: int) -> dt.datetime:
        """Submitted before, published on its day, what followed spread until now."""
        if transition.verb == "submit":
            return self._ago(published + 3)
        if transition.target in {"approved", "confirmed", "published", "listed", "needs_fix", "rejected"}:
            return self._ago(published) + dt.timedelta(seconds=step)
        return self._ago(published * (steps - 1 - step) / steps)

    def _reason(self, transition: Transition) -> str:
        return _REASONS.get(transition.target, "双方协商一致。") if transition.reason_required else ""

    def _ago(self, days: float) -> dt.datetime:
        return self._now - dt.timedelta(days=days)

    def _day(self, offset: int) -> dt.date:
        return (self._now + dt.timedelta(days=offset)).date()


_CHALLENGE_TEXTS = (
    "title main_problem tech_requirements expected_goal field industry activity_type ip_terms solver_conditions "
    "intended_partner contact_name contact_phone"
).split()
_RESULT_TEXTS = "title summary body advantages market field industry awards".split()


def _indicators(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": row["name"],
            "operator": row["operator"],
            "value": float(row["value"]),
            "value_to": None if row.get("value_to") in (None, "") else float(row["value_to"]),
            "unit": row.get("unit") or "",
            "condition": row.get("condition") or "",
        }
        for row in raw
    ]


def _money(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _sort_key(name: str) -> str:
    return " ".join(lazy_pinyin(name))


def tie_matches(uow: UnitOfWork) -> None:
    """After the worker has matched: the demo's deals point to their matches, and 匹配 is dated soon after publication."""
    session = uow.session
    for deal in session.scalars(select(Deal).where(Deal.match_id.is_(None))):
        deal.match_id = session.scalar(
            select(Match.id).where(Match.challenge_id == deal.challenge_id, Match.result_id == deal.result_id)
        )
    published = dict(session.execute(select(Challenge.id, Challenge.published_at)).all())
    for event in session.scalars(select(Event).where(Event.name == "match.found", Event.subject_kind == "challenge")):
        day = published.get(event.subject_id)
        if day is not None:
            event.at = min(event.at, day + dt.timedelta(minutes=5))
