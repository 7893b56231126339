"""The base encoder as it is trained: its lower layers frozen and computed once a text, its upper ones learning.

Frozen lower layers cost nothing in quality here and half the time (docs/matching.md); and where only the first token's last
state is read, the last layer is computed for that token alone. Pooling, prompt and linear map are those of the base's folder;
the map learns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from matcher.encoders.folder import DENSE_BIAS, DENSE_WEIGHT, WEIGHTS, dense_in, pooling_of, prompt_of

BATCH = 64


@dataclass(frozen=True, slots=True)
class States:
    """What the last layer makes of n texts of at most `length` pieces."""

    vectors: Tensor
    """(n, d), of length 1: the text's own."""
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
        self._dense = _dense(base)
        if weights is not None:
            held = dict(weights)
            if self._dense:
                self._dense.load_state_dict({"weight": held.pop(DENSE_WEIGHT), "bias": held.pop(DENSE_BIAS)})
            self.model.load_state_dict(held)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(str(base))
        config = self.model.config
        self._mean = pooling_of(base) == "mean"
        self._prompt = prompt_of(base)
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
        return [(name, value) for name, value in self._named() if value.requires_grad]

    def weights(self) -> dict[str, Tensor]:
        """A copy of all weights, by the names of the base's files."""
        held = self.model.state_dict()
        if self._dense:
            held |= {DENSE_WEIGHT: self._dense.weight, DENSE_BIAS: self._dense.bias}
        return {name: value.detach().clone() for name, value in held.items()}

    def pieces(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Word pieces of each text, its prompt before it, at most `most`."""
        asked = [self._prompt + text for text in texts]
        rows: list[list[int]] = self._tokenizer(asked, truncation=True, max_length=most)["input_ids"]
        return rows

    def centre(self, rows: Sequence[list[int]]) -> None:
        """Have the linear map, where there is one, take the mean of these texts off: vectors that all point one way tell
        little apart."""
        if self._dense:
            with self.at_rest():
                self._dense.bias.sub_(self._pooled(rows).mean(0))

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
        return F.normalize(self._pooled(rows), dim=-1)

    def states(self, rows: Sequence[list[int]]) -> States:
        """As `encode`, with the last states of all tokens."""
        parts, places = _by_length(rows, lambda some: self._forward(some, every=True))
        longest = max(map(len, rows))
        hidden = torch.cat([F.pad(part, (0, 0, 0, longest - part.shape[1])) for part in parts])[places]
        pieces = torch.zeros(hidden.shape[:2], dtype=torch.long)
        for number, row in enumerate(rows):
            pieces[number, 1 : len(row) - 1] = torch.tensor(row[1:-1])
        return States(F.normalize(self._pool(hidden, rows), dim=-1), hidden, pieces)

    def _named(self) -> list[tuple[str, Tensor]]:
        dense = [(DENSE_WEIGHT, self._dense.weight), (DENSE_BIAS, self._dense.bias)] if self._dense else []
        return [*self.model.named_parameters(), *dense]

    def _pooled(self, rows: Sequence[list[int]]) -> Tensor:
        """(n, d)."""
        parts, places = _by_length(rows, lambda some: self._pool(self._forward(some, every=self._mean), some))
        return torch.cat(parts)[places]

    def _pool(self, hidden: Tensor, rows: Sequence[list[int]]) -> Tensor:
        """(n, length, width) states to (n, d)."""
        if self._mean:
            lengths = torch.tensor([len(row) for row in rows])[:, None]
            there = torch.arange(hidden.shape[1]) < lengths
            pooled = (hidden * there[..., None]).sum(1) / lengths
        else:
            pooled = hidden[:, 0]
        return self._dense(pooled) if self._dense else pooled

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


def _dense(base: Path) -> nn.Linear | None:
    """The folder's linear map."""
    from safetensors.torch import load_file

    place = dense_in(base)
    if not place:
        return None
    held = load_file(place / WEIGHTS)
    linear = nn.Linear(held[DENSE_WEIGHT].shape[1], len(held[DENSE_BIAS]))
    linear.load_state_dict({"weight": held[DENSE_WEIGHT], "bias": held[DENSE_BIAS]})
    return linear


def _by_length(rows: Sequence[list[int]], compute: Callable[[list[list[int]]], Tensor]) -> tuple[list[Tensor], Tensor]:
    """What is computed of rows batched by length, so that little is computed on padding, and each row's place in that."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    parts = [compute([rows[row] for row in order[start : start + BATCH]]) for start in range(0, len(order), BATCH)]
    places = torch.empty(len(order), dtype=torch.long)
    places[torch.tensor(order)] = torch.arange(len(order))
    return parts, places
