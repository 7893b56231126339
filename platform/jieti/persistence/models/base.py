"""Declarative base, naming of constraints, and the column types used throughout.

Times are naive UTC (as Flask-Security stores its own); the interface shows them in Asia/Shanghai.
Money is NUMERIC in 万元 with four decimals, so that one yuan is exact.
"""

from __future__ import annotations

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, Numeric
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it)
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        Decimal: Numeric(14, 4),
        dt.datetime: DateTime(),
    }


_REF_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/i/l: references are read out on the telephone


def new_ref() -> str:
    """An opaque reference for URLs: 10 characters, about 49 bits, never reused."""
    return "".join(secrets.choice(_REF_ALPHABET) for _ in range(10))


def utcnow() -> dt.datetime:
    """Now, as naive UTC."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
