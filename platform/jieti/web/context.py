"""What a request has: its house (the process's parts), its unit of work, its identity.

A safe method (GET, HEAD, OPTIONS) reads; any other takes SQLite's write lock from its first statement. The request's
session is one and the same for Flask-Security's user and for our services.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app, g, request
from flask_login import current_user

from jieti.bootstrap import House
from jieti.domain.identity import ANONYMOUS, Identity
from jieti.persistence.models import User
from jieti.persistence.unit_of_work import UnitOfWork
from jieti.services.identities import identity_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITING_GETS: set[str] = set()
"""Endpoints that write although their method is safe: a link in a mail that confirms an address can only be a GET."""
READING_POSTS: set[str] = {"challenges.preview"}
"""Endpoints that only read although they are posted to: what is typed is too long, and too secret, for an address."""


def house() -> House:
    return cast(House, current_app.extensions["jieti.house"])


def uow() -> UnitOfWork:
    """The request's unit of work. It is rolled back at the end of the request unless `committing` ended well."""
    if "uow" not in g:
        safe = request.method in SAFE_METHODS and request.endpoint not in WRITING_GETS
        g.uow = UnitOfWork(house().database, read=safe or request.endpoint in READING_POSTS)
    return cast(UnitOfWork, g.uow)


@contextmanager
def committing() -> Iterator[UnitOfWork]:
    """`with committing() as uow: Service(uow, identity()).act(…)`: commits once, at the clean end of the block."""
    current = uow()
    try:
        yield current
    except BaseException:
        current.rollback()
        raise
    current.commit()


@contextmanager
def separate_write() -> Iterator[UnitOfWork]:
    """A short write of its own within a reading request (a view log, a seen mark)."""
    with UnitOfWork(house().database) as own:
        yield own


@contextmanager
def slow_read() -> Iterator[UnitOfWork]:
    """A read that takes long (the encoder, the search engine): a writing request lets go of the write lock first.

    What such a request has read before is stale afterwards: load it again.
    """
    current = uow()
    if current.read:
        yield current
        return
    current.rollback()
    with UnitOfWork(house().database, read=True) as own:
        yield own


def identity() -> Identity:
    """Who asks, read once a request."""
    if "who" not in g:  # not g.identity: that name is Flask-Principal's
        user = current_user
        g.who = identity_of(cast(User, user._get_current_object())) if user and user.is_authenticated else ANONYMOUS
    return cast(Identity, g.who)


def end_request(_error: BaseException | None = None) -> None:
    """Teardown: nothing that was not committed stays."""
    current = g.pop("uow", None)
    if current is not None:
        current.rollback()
        current.session.close()
