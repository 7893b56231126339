"""The matcher as the platform uses it: encode, find candidates, rank, explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from matcher import policy as policies
from matcher.background import FILE as BACKGROUND
from matcher.background import Background
from matcher.encoder import Encoder, Vector, encode_needs, encode_offers, load_encoder
from matcher.encoders import full_name
from matcher.explain import Explainer
from matcher.features import FeatureMaker, PreparedNeed, PreparedOffer
from matcher.lexical import Lexical
from matcher.policy import PolicyContext, PolicyWeights
from matcher.ranker import DEFAULT_FOLDER, RankerModel
from matcher.statistics import TermStatistics
from matcher.tokens import Tokenizer, tokenize
from matcher.types import Explanation, Match, Need, Offer
from search.ports import Candidate, Kind, SearchEngine

__all__ = ["Matcher", "PolicyContext"]


class Matcher:
    """Holds no state beyond its models: one per process serves all. Build it with `load`.

    A pair's score depends on the two listings alone: not on the other candidates, the engine, or the direction.
    """

    def __init__(
        self,
        encoder: Encoder,
        ranker: RankerModel,
        statistics: TermStatistics,
        *,
        tokenizer: Tokenizer = tokenize,
        weights: PolicyWeights | None = None,
        background: Background | None = None,
    ) -> None:
        """`background` is left aside where it was measured with another encoder."""
        self.encoder = encoder
        self.ranker = ranker.fitted_to(encoder)
        self.weights = weights or PolicyWeights.load()
        self.features = FeatureMaker(
            encoder,
            Lexical(statistics, tokenizer),
            background if background is not None and background.encoder == encoder.version else None,
        )
        self.explainer = Explainer(statistics, tokenizer, encoder)

    @classmethod
    def load(
        cls,
        encoder: Encoder | str | None = None,
        *,
        ranker_folder: Path = DEFAULT_FOLDER,
        tokenizer: Tokenizer = tokenize,
        threads: int = 1,
    ) -> Matcher:
        """With the shipped encoder (None), one by folder or hub name, or one already loaded. Raises EncoderError."""
        if encoder is None or isinstance(encoder, str):
            encoder = load_encoder(encoder, threads=threads)
        statistics = TermStatistics.load(ranker_folder / "words.npz")
        return cls(
            encoder,
            RankerModel.load(ranker_folder),
            statistics,
            tokenizer=tokenizer,
            background=Background.load(ranker_folder) if (ranker_folder / BACKGROUND).exists() else None,
        )

    @property
    def version(self) -> str:
        """Names everything that decides scores: stored with each match, so that it can be reproduced or refreshed."""
        return f"{full_name(self.encoder)}+{self.ranker.version}+{self.weights.version}"

    def encode_need(self, need: Need) -> Vector:
        """(d,), unit length. What is stored of a challenge must come of a need without `sealed`."""
        vector: Vector = encode_needs(self.encoder, [need])[0]
        return vector

    def encode_offer(self, offer: Offer) -> Vector:
        """(d,), unit length: the vector to store in the search engine."""
        vector: Vector = encode_offers(self.encoder, [offer])[0]
        return vector

    def candidates(
        self, need: Need, engine: SearchEngine, kind: Kind, audience: Iterable[str], size: int = 200
    ) -> Sequence[Candidate]:
        """Lexical and dense candidates from the engine. Raises EngineUnavailable.

        Sealed text takes part where the need carries it: it is only asked with, never stored.
        """
        return engine.candidates(
            kind,
            text=self.features.need_text(need),
            vector=self.encode_need(need),
            audience=frozenset(audience),
            size=size,
        )

    def rank(
        self,
        need: Need,
        offers: Sequence[Offer],
        *,
        top: int | None = None,
        explain: bool = True,
        offer_vectors: Mapping[str, Vector] | None = None,
        policy: PolicyContext | None = None,
    ) -> list[Match]:
        """Matches best first, `top` of them at most. `offer_vectors`: stored vectors by offer id; others are encoded.

        With `explain`, each match returned is explained; the explanation quotes sealed text where the need carries it,
        so an explanation for the public comes of a need without. With `policy`, policy weights move the score
        (never the level) and are listed among the contributions.
        """
        prepared = list(zip(offers, self.features.offers(offers, offer_vectors), strict=True))
        return self.rank_prepared(need, prepared, top=top, explain=explain, policy=policy)

    def rank_prepared(
        self,
        need: Need,
        offers: Sequence[tuple[Offer, PreparedOffer]],
        *,
        top: int | None = None,
        explain: bool = False,
        policy: PolicyContext | None = None,
    ) -> list[Match]:
        """As `rank`, for many needs against the same offers: prepare those once, by `features.offers`."""
        scored = self._scored(need, self.features.needs([need])[0], offers, policy)
        return [self._match(need, *item, explain=explain) for item in _best(scored)[:top]]

    def rank_needs(
        self,
        offer: Offer,
        needs: Sequence[Need],
        *,
        top: int | None = None,
        explain: bool = True,
        need_vectors: Mapping[str, Vector] | None = None,
        policy: PolicyContext | None = None,
    ) -> list[Match]:
        """The other way round, with the same score for the same pair. `need_vectors` by need id, made without `sealed`:
        pass none for a need that carries sealed text."""
        prepared = self.features.offers([offer])[0]
        scored = [
            scored
            for need, ready in zip(needs, self.features.needs(needs, need_vectors), strict=True)
            for scored in self._scored(need, ready, [(offer, prepared)], policy)
        ]
        by_id = {need.id: need for need in needs}
        return [self._match(by_id[item[0].need_id], *item, explain=explain) for item in _best(scored)[:top]]

    def _scored(
        self,
        need: Need,
        prepared: PreparedNeed,
        offers: Sequence[tuple[Offer, PreparedOffer]],
        context: PolicyContext | None,
    ) -> list[tuple[Match, Offer]]:
        features = self.features.pairs(prepared, [ready for _offer, ready in offers])
        values = self.ranker.values(features)
        scored = []
        for (offer, _ready), row, value in zip(offers, features, values, strict=True):
            added = policies.contributions(need, offer, self.weights, context)
            total = float(value) + sum(contribution.value for contribution in added)
            explanation = Explanation("", (), (), (), (*self.ranker.contributions(row.tolist()), *added))
            level = self.ranker.level(float(value))
            scored.append((Match(need.id, offer.id, self.ranker.score(total), level, explanation), offer))
        return scored

    def _match(self, need: Need, match: Match, offer: Offer, *, explain: bool) -> Match:
        if not explain:
            return match
        explanation = self.explainer.explain(need, offer, match.explanation.contributions)
        return Match(match.need_id, match.offer_id, match.score, match.level, explanation)


def _best(scored: list[tuple[Match, Offer]]) -> list[tuple[Match, Offer]]:
    """By score; equal ones by id, so that the order is always the same."""
    return sorted(scored, key=lambda item: (-item[0].score, item[0].need_id, item[0].offer_id))
