"""What waits for an enterprise, a researcher, a transfer office, and for whoever administers an organisation."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from jieti.domain.identity import Identity
from jieti.domain.lifecycles import challenge as challenge_states
from jieti.domain.lifecycles.deal import ENDED
from jieti.domain.vocabulary import Membership
from jieti.persistence.models import (
    Challenge,
    Deal,
    Expert,
    Match,
    MatchVerdict,
    Organisation,
    Proposal,
    Result,
    SolverInvitation,
    User,
)
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.solver_invitations import SolverInvitations
from jieti.services.today_rows import LIMIT, Row, Rows

STRONG = 4
TO_DECIDE = ("submitted", "qualified", "shortlisted")
_MATCHABLE = sorted(challenge_states.MATCHABLE)


def without_deal() -> ColumnElement[bool]:
    """Of the match's pair: its challenge with its result, or with its expert."""
    return ~exists().where(
        Deal.challenge_id == Match.challenge_id,
        or_(Deal.result_id == Match.result_id, Deal.expert_id == Match.expert_id),
        Deal.stage.not_in(sorted(ENDED)),
    )


def membership_rows(uow: UnitOfWork, who: Identity) -> Rows:
    """People who ask to join, for the organisation's administrator."""
    found = Rows()
    if who.organisation_admin:
        statement = (
            select(User.name, Organisation.ref, User.confirmed_at)
            .join(Organisation, Organisation.id == User.organisation_id)
            .where(User.organisation_id == who.organisation_id, User.membership == Membership.PENDING.value)
            .order_by(User.id)
            .limit(LIMIT + 1)
        )
        rows = [
            Row("admit_member", "members", ref, name, now=True, rank=4, since=since)
            for name, ref, since in uow.session.execute(statement)
        ]
        found.take(rows, "members")
    return found


def enterprise_rows(uow: UnitOfWork, who: Identity) -> Rows:
    found = Rows()
    session = uow.session
    listings = session.scalars(
        select(Challenge)
        .where(
            Challenge.organisation_id == who.organisation_id,
            Challenge.status.in_(["draft", "needs_fix", "submitted", "expired"]),
        )
        .order_by(Challenge.updated_at.desc(), Challenge.id)
        .limit(LIMIT + 1)
    ).all()
    verbs = {
        "draft": "finish_challenge",
        "needs_fix": "fix_challenge",
        "submitted": "await_review",
        "expired": "extend",
    }
    found.take(
        [
            Row(
                verbs[c.status],
                "challenge",
                c.ref,
                c.title,
                waiting=c.status == "submitted",
                now=c.status == "needs_fix",
                rank=1 if c.status == "needs_fix" else 6,
                since=c.submitted_at if c.status == "submitted" else c.updated_at,
            )
            for c in listings
        ],
        "my_challenges",
    )
    proposals = session.execute(
        select(Challenge.ref, Challenge.title, func.count(), func.min(Proposal.submitted_at))
        .join(Proposal, Proposal.challenge_id == Challenge.id)
        .where(
            Challenge.organisation_id == who.organisation_id,
            Challenge.status.in_(_MATCHABLE),
            Proposal.status.in_(TO_DECIDE),
            visible(Proposal, who),
        )
        .group_by(Challenge.id, Challenge.ref, Challenge.title)
        .order_by(func.min(Proposal.submitted_at), Challenge.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row("decide_proposal", "proposals_of", ref, title, count=count, now=True, rank=2, since=at)
            for ref, title, count, at in proposals
        ],
        "my_challenges",
    )
    judged = exists().where(MatchVerdict.match_id == Match.id, MatchVerdict.user_id == who.user_id)
    matched = session.execute(
        select(Challenge.ref, Challenge.title, func.count(), func.max(Match.created_at))
        .join(Match, Match.challenge_id == Challenge.id)
        .where(
            Challenge.organisation_id == who.organisation_id,
            Challenge.status.in_(_MATCHABLE),
            Match.current,
            Match.full_level == STRONG,
            Match.result_id.is_not(None),
            without_deal(),
            ~judged,
        )
        .group_by(Challenge.id, Challenge.ref, Challenge.title)
        .order_by(func.max(Match.created_at).desc(), Challenge.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row("look_at_matches", "matches_of", ref, title, count=count, rank=4, since=at)
            for ref, title, count, at in matched
        ],
        "my_challenges",
    )
    return found


