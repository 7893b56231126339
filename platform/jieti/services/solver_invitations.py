"""邀请解题: a firm asks an expert to look at one of its published challenges; the expert answers with a proposal, or declines.

What the expert is told of the match is the open level and what both open texts share, and only where the match itself is
open to them: an invitation must not say more of a sealed challenge than its page does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload

from jieti.domain.errors import Invalid, MoveNotAllowed, NotVisible, Problem
from jieti.domain.identity import Identity, user_token
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.permissions import Permission, require
from jieti.domain.typed import clean_text
from jieti.persistence.models import Challenge, Expert, Match, Proposal, RecordAudience, SolverInvitation, utcnow
from jieti.persistence.repositories.access import get_visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.deals import Clock
from matcher.types import Level

NOTE_LIMIT = 200
CHOICES = 50
"""Published challenges of a firm that are offered to choose from, newest first."""
A_DAY = 20
"""Invitations of one firm within a day: asking everybody is asking nobody."""
TERMS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A challenge that the expert may be asked to solve. `match`: theirs with it, by the firm's own (full) level.

    `answered`: the expert has sent a proposal already (a draft is theirs alone, and is not told).
    """

    challenge: Challenge
    match: Match | None
    standing: SolverInvitation | None
    answered: bool


class SolverInvitations:
    def __init__(self, uow: UnitOfWork, identity: Identity, *, clock: Clock = utcnow) -> None:
        self._uow = uow
        self._identity = identity
        self._clock = clock

    def choices(self, expert_ref: str) -> tuple[Expert, list[Choice]]:
        """The firm's published challenges, best match first. Raises NotVisible; MoveNotAllowed `no_account`."""
        expert = self._expert(expert_ref)
        session = self._uow.session
        challenges = session.scalars(
            select(Challenge)
            .where(
                Challenge.organisation_id == self._identity.organisation_id,
                Challenge.status.in_(sorted(challenge_states.OPEN_FOR_PROPOSALS)),
            )
            .order_by(Challenge.published_at.desc(), Challenge.id)
            .limit(CHOICES)
        ).all()
        ids = [c.id for c in challenges]
        matches = {
            m.challenge_id: m
            for m in session.scalars(
                select(Match).where(Match.expert_id == expert.id, Match.current, Match.challenge_id.in_(ids))
            )
        }
        asked = {
            i.challenge_id: i
            for i in session.scalars(
                select(SolverInvitation).where(
                    SolverInvitation.expert_id == expert.id, SolverInvitation.challenge_id.in_(ids)
                )
            )
            if i.standing
        }
        answered = set(
            session.scalars(select(Proposal.challenge_id).where(Proposal.challenge_id.in_(ids), *self._sent_by(expert)))
        )
        found = [Choice(c, matches.get(c.id), asked.get(c.id), c.id in answered) for c in challenges]
        return expert, sorted(found, key=lambda one: -(one.match.full_score if one.match else 0.0))

    def invite(self, expert_ref: str, challenge_ref: str, note: str = "") -> SolverInvitation:
        """Naturally repeatable: where the expert is invited already, that invitation stands and nobody is told again.

        Raises NotVisible, Invalid (challenge, note), MoveNotAllowed `no_account`.
        """
        expert = self._expert(expert_ref)
        text = clean_text(note[: NOTE_LIMIT * 4])
        problems = []
        if len(text) > NOTE_LIMIT:
            problems.append(Problem("note", "too_long", {"limit": NOTE_LIMIT, "over": len(text) - NOTE_LIMIT}))
        challenge = self._own_challenge(challenge_ref)
        if challenge is None:
            problems.append(Problem("challenge", "unknown_choice"))
        if problems or challenge is None:
            raise Invalid(problems)
        session, now = self._uow.session, self._clock()
        # Two invitations at once: the second waits for the first's row of the challenge, then finds its invitation.
        session.execute(select(Challenge.id).where(Challenge.id == challenge.id).with_for_update())
        row = session.scalars(
            select(SolverInvitation).where(
                SolverInvitation.challenge_id == challenge.id, SolverInvitation.expert_id == expert.id
            )
        ).first()
        if row is not None and row.standing:
            return row
        if session.scalar(select(Proposal.id).where(Proposal.challenge_id == challenge.id, *self._sent_by(expert))):
            raise Invalid([Problem("challenge", "already_answered")])
        if self._today(now) >= A_DAY:
            raise Invalid([Problem("challenge", "too_many_invitations", {"limit": A_DAY})])
        assert self._identity.user_id is not None and expert.user_id is not None
        if row is None:
            row = SolverInvitation(challenge_id=challenge.id, expert_id=expert.id)
            session.add(row)
        row.invited_by_id, row.note, row.created_at = self._identity.user_id, text, now
        row.withdrawn_at = row.declined_at = None
        session.flush()
        match = self._open_match(challenge, expert)
        level = {} if match is None else {"level": match.open_level}
        self._record("expert.invite", challenge, expert, now, **level)
        told: dict[str, object] = {"title": challenge.title, "organisation": self._firm(challenge)}
        terms = _shared_terms(match)
        kind, url = "invited", f"/experts/{expert.ref}/matches#invitations"
        if match is not None and terms:
            kind, url = "invited_matched", f"/matches/{match.ref}"
            told |= level | {"terms": "、".join(terms)}
        self._uow.notify([expert.user_id], kind, url, told)
        return row

    def withdraw(self, expert_ref: str, ref: str) -> SolverInvitation:
        """By the firm. Naturally repeatable. Raises NotVisible."""
        require(self._identity, Permission.INVITE_EXPERT)
        row = self._row(expert_ref, ref)
        if row.challenge.organisation_id != self._identity.organisation_id or not self._identity.active_member:
            raise NotVisible("solver_invitation", ref)
        if row.standing:
            row.withdrawn_at = self._clock()
            self._record("expert.withdraw_invite", row.challenge, row.expert, row.withdrawn_at)
            if row.expert.user_id is not None:
                told = {"title": row.challenge.title, "organisation": self._firm(row.challenge)}
                self._uow.notify(
                    [row.expert.user_id], "invitation_withdrawn", f"/experts/{row.expert.ref}/matches", told
                )
        return row

    def decline(self, expert_ref: str, ref: str) -> SolverInvitation:
        """By the expert; the firm's person who asked is told. Naturally repeatable. Raises NotVisible."""
        require(self._identity, Permission.EDIT_EXPERT)
        row = self._row(expert_ref, ref)
        if self._identity.user_id is None or row.expert.user_id != self._identity.user_id:
            raise NotVisible("solver_invitation", ref)
        if row.standing:
            row.declined_at = self._clock()
            self._record("expert.decline_invite", row.challenge, row.expert, row.declined_at)
            told = {"title": row.challenge.title, "name": row.expert.name}
            self._uow.notify([row.invited_by_id], "invitation_declined", f"/experts/{row.expert.ref}", told)
        return row

    def for_me(self, limit: int = CHOICES) -> Sequence[SolverInvitation]:
        """What the identity is asked to solve and has not answered, newest first."""
        answered = exists().where(
            Proposal.challenge_id == SolverInvitation.challenge_id, Proposal.author_id == self._identity.user_id
        )
        return self._uow.session.scalars(
            select(SolverInvitation)
            .join(Expert, Expert.id == SolverInvitation.expert_id)
            .join(Challenge, Challenge.id == SolverInvitation.challenge_id)
            .where(
                Expert.user_id == self._identity.user_id,
                SolverInvitation.withdrawn_at.is_(None),
                SolverInvitation.declined_at.is_(None),
                Challenge.status.in_(sorted(challenge_states.OPEN_FOR_PROPOSALS)),
                ~answered,
            )
            .options(
                joinedload(SolverInvitation.challenge).joinedload(Challenge.organisation),
                joinedload(SolverInvitation.expert),
            )
            .order_by(SolverInvitation.created_at.desc(), SolverInvitation.id.desc())
            .limit(limit)
        ).all()

    def by_my_firm(self, expert: Expert) -> Sequence[SolverInvitation]:
        """The standing invitations of the identity's firm to this expert, for the expert's page."""
        if self._identity.organisation_id is None or not self._identity.active_member:
            return ()
        return self._uow.session.scalars(
            select(SolverInvitation)
            .join(Challenge, Challenge.id == SolverInvitation.challenge_id)
            .where(
                SolverInvitation.expert_id == expert.id,
                SolverInvitation.withdrawn_at.is_(None),
                SolverInvitation.declined_at.is_(None),
                Challenge.organisation_id == self._identity.organisation_id,
            )
            .options(joinedload(SolverInvitation.challenge))
            .order_by(SolverInvitation.created_at.desc(), SolverInvitation.id.desc())
            .limit(CHOICES)
        ).all()

    # -- inner -------------------------------------------------------------------------------------------------------

    def _expert(self, ref: str) -> Expert:
        require(self._identity, Permission.INVITE_EXPERT)
        expert = get_visible(self._uow.session, Expert, ref, self._identity, joinedload(Expert.organisation))
        if not expert.listed:
            raise NotVisible("expert", ref)
        if expert.user_id is None:
            raise MoveNotAllowed("no_account")
        return expert

    @staticmethod
    def _sent_by(expert: Expert) -> tuple[ColumnElement[bool], ...]:
        return Proposal.author_id == expert.user_id, Proposal.status.not_in(["draft", "withdrawn"])

    def _own_challenge(self, ref: str) -> Challenge | None:
        """None for anybody else's, and for one that takes no proposals."""
        challenge = self._uow.session.scalars(
            select(Challenge).where(Challenge.ref == ref).options(joinedload(Challenge.organisation))
        ).first()
        if (
            challenge is None
            or challenge.organisation_id != self._identity.organisation_id
            or challenge.status not in challenge_states.OPEN_FOR_PROPOSALS
        ):
            return None
        return challenge

    def _row(self, expert_ref: str, ref: str) -> SolverInvitation:
        row = self._uow.session.scalars(
            select(SolverInvitation)
            .join(Expert, Expert.id == SolverInvitation.expert_id)
            .where(SolverInvitation.ref == ref, Expert.ref == expert_ref)
            .options(
                joinedload(SolverInvitation.challenge).joinedload(Challenge.organisation),
                joinedload(SolverInvitation.expert),
            )
        ).first()
        if row is None:
            raise NotVisible("solver_invitation", ref)
        return row

    def _today(self, now: dt.datetime) -> int:
        """Invitations that the firm sent within the last day, withdrawn ones included."""
        statement = (
            select(func.count())
            .select_from(SolverInvitation)
            .join(Challenge, Challenge.id == SolverInvitation.challenge_id)
            .where(
                Challenge.organisation_id == self._identity.organisation_id,
                SolverInvitation.created_at > now - dt.timedelta(days=1),
            )
        )
        return self._uow.session.scalar(statement) or 0

    def _open_match(self, challenge: Challenge, expert: Expert) -> Match | None:
        """The pair's match where the expert may see it, and it says something for them."""
        statement = select(Match).where(
            Match.challenge_id == challenge.id,
            Match.expert_id == expert.id,
            Match.current,
            Match.open_level >= Level.WEAK,
            exists().where(
                RecordAudience.record_kind == "match",
                RecordAudience.record_id == Match.id,
                RecordAudience.token == user_token(expert.user_id or 0),
            ),
        )
        return self._uow.session.scalars(statement).first()

    @staticmethod
    def _firm(challenge: Challenge) -> str:
        """Empty where the firm asked not to be named."""
        return "" if challenge.anonymous else challenge.organisation.name

    def _record(self, name: str, challenge: Challenge, expert: Expert, at: dt.datetime, **data: int) -> None:
        self._uow.record(
            name, "expert", expert.id, self._identity,
            data={"challenge": challenge.ref, **data}, region_code=challenge.region_code, field=challenge.field, at=at,
        )  # fmt: skip


def _shared_terms(match: Match | None) -> list[str]:
    """What both open texts speak of, as the match's own sentence has it."""
    if match is None:
        return []
    terms = dict.fromkeys(term for reason in match.open_explanation["evidence"] for term in reason["terms"][:2])
    return list(terms)[:TERMS]
