"""Word pieces that Chinese technical text does not use are left out of a shipped encoder: most of a multilingual model is their vectors.

Of a BERT vocabulary (WordPiece) those go that can never occur: continuation pieces of single Han characters (its tokenizer sets
each Han character apart). Of a SentencePiece vocabulary (Unigram) those go that only other languages need, longer pieces with
letters beyond ASCII, seldom ones of ASCII, and words in traditional characters: they are read in shorter pieces then.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Any

import opencc

DROPPED_SCRIPTS = (
    "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "ARABIC", "THAI", "HEBREW", "DEVANAGARI",
    "BENGALI", "TAMIL", "TIBETAN", "ARMENIAN", "GEORGIAN", "MYANMAR", "KHMER", "HALFWIDTH",
)  # fmt: skip
KEPT_ALPHABETS = {"LATIN", "GREEK", "CYRILLIC"}
HAN = "CJK"
KNOWN, UNKNOWN, SIGNS = -14.0, -11.5, -13.0
"""Least log-probability of a Unigram piece of several ASCII characters: one that is a piece of the Chinese vocabulary too, one that is
not, one without letters."""
SPACE = "▁"
"""SentencePiece's sign for it."""


def trim_tokenizer(source: Path, known: Container[str] = ()) -> tuple[dict[str, Any], list[int], int]:
    """The tokenizer of this tokenizer.json with kept pieces renumbered, the old number of each, and how many there were. `known`:
    words that occur in Chinese text, as `ascii_words` gives them. Raises ValueError for another kind than WordPiece and
    Unigram."""
    tokenizer = _read(source)
    kind = tokenizer["model"]["type"]
    if kind == "WordPiece":
        old, before = _trim_word_pieces(tokenizer)
    elif kind == "Unigram":
        old, before = _trim_unigram(tokenizer, known)
    else:
        raise ValueError(f"{source}: pieces of the kind {kind}; WordPiece and Unigram are known")
    number = {piece: index for index, piece in enumerate(old)}
    tokenizer["added_tokens"] = [
        {**token, "id": number[token["content"]]} for token in tokenizer["added_tokens"] if token["content"] in number
    ]
    for token, entry in tokenizer["post_processor"]["special_tokens"].items():
        entry["ids"] = [number[token]]
    return tokenizer, list(old.values()), before


def ascii_words(source: Path) -> set[str]:
    """The pieces in ASCII, lower case, of a WordPiece tokenizer.json; none of another kind's."""
    model = _read(source)["model"]
    pieces = model["vocab"] if model["type"] == "WordPiece" else ()
    return {piece.removeprefix("##").lower() for piece in pieces if piece.isascii()}


def _read(source: Path) -> dict[str, Any]:
    tokenizer: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return tokenizer


def _trim_word_pieces(tokenizer: dict[str, Any]) -> tuple[dict[str, int], int]:
    """Each kept piece's old number, in the new order, and how many pieces there were."""
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    old = {piece: number for piece, number in sorted(vocabulary.items(), key=lambda one: one[1]) if is_kept(piece)}
    tokenizer["model"]["vocab"] = {piece: index for index, piece in enumerate(old)}
    # The base is an uncased model whose tokenizer file leaves lower-casing to its wrapper; here the file itself says so.
    tokenizer["normalizer"]["lowercase"] = True
    return old, len(vocabulary)


def _trim_unigram(tokenizer: dict[str, Any], known: Container[str]) -> tuple[dict[str, int], int]:
    """As `_trim_word_pieces`."""
    vocabulary: list[tuple[str, float]] = tokenizer["model"]["vocab"]
    special = {token["content"] for token in tokenizer["added_tokens"]}
    old = {
        piece: number
        for number, (piece, score) in enumerate(vocabulary)
        if piece in special or is_kept_unigram(piece, score, known)
    }
    tokenizer["model"]["vocab"] = [vocabulary[number] for number in old.values()]
    tokenizer["model"]["unk_id"] = list(old.values()).index(tokenizer["model"]["unk_id"])
    return old, len(vocabulary)


def is_kept(piece: str) -> bool:
    """Whether a Chinese technical text can need this WordPiece."""
    continues = piece.startswith("##") and len(piece) > 2
    scripts = _scripts(piece[2:] if continues else piece)
    if continues and HAN in scripts:
        return False
    return not scripts & set(DROPPED_SCRIPTS)


def is_kept_unigram(piece: str, score: float, known: Container[str]) -> bool:
    """Whether a Chinese technical text needs this Unigram piece of this log-probability; `known` as in `trim_tokenizer`."""
    text = piece.replace(SPACE, "")
    if len(text) > 1 and text.isascii():
        if not any(map(str.isalpha, text)):
            return score > SIGNS
        return score > (KNOWN if text.lower() in known else UNKNOWN)
    alphabets = KEPT_ALPHABETS if len(text) == 1 else set()
    if not all(char.isascii() or _is_sign(char) or _scripts(char) <= {HAN, *alphabets} for char in text):
        return False
    return len(text) <= 1 or _simplifier().convert(text) == text


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _is_sign(char: str) -> bool:
    """Punctuation, a symbol, or a number that is no other script's digit."""
    return unicodedata.category(char) in {"Nl", "No"} or unicodedata.category(char)[0] in "PS"


def _scripts(text: str) -> set[str]:
    return {unicodedata.name(char, "?").split()[0] for char in text}
