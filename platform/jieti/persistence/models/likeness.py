"""Keys by which near-duplicates of a listing find each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jieti.persistence.models.base import Base


class ListingKey(Base):
    """One key of a listing's open text (`matcher.duplicates.Print.keys`): texts that are alike share some."""

    __tablename__ = "listing_key"
    __table_args__ = (Index(None, "kind", "listing_id"), {"sqlite_with_rowid": False})

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    listing_id: Mapped[int] = mapped_column(primary_key=True)
