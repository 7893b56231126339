"""The mandatory audience filter: a document is visible where its audience and the identity's tokens share a token.

Every read of both engines goes through this module; none takes a query without an audience. An identity without
tokens sees nothing at all, and so does a document without an audience: absence never means "everyone" (that is
what the token for the public is for).
"""

from __future__ import annotations

from collections.abc import Iterable

MAX_TOKEN = 200


def tokens(audience: Iterable[str]) -> tuple[str, ...]:
    """The audience in a stable order, without empty tokens; () sees nothing and must not reach an engine's query."""
    if isinstance(audience, str):
        raise TypeError("an audience is a set of tokens, not one text")
    return tuple(sorted({token for token in audience if token}))


def may_see(document_audience: Iterable[str], identity_audience: Iterable[str]) -> bool:
    """The rule itself, for one document: what both engines must agree with."""
    return not set(tokens(document_audience)).isdisjoint(tokens(identity_audience))


def elasticsearch_filter(audience: Iterable[str]) -> dict[str, object]:
    """The rule as an Elasticsearch clause for filter context; with no tokens it matches no document."""
    allowed = tokens(audience)
    if not allowed:
        return {"match_none": {}}
    return {"terms": {"audience": list(allowed)}}
