"""Reading matches and judging them: who sees which score, and what people said.

The full score and its reasons are for the challenge's sealed audience; everyone else gets the open ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from jieti.domain.audience import sealed_audience, visible_to
from jieti.domain.errors import Invalid, NotVisible, Problem
from jieti.domain.identity import Identity
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.permissions import Permission, require
from jieti.domain.vocabulary import RejectionReason, Role
from jieti.persistence.models import Challenge, Deal, Expert, Match, MatchVerdict, Result, utcnow
from jieti.persistence.repositories.access import get_visible, visible
from jieti.persistence.unit_of_work import UnitOfWork

PAGE_SIZE = 10
SHOWN_LEVELS = (4, 3, 2)


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match as one identity may see it. `explanation`: dict form of matcher.types.Explanation."""

    match: Match
    level: int
    score: float
    explanation: dict[str, Any]
    sees_sealed: bool
    with_policy: bool  # False: `score`, and the order, are without policy weights
    sealed_note: bool  # constant for every match of a challenge with sealed content, whether it mattered or not
    my_verdict: MatchVerdict | None = None
    deal_ref: str | None = None

    @property
    def offer(self) -> Result | Expert:
        offer = self.match.result or self.match.expert
        assert offer is not None  # the table's check constraint
        return offer

    @property
    def challenge(self) -> Challenge:
        return self.match.challenge


@dataclass(frozen=True, slots=True)
class MatchPage:
    items: Sequence[MatchView]
    total: int
    page: int
    counts: dict[int, int] = field(default_factory=dict)  # by level, before the level filter

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


_PARTS = (
    joinedload(Match.challenge).joinedload(Challenge.organisation),
    joinedload(Match.result).joinedload(Result.organisation),
    joinedload(Match.expert).joinedload(Expert.organisation),
)


@dataclass(frozen=True, slots=True)
class _Side:
    """The columns of what one side of the audience sees."""

    level: Any
    score: Any
    plain: Any


_OPEN = _Side(Match.open_level, Match.open_score, Match.open_plain)
_FULL = _Side(Match.full_level, Match.full_score, Match.full_plain)


def _kind(offers: str) -> ColumnElement[bool]:
    return Match.expert_id.is_not(None) if offers == "experts" else Match.result_id.is_not(None)


