"""Addresses to go back to: only paths of this site."""

from __future__ import annotations

from urllib.parse import urlsplit


def local_url(url: str | None) -> str | None:
    """The path and query if `url` is one of this site's, else None (an open redirect would lend our name to others)."""
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")) or any(ord(c) < 32 for c in url):
        return None
    parts = urlsplit(url)
    return None if parts.scheme or parts.netloc else url
