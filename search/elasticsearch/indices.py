"""Index names and aliases: `jieti-result` points to the live `jieti-result-000003`; `…-building` to one being filled."""

from __future__ import annotations

import re

import elasticsearch

from search.elasticsearch.connection import Connection, unavailable_on_error
from search.elasticsearch.mapping import REPLICAS, index_body
from search.ports import Kind


class Indices:
    """Creates, swaps and drops generations of one kind's index."""

    def __init__(self, connection: Connection, prefix: str, dimensions: int) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", prefix):
            raise ValueError(f"not a prefix for index names: {prefix!r}")
        self._connection = connection
        self._prefix = prefix
        self._dimensions = dimensions

    def alias(self, kind: Kind) -> str:
        return f"{self._prefix}-{kind}"

    def building_alias(self, kind: Kind) -> str:
        return f"{self._prefix}-{kind}-building"

    def targets(self, kind: Kind) -> list[str]:
        """Aliases that a put must reach, the one being built first (`search.embedded.catalogue` says why both).

        Makes the first index where there is none.
        """
        names = {self.alias(kind), self.building_alias(kind)}
        held = self._held(kind)
        if self.alias(kind) not in {alias for aliases in held.values() for alias in aliases}:
            self._create(kind, self._next(held), building=False)
            held = self._held(kind)
        return sorted(names & {alias for aliases in held.values() for alias in aliases}, key=len, reverse=True)

    def start(self, kind: Kind) -> str:
        """A new index to fill; one that was left unfinished is dropped."""
        held = self._held(kind)
        for index, aliases in held.items():
            if self.building_alias(kind) in aliases:
                self.drop(index)
        return self._create(kind, self._next(held), building=True)

    def swap(self, kind: Kind, index: str) -> None:
        """Show what was built, atomically; keep the index before it, delete older ones."""
        client = self._connection.writing()
        alias, building = self.alias(kind), self.building_alias(kind)
        with unavailable_on_error():
            client.indices.refresh(index=index)
            client.indices.put_settings(
                index=index, settings={"refresh_interval": None, "auto_expand_replicas": REPLICAS}
            )
            held = self._held(kind)
            if building not in held.get(index, ()):
                raise RuntimeError(f"{index} is no longer being built")
            live = [name for name, aliases in held.items() if alias in aliases]
            client.indices.update_aliases(
                actions=[
                    *({"remove": {"index": name, "alias": alias}} for name in live),
                    {"remove": {"index": index, "alias": building}},
                    {"add": {"index": index, "alias": alias}},
                ]
            )
        for name in held:
            if name not in (index, *live):
                self.drop(name)

    def drop(self, index: str) -> None:
        with unavailable_on_error():
            self._connection.writing().indices.delete(index=index, ignore_unavailable=True)

    def dimensions(self, kind: Kind) -> int | None:
        """The vectors' dimensions in the live index; None where there is none."""
        try:
            with unavailable_on_error():
                mappings = self._connection.client.indices.get_mapping(index=self.alias(kind))
        except elasticsearch.NotFoundError:
            return None
        (mapping,) = mappings.body.values()
        return int(mapping["mappings"]["_meta"]["dimensions"])

    def _held(self, kind: Kind) -> dict[str, set[str]]:
        """Our indices of this kind and their aliases."""
        name = re.compile(re.escape(self.alias(kind)) + r"-\d{6}")
        with unavailable_on_error():
            found = self._connection.client.indices.get_alias(index=f"{self.alias(kind)}-*", allow_no_indices=True)
        return {index: set(entry["aliases"]) for index, entry in sorted(found.body.items()) if name.fullmatch(index)}

    def _next(self, held: dict[str, set[str]]) -> int:
        return 1 + max((int(index[-6:]) for index in held), default=0)

    def _create(self, kind: Kind, number: int, *, building: bool) -> str:
        index = f"{self.alias(kind)}-{number:06d}"
        alias = self.building_alias(kind) if building else self.alias(kind)
        body = index_body(self._dimensions, building=building)
        try:
            with unavailable_on_error():
                self._connection.writing().indices.create(index=index, aliases={alias: {}}, **body)
        except elasticsearch.BadRequestError as error:
            # another process made the first index in this moment; a rebuild must not share one
            if building or error.error != "resource_already_exists_exception":
                raise
        return index
