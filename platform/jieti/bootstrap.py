"""Wiring: builds the parts from the settings. Nothing else constructs an engine, a database or an encoder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jieti.persistence.database import Database
from jieti.settings import Settings

if TYPE_CHECKING:  # PyTorch and the engines' clients take seconds to import: only those who use them pay
    from matcher.pipeline import Matcher
    from search.ports import SearchEngine


@dataclass
class House:
    """The parts of one process. Each is opened at first use, `warm_up` opens those that must not wait for a request."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def matcher(self) -> Matcher:
        from matcher.encoder import load_encoder
        from matcher.encoders.cached import CachedEncoder
        from matcher.pipeline import Matcher

        matcher = Matcher.load(CachedEncoder(load_encoder(self.settings.encoder)))
        if self.settings.policy is not None:
            matcher.weights = matcher.weights.only(self.settings.policy)
        return matcher

    @cached_property
    def search(self) -> SearchEngine:
        from search.engines import open_engine

        return open_engine(
            self.settings.search_url, dimensions=self.matcher.encoder.dimensions, prefix=self.settings.search_prefix
        )

    def warm_up(self) -> None:
        """Load the encoder and open the search engine: before the first request, never in one."""
        self.matcher.encoder.encode(["技术需求"])
        _ = self.search

    def close(self) -> None:
        if "search" in self.__dict__:
            self.search.close()
        if "database" in self.__dict__:
            self.database.dispose()
