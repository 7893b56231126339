"""What each training of the encoder is told, and the rounds that make the shipped one."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Settings:
    """What was found best in the time there was (docs/matching.md)."""

    epochs: int = 2
    rate: float = 5e-5
    """Of AdamW, after the first steps; then falling in a line."""
    horizon: int = 0
    """Epochs after which the rate would be 0: more than `epochs` where the weights are averaged afterwards; 0: as many."""
    frozen: int = 2
    dropout: float = 0.1
    needs: int = 2
    """In one step."""
    judged: int = 24
    """Results of one need in one step: the good ones first, the others by lot."""
    others: int = 28
    """Results at random in one step."""
    papers: int = 8
    """In every other step."""
    alike: int = 0
    """From how many papers next to one drawn by lot the others of a step are drawn; 0: from all. Papers of one subject are harder to
    tell apart."""
    scale: float = 15.0
    """Of cosines, before a loss."""
    papers_scale: float = 20.0
    others_weight: float = 0.3
    papers_weight: float = 0.9
    keywords: float = 0.4
    """Share of the papers that are asked for by their keywords, not by their title."""
    title_pieces: int = 64
    need_pieces: int = 144
    result_pieces: int = 40
    abstract_pieces: int = 112
    given_times: int = 1
    """How often an epoch takes each need that a firm wrote."""
    late: float = 0.0
    """Weight of the same losses by late interaction."""
    late_papers: float = 0.6
    """Of it, the share of the papers' loss."""
    warm: float = 0.1
    """Share of the steps in which the rate rises."""


PARTS = (Settings(epochs=3), Settings(epochs=2))
"""First, from the base: one training for each of the first two parts of our own needs. The first part is the larger."""
HALVES = 2 * (Settings(epochs=1, rate=3e-5, frozen=0, papers=10, papers_weight=1.2),)
"""Then, from the mean of those, all layers: one training for each half of these parts' needs."""
_ALL_NEEDS = Settings(
    epochs=2, horizon=3, rate=8e-5, frozen=0, needs=6, others=0,
    papers=10, alike=30, papers_weight=1.0, keywords=0.5, need_pieces=128,
)  # fmt: skip
WHOLES = (_ALL_NEEDS, _ALL_NEEDS)
"""Then, from the mean of those, all layers: two trainings on all needs that differ by lot. Six needs in a step are each other's results
at random."""
TOGETHER = replace(_ALL_NEEDS, epochs=4, horizon=0, given_times=3, late=1.0, warm=0.05)
"""Then, from the mean of those: one training by PARTNERS processes, each with its share of the needs, whose weights are averaged
every `loop.SYNC` steps (local SGD: Stich, ICLR 2019)."""
LENGTHS = replace(TOGETHER, epochs=1, rate=5e-5, need_pieces=256)
"""Last, from that, in the same way: needs as long as firms really write them."""
SECOND = replace(
    TOGETHER, epochs=3, rate=1e-4, frozen=6, papers_weight=0.7, late=0.0, title_pieces=56, need_pieces=144, abstract_pieces=100,
)  # fmt: skip
"""The other encoder, multilingual-e5-small, in the same way: the upper six of its twelve layers and a linear map."""
PARTNERS = 2


@dataclass(frozen=True, slots=True)
class JoinSettings:
    """For the map that joins the two."""

    dimensions: int = 512
    epochs: int = 5
    rate: float = 3e-4
    decay: float = 0.05
    dropout: float = 0.2
    """Of the parts' numbers."""
    shares: tuple[float, ...] = (1.0, 1.0)
    """How much each part counts to start with."""
    needs: int = 8
    others: int = 128
    papers: int = 64
    scale: float = 24.0
    papers_scale: float = 20.0
    others_weight: float = 0.3
    papers_weight: float = 0.5
    keywords: float = 0.5
    judged_times: int = 3
    """How often an epoch takes each need that experts judged: they are few beside our own."""