class Matches:
    def __init__(self, uow: UnitOfWork, identity: Identity) -> None:
        self._uow = uow
        self._identity = identity

    def of_challenge(
        self, ref: str, *, levels: Sequence[int] = (), offers: str = "results", page: int = 1, with_policy: bool = True
    ) -> tuple[Challenge, MatchPage]:
        """The challenge's standing matches, best first, for its sealed audience (owner, county). Others: NotVisible.

        `with_policy`, here and below: whether policy weights take part in the order within a level (never in the level).
        """
        require(self._identity, Permission.SEE_MATCHES)
        challenge = get_visible(self._uow.session, Challenge, ref, self._identity, joinedload(Challenge.organisation))
        if not self.sees_sealed(challenge):
            raise NotVisible("challenge", ref)
        where = (Match.challenge_id == challenge.id, Match.current, _kind(offers))
        return challenge, self._page(where, _FULL, levels, page, with_policy)

    def of_result(
        self, ref: str, *, levels: Sequence[int] = (), page: int = 1, with_policy: bool = True
    ) -> tuple[Result, MatchPage]:
        """The challenges that a result fits, by open score alone, for the result's own organisation and the county."""
        require(self._identity, Permission.SEE_MATCHES)
        result = get_visible(self._uow.session, Result, ref, self._identity, joinedload(Result.organisation))
        where = (Match.result_id == result.id, Match.current, visible(Match, self._identity))
        if self._identity.organisation_id != result.organisation_id and not self._identity.regions:
            raise NotVisible("result", ref)
        return result, self._page(where, _OPEN, levels, page, with_policy)

    def of_expert(
        self, ref: str, *, levels: Sequence[int] = (), page: int = 1, with_policy: bool = True
    ) -> tuple[Expert, MatchPage]:
        """适合您的题: the challenges that an expert fits, by open score alone; for the expert, their organisation, the county."""
        require(self._identity, Permission.SEE_MATCHES)
        expert = get_visible(self._uow.session, Expert, ref, self._identity, joinedload(Expert.organisation))
        who = self._identity
        own = expert.user_id == who.user_id or (
            expert.organisation_id is not None and expert.organisation_id == who.organisation_id and who.active_member
        )
        if not own and not who.regions:
            raise NotVisible("expert", ref)
        where = (Match.expert_id == expert.id, Match.current, visible(Match, who))
        return expert, self._page(where, _OPEN, levels, page, with_policy)

    def waiting(self, *, offers: str = "results", page: int = 1, with_policy: bool = True) -> MatchPage:
        """待促成: good matches of the identity's counties without a deal, best first."""
        require(self._identity, Permission.OPEN_DEAL)
        open_deal = exists().where(Deal.match_id == Match.id, Deal.stage.not_in(ENDED))
        where = (
            Match.current,
            _kind(offers),
            Match.challenge_id.in_(
                select(Challenge.id).where(
                    Challenge.region_code.in_(self._identity.regions), Challenge.status == "published"
                )
            ),
            visible(Match, self._identity),
            ~open_deal,
            ~exists().where(MatchVerdict.match_id == Match.id, MatchVerdict.fits.is_(False)),
        )
        return self._page(where, _FULL, (4, 3), page, with_policy)

    def best_of(self, challenge: Challenge, size: int = 3) -> list[MatchView]:
        """The owner's box on the challenge's page; empty for those outside the sealed audience."""
        if not self.sees_sealed(challenge):
            return []
        statement = (
            select(Match)
            .where(Match.challenge_id == challenge.id, Match.current, Match.result_id.is_not(None))
            .order_by(Match.full_level.desc(), Match.full_score.desc(), Match.id)
            .limit(size)
            .options(*_PARTS)
        )
        return self._views(list(self._uow.session.scalars(statement)))

    def mine_for(self, challenge: Challenge) -> MatchView | None:
        """A researcher's best own result for a challenge, by the open score (the box on the challenge's page)."""
        if self._identity.user_id is None:
            return None
        statement = (
            select(Match)
            .join(Result, Match.result_id == Result.id)
            .where(
                Match.challenge_id == challenge.id,
                Match.current,
                Result.created_by_id == self._identity.user_id,
                visible(Match, self._identity),
            )
            .order_by(Match.open_level.desc(), Match.open_score.desc())
            .limit(1)
            .options(*_PARTS)
        )
        views = self._views(list(self._uow.session.scalars(statement)))
        return views[0] if views else None

    def show(self, ref: str, *, with_policy: bool = True) -> MatchView:
        """One match with all its reasons. Raises NotVisible."""
        require(self._identity, Permission.SEE_MATCHES)
        match = get_visible(self._uow.session, Match, ref, self._identity, *_PARTS)
        return self._views([match], with_policy)[0]

    def best_for_expert(self, expert: Expert, size: int = 3) -> list[MatchView]:
        """The box on the expert's own page, by the open score."""
        statement = (
            select(Match)
            .where(Match.expert_id == expert.id, Match.current, visible(Match, self._identity))
            .order_by(Match.open_level.desc(), Match.open_score.desc(), Match.id)
            .limit(size)
            .options(*_PARTS)
        )
        return self._views(list(self._uow.session.scalars(statement)))

    def give_verdict(self, ref: str, *, fits: bool, reason: str = "", note: str = "") -> Match:
        """合适 / 不合适; the newest of a person replaces the older. Raises Invalid where a misfit names no reason."""
        require(self._identity, Permission.GIVE_VERDICT)
        match = get_visible(self._uow.session, Match, ref, self._identity, *_PARTS)
        if not fits and reason not in {r.value for r in RejectionReason}:
            raise Invalid([Problem("reason", "choose_reason")])
        if len(note) > 500:
            raise Invalid([Problem("note", "too_long", {"over": len(note) - 500})])
        row = self._my_verdict(match.id)
        if row is None:
            assert self._identity.user_id is not None
            row = MatchVerdict(match_id=match.id, user_id=self._identity.user_id)
            self._uow.session.add(row)
        row.fits, row.reason, row.note, row.at = fits, "" if fits else reason, note, utcnow()
        row.level, row.matcher_version, row.role = match.open_level, match.matcher_version, self._role(match)
        self._uow.record(
            "match.verdict", "match", match.id, self._identity,
            reason=row.reason, data={"fits": fits, "level": match.open_level},
            region_code=match.challenge.region_code, field=match.challenge.field,
        )  # fmt: skip
        return match

    def withdraw_verdict(self, ref: str) -> None:
        require(self._identity, Permission.GIVE_VERDICT)
        match = get_visible(self._uow.session, Match, ref, self._identity)
        self._uow.session.execute(
            delete(MatchVerdict).where(
                MatchVerdict.match_id == match.id, MatchVerdict.user_id == self._identity.user_id
            )
        )
        self._uow.record("match.verdict_withdrawn", "match", match.id, self._identity)

    def sees_sealed(self, challenge: Challenge) -> bool:
        """Is the identity in the challenge's sealed audience?"""
        tokens = sealed_audience(
            organisation_id=challenge.organisation_id, region_code=challenge.region_code, status=challenge.status
        )
        return visible_to(tokens, self._identity)

    # -- inner -------------------------------------------------------------------------------------------------------

    def _page(
        self,
        where: Sequence[ColumnElement[bool] | InstrumentedAttribute[bool]],
        side: _Side,
        levels: Sequence[int],
        page: int,
        with_policy: bool,
    ) -> MatchPage:
        session, level = self._uow.session, side.level
        score = side.score if with_policy else func.coalesce(side.plain, side.score)
        grouped = session.execute(select(level, func.count()).where(*where).group_by(level))
        counts: dict[int, int] = {row[0]: row[1] for row in grouped}
        chosen = [n for n in levels if n in SHOWN_LEVELS] or list(SHOWN_LEVELS)
        total = sum(count for number, count in counts.items() if number in chosen)
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(page, 1), pages)
        statement = (
            select(Match)
            .where(*where, level.in_(chosen))
            .order_by(level.desc(), score.desc(), Match.id)
            .limit(PAGE_SIZE)
            .offset((page - 1) * PAGE_SIZE)
            .options(*_PARTS)
        )
        return MatchPage(self._views(list(session.scalars(statement)), with_policy), total, page, counts)

    def _views(self, matches: Sequence[Match], with_policy: bool = True) -> list[MatchView]:
        session, ids = self._uow.session, [m.id for m in matches]
        verdicts = {
            v.match_id: v
            for v in session.scalars(
                select(MatchVerdict).where(
                    MatchVerdict.match_id.in_(ids), MatchVerdict.user_id == self._identity.user_id
                )
            )
        }
        deals = dict(
            session.execute(
                select(Deal.match_id, Deal.ref).where(
                    Deal.match_id.in_(ids), Deal.stage.not_in(ENDED), visible(Deal, self._identity)
                )
            ).all()
        )
        return [self._view(m, verdicts.get(m.id), deals.get(m.id), with_policy) for m in matches]

    def _view(self, match: Match, verdict: MatchVerdict | None, deal_ref: str | None, with_policy: bool) -> MatchView:
        sealed = self.sees_sealed(match.challenge)
        score, plain = (match.full_score, match.full_plain) if sealed else (match.open_score, match.open_plain)
        return MatchView(
            match=match,
            level=match.full_level if sealed else match.open_level,
            score=score if with_policy or plain is None else plain,
            explanation=match.full_explanation if sealed else match.open_explanation,
            sees_sealed=sealed,
            with_policy=with_policy,
            sealed_note=match.challenge.has_sealed and not sealed,
            my_verdict=verdict,
            deal_ref=deal_ref,
        )

    def _role(self, match: Match) -> str:
        """As whom the identity judges: the firm's people, a broker, an officer, or the offer's side."""
        who = self._identity
        if who.organisation_id == match.challenge.organisation_id:
            return Role.ENTERPRISE.value
        if who.verified:
            for role in (Role.BROKER, Role.OFFICER):
                if role in who.roles:
                    return role.value
        return Role.RESEARCHER.value

    def _my_verdict(self, match_id: int) -> MatchVerdict | None:
        return self._uow.session.scalar(
            select(MatchVerdict).where(
                MatchVerdict.match_id == match_id, MatchVerdict.user_id == self._identity.user_id
            )
        )


__all__ = ["PAGE_SIZE", "MatchPage", "MatchView", "Matches"]
