"""Flask-Security's datastore on the request's own unit of work: one session, one commit.

The library asks for a scoped session; `RequestSession` is one scoped to the request. Its own `commit()` goes through
the unit of work. Requests that write although their method is safe (a confirmation link is a GET) are named in
`jieti.web.context.WRITING_GETS`, so that their session takes SQLite's write lock from its first statement.
"""

from __future__ import annotations

from typing import Any

from flask_security import SQLAlchemySessionUserDatastore

from jieti.persistence.models import Role, User
from jieti.web.context import uow


class RequestSession:
    """Stands for the session of the request at work, whichever it is."""

    def __getattr__(self, name: str) -> Any:
        return getattr(uow().session, name)


class RequestDatastore(SQLAlchemySessionUserDatastore):
    def __init__(self) -> None:
        session: Any = RequestSession()
        super().__init__(session, User, Role)

    def commit(self) -> None:
        uow().commit()
