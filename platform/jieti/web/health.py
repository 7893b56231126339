"""`/healthz`: 200 when the database answers, the search engine answers and a worker lives; else 503 and what is missing."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from jieti.persistence.models import WorkerHeartbeat, utcnow
from jieti.web.context import house, uow
from jieti.web.security import public
from search.ports import EngineUnavailable

blueprint = Blueprint("health", __name__)
FRESH = dt.timedelta(seconds=60)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    parts = {"database": False, "search": False, "worker": False}
    try:
        uow().session.execute(text("SELECT 1"))
        parts["database"] = True
        newest = uow().session.scalar(select(WorkerHeartbeat.at).order_by(WorkerHeartbeat.at.desc()).limit(1))
        parts["worker"] = newest is not None and utcnow() - newest < FRESH
    except SQLAlchemyError:
        pass
    try:
        house().search.ping()
        parts["search"] = True
    except EngineUnavailable:
        pass
    return jsonify(parts), 200 if all(parts.values()) else 503
