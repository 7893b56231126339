"""What waits for the county: its officers (reviews, verifications, proposals to qualify) and its brokers (matches without a deal)."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from jieti.domain.dates import china_day
from jieti.domain.identity import Identity
from jieti.domain.vocabulary import OrganisationKind, Verification
from jieti.persistence.models import Challenge, Match, MatchVerdict, Organisation, Proposal
from jieti.persistence.repositories.access import visible
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.reviews import Reviews
from jieti.services.today_rows import LIMIT, Row, Rows, after_working_days
from jieti.services.today_sides import STRONG, without_deal

_CHECKED = (OrganisationKind.ENTERPRISE.value, OrganisationKind.UNIVERSITY.value, OrganisationKind.BROKER_AGENCY.value)


def officer_rows(uow: UnitOfWork, who: Identity, reply_days: int) -> Rows:
    """Reviews oldest first, due `reply_days` working days after they came in."""
    found = Rows()
    session = uow.session
    queue = Reviews(uow, who).queue()
    found.take(
        [
            Row(
                "review",
                f"review_{row.kind}",
                row.ref,
                row.title,
                from_whom=row.organisation,
                due=after_working_days(china_day(row.submitted_at), reply_days) if row.submitted_at else None,
                now=True,
                rank=1,
                since=row.submitted_at,
            )
            for row in queue.rows[: LIMIT + 1]
        ],
        "reviews",
    )
    regions = sorted(who.regions)
    organisations = session.scalars(
        select(Organisation)
        .where(
            Organisation.region_code.in_(regions),
            Organisation.verification == Verification.PENDING.value,
            Organisation.kind.in_(_CHECKED),
        )
        .order_by(Organisation.created_at, Organisation.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "verify_organisation",
                "organisation",
                o.ref,
                o.name,
                due=after_working_days(china_day(o.created_at), reply_days),
                now=True,
                rank=2,
                since=o.created_at,
            )
            for o in organisations
        ],
        "organisations",
    )
    proposals = session.scalars(
        select(Proposal)
        .join(Challenge, Challenge.id == Proposal.challenge_id)
        .where(Challenge.region_code.in_(regions), Proposal.status == "submitted", visible(Proposal, who))
        .options(joinedload(Proposal.challenge), joinedload(Proposal.organisation))
        .order_by(Proposal.submitted_at, Proposal.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "qualify_proposal",
                "proposal",
                p.ref,
                p.challenge.title,
                from_whom=p.organisation.name,
                due=after_working_days(china_day(p.submitted_at), reply_days) if p.submitted_at else None,
                now=True,
                rank=3,
                since=p.submitted_at,
            )
            for p in proposals
        ],
        "proposals",
    )
    return found


def broker_rows(uow: UnitOfWork, who: Identity) -> Rows:
    """Strong matches of the counties served that nobody brokers yet, and nobody has judged unfit."""
    found = Rows()
    unfit = exists().where(MatchVerdict.match_id == Match.id, MatchVerdict.fits.is_(False))
    matches = uow.session.scalars(
        select(Match)
        .join(Challenge, Challenge.id == Match.challenge_id)
        .where(
            Challenge.region_code.in_(sorted(who.regions)),
            Challenge.status == "published",
            Match.current,
            Match.full_level == STRONG,
            Match.result_id.is_not(None),
            without_deal(),
            ~unfit,
            visible(Match, who),
        )
        .options(joinedload(Match.challenge), joinedload(Match.result))
        .order_by(Match.full_score.desc(), Match.id)
        .limit(LIMIT + 1)
    ).all()
    found.take(
        [
            Row(
                "open_deal",
                "match",
                m.ref,
                m.challenge.title,
                from_whom=m.result.title if m.result else "",
                rank=4,
                since=m.created_at,
            )
            for m in matches
        ],
        "matches",
    )
    return found
