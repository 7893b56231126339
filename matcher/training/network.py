"""The base encoder as it is trained: its lower layers frozen and computed once a text, its upper ones learning.

Frozen lower layers cost nothing in quality here and half the time (docs/matching.md); and where only the first token's last
state is read, the last layer is computed for that token alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

BATCH = 64


@dataclass(frozen=True, slots=True)
class States:
    """What the last layer makes of n texts of at most `length` pieces."""

    vectors: Tensor
    """(n, d), of length 1: the first token's, the text's own."""
    hidden: Tensor
    """(n, length, d): every token's."""
    pieces: Tensor
    """(n, length): the number of the word piece at each place; 0 where none stands, the first and last token's included."""


class Network:
    """Texts in, unit vectors out, differentiable in the upper layers."""

    def __init__(self, base: Path, frozen: int, dropout: float, weights: dict[str, Tensor] | None = None) -> None:
        """`base`: a BERT model's folder; `frozen`: number of lower layers that keep their weights; `weights`: as `weights`
        gave them, in place of the base's."""
        from transformers import AutoTokenizer, BertModel

        self.model: Any = BertModel.from_pretrained(str(base), add_pooling_layer=False, dtype=torch.float32)
        if weights is not None:
            self.model.load_state_dict(weights)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(str(base))
        config = self.model.config
        self._layers, self._heads, self._width = (
            config.num_hidden_layers, config.num_attention_heads, config.hidden_size,
        )  # fmt: skip
        self._frozen = frozen
        self._dropout = dropout
        self._states: dict[tuple[int, ...], Tensor] = {}
        self.model.embeddings.requires_grad_(False)
        for layer in self.model.encoder.layer[:frozen]:
            layer.requires_grad_(False)

    def parameters(self) -> list[tuple[str, Tensor]]:
        """Those that learn, with their names."""
        return [(name, value) for name, value in self.model.named_parameters() if value.requires_grad]

    def weights(self) -> dict[str, Tensor]:
        """A copy of all weights, by the names of the base's file."""
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def pieces(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Word pieces of each text, at most `most`."""
        rows: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=most)["input_ids"]
        return rows

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nothing is dropped and nothing recorded to learn from; afterwards it is as it was."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.model.train(training)

    def encode(self, rows: Sequence[list[int]]) -> Tensor:
        """(n, d) unit vectors."""
        return F.normalize(self._batched(rows, every=False)[:, 0], dim=-1)

    def states(self, rows: Sequence[list[int]]) -> States:
        """As `encode`, with the last states of all tokens."""
        hidden = self._batched(rows, every=True)
        pieces = torch.zeros(hidden.shape[:2], dtype=torch.long)
        for number, row in enumerate(rows):
            pieces[number, 1 : len(row) - 1] = torch.tensor(row[1:-1])
        return States(F.normalize(hidden[:, 0], dim=-1), hidden, pieces)

    def _batched(self, rows: Sequence[list[int]], every: bool) -> Tensor:
        """As `_forward`, batched by length, so that little is computed on padding."""
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        parts = [
            self._forward([rows[row] for row in order[start : start + BATCH]], every)
            for start in range(0, len(order), BATCH)
        ]
        longest = max(part.shape[1] for part in parts)
        places = torch.empty(len(order), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat([F.pad(part, (0, 0, 0, longest - part.shape[1])) for part in parts])[places]

    def _forward(self, rows: Sequence[list[int]], every: bool) -> Tensor:
        """(n, 1, d) last states of the first tokens, or (n, length, d) of every one."""
        longest = max(map(len, rows))
        hidden = torch.zeros(len(rows), longest, self._width)
        mask = torch.zeros(len(rows), longest, dtype=torch.bool)
        for number, row in enumerate(rows):
            hidden[number, : len(row)] = self._lower(tuple(row))
            mask[number, : len(row)] = True
        return self._run(hidden, mask, self._frozen, self._layers, every)

    def _lower(self, row: tuple[int, ...]) -> Tensor:
        """(length, width) states after the frozen layers, without dropout; kept, since they never change."""
        if row not in self._states:
            with self.at_rest():
                hidden = self.model.embeddings(input_ids=torch.tensor([row]))
                mask = torch.ones(1, len(row), dtype=torch.bool)
                self._states[row] = self._run(hidden, mask, 0, self._frozen)[0]
        return self._states[row]

    def _run(self, hidden: Tensor, mask: Tensor, first: int, last: int, every: bool = False) -> Tensor:
        unseen = torch.zeros(len(mask), 1, 1, mask.shape[1]).masked_fill(~mask[:, None, None, :], -1e9)
        for number in range(first, last):
            layer = self.model.encoder.layer[number]
            asking = hidden[:, :1] if number == self._layers - 1 and not every else hidden
            attended = self._attend(layer.attention, asking, hidden, unseen)
            output = layer.output.dense(layer.intermediate(attended))
            hidden = layer.output.LayerNorm(self._drop(output) + attended)
        return hidden

    def _attend(self, attention: Any, asking: Tensor, hidden: Tensor, unseen: Tensor) -> Tensor:
        part = attention.self
        mixed = F.scaled_dot_product_attention(
            self._split(part.query(asking)), self._split(part.key(hidden)), self._split(part.value(hidden)), unseen
        )
        seen = mixed.transpose(1, 2).reshape(asking.shape)
        normed: Tensor = attention.output.LayerNorm(self._drop(attention.output.dense(seen)) + asking)
        return normed

    def _split(self, states: Tensor) -> Tensor:
        return states.view(len(states), -1, self._heads, self._width // self._heads).transpose(1, 2)

    def _drop(self, states: Tensor) -> Tensor:
        return F.dropout(states, self._dropout, self.model.training)