def researcher_rows(uow: UnitOfWork, who: Identity) -> Rows:
    found = Rows()
    session = uow.session
    results = session.scalars(
        select(Result)
        .where(Result.created_by_id == who.user_id, Result.status.in_(["draft", "needs_fix", "submitted", "confirmed"]))
        .order_by(Result.updated_at.desc(), Result.id)
        .limit(LIMIT + 1)
    ).all()
    verbs = {
        "draft": "finish_result",
        "needs_fix": "fix_result",
        "submitted": "await_confirm",
        "confirmed": "await_list",
    }
    found.take(
        [
            Row(
                verbs[r.status],
                "result",
                r.ref,
                r.title,
                waiting=r.status in {"submitted", "confirmed"},
                now=r.status == "needs_fix",
                rank=1 if r.status == "needs_fix" else 6,
                since=r.updated_at,
            )
            for r in results
        ],
        "my_results",
    )
    answered = exists().where(Proposal.challenge_id == Match.challenge_id, Proposal.author_id == who.user_id)
    refused = exists().where(
        MatchVerdict.match_id == Match.id, MatchVerdict.user_id == who.user_id, MatchVerdict.fits.is_(False)
    )
    asked = SolverInvitations(uow, who).for_me(LIMIT + 1)
    found.take(
        [
            Row(
                "answer_invitation",
                "invitations",
                one.expert.ref,
                one.challenge.title,
                from_whom="" if one.challenge.anonymous else one.challenge.organisation.name,
                note="anonymous" if one.challenge.anonymous else "",
                due=one.challenge.deadline,
                now=True,
                rank=2,
            )
            for one in asked
        ],
        "my_invitations",
    )
    invited = exists().where(
        SolverInvitation.challenge_id == Match.challenge_id,
        SolverInvitation.withdrawn_at.is_(None),
        SolverInvitation.expert_id.in_(select(Expert.id).where(Expert.user_id == who.user_id)),
    )
    by_result = Match.result_id.in_(select(Result.id).where(Result.created_by_id == who.user_id))
    by_expert = Match.expert_id.in_(select(Expert.id).where(Expert.user_id == who.user_id))
    other = aliased(Match)
    said_by_result = exists().where(
        other.challenge_id == Match.challenge_id,
        other.current,
        other.open_level == STRONG,
        other.result_id.in_(select(Result.id).where(Result.created_by_id == who.user_id)),
    )
    # By the open level: the full one is not theirs to know. A firm that asked to stay unnamed stays unnamed here.
    # The expert page's match adds nothing where a result says it already, nor an invitation that stands above.
    matches = session.scalars(
        select(Match)
        .join(Challenge, Challenge.id == Match.challenge_id)
        .where(
            or_(by_result, and_(by_expert, ~said_by_result)),
            ~invited,
            Match.current,
            Match.open_level == STRONG,
            Challenge.status == "published",
            without_deal(),
            ~answered,
            ~refused,
            visible(Match, who),
        )
        .options(joinedload(Match.challenge).joinedload(Challenge.organisation), joinedload(Match.result))
        .order_by(Challenge.deadline.is_(None), Challenge.deadline, Match.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "answer_challenge",
                "match",
                m.ref,
                m.challenge.title,
                from_whom="" if m.challenge.anonymous else m.challenge.organisation.name,
                note="anonymous" if m.challenge.anonymous else "",
                due=m.challenge.deadline,
                now=True,
                rank=5,
            )
            for m in matches
        ],
        "my_matches",
    )
    with_deal = exists().where(Deal.proposal_id == Proposal.id)
    proposals = session.scalars(
        select(Proposal)
        .join(Challenge, Challenge.id == Proposal.challenge_id)
        .where(
            Proposal.author_id == who.user_id,
            or_(
                and_(Proposal.status == "draft", Challenge.status == "published"),
                Proposal.status.in_(TO_DECIDE),
                and_(Proposal.status == "awarded", ~with_deal),
            ),
        )
        .options(joinedload(Proposal.challenge))
        .order_by(Proposal.updated_at.desc(), Proposal.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "finish_proposal"
                if p.status == "draft"
                else "await_deal"
                if p.status == "awarded"
                else "await_decision",
                "proposal",
                p.ref,
                p.challenge.title,
                waiting=p.status != "draft",
                now=p.status == "draft",
                due=p.challenge.deadline if p.status == "draft" else None,
                rank=3,
                since=p.submitted_at or p.updated_at,
            )
            for p in proposals
        ],
        "my_proposals",
    )
    return found


def office_rows(uow: UnitOfWork, who: Identity) -> Rows:
    """Results of the own university that wait for its confirmation, oldest first."""
    found = Rows()
    results = uow.session.scalars(
        select(Result)
        .where(Result.organisation_id == who.organisation_id, Result.status == "submitted")
        .options(joinedload(Result.created_by))
        .order_by(Result.submitted_at, Result.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "confirm_result",
                "review_result",
                r.ref,
                r.title,
                from_whom=r.created_by.name if r.created_by else "",
                now=True,
                rank=2,
                since=r.submitted_at,
            )
            for r in results
        ],
        "reviews",
    )
    return found
