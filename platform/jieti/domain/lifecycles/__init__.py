"""Lifecycles as transition tables: the tables are data, `table.Lifecycle` is the only thing that reads them."""

from jieti.domain.lifecycles.challenge import CHALLENGE
from jieti.domain.lifecycles.deal import DEAL
from jieti.domain.lifecycles.proposal import PROPOSAL
from jieti.domain.lifecycles.result import RESULT
from jieti.domain.lifecycles.table import Actor, Lifecycle, Transition

__all__ = ["CHALLENGE", "DEAL", "PROPOSAL", "RESULT", "Actor", "Lifecycle", "Transition"]
