"""Which word pieces a shipped encoder keeps, and that a trimmed tokenizer reads as before what it is made for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from matcher.training.trimming import ascii_words, is_kept, is_kept_unigram, trim_tokenizer

UNIGRAM = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -4.0), ("ка", -5.0), ("尼龙", -9.0), ("增", -8.0),
    ("韧", -8.0), ("機械", -9.0), ("機", -8.0), ("械", -8.0), ("▁steel", -12.5), ("▁dass", -12.5), ("s", -6.0), ("a", -6.0),
]  # fmt: skip


def unigram(path: Path) -> Path:
    """A tokenizer of SentencePiece's kind with these pieces."""
    tokenizer = Tokenizer(models.Unigram(UNIGRAM, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(path))
    return path


def test_a_trimmed_unigram_tokenizer_reads_on(tmp_path: Path) -> None:
    source = unigram(tmp_path / "tokenizer.json")
    trimmed, kept, before = trim_tokenizer(source, {"steel"})
    pieces = [piece for piece, _score in trimmed["model"]["vocab"]]
    assert pieces == [UNIGRAM[number][0] for number in kept] and before == len(UNIGRAM)
    assert {"ка", "機械", "▁dass"}.isdisjoint(pieces) and {"尼龙", "機", "▁steel"} <= set(pieces)
    target = tmp_path / "trimmed.json"
    target.write_text(json.dumps(trimmed, ensure_ascii=False), encoding="utf-8")
    old, new = Tokenizer.from_file(str(source)), Tokenizer.from_file(str(target))
    for text in ("尼龙增韧", "steel", "機增"):
        assert old.encode(text).tokens == new.encode(text).tokens
        assert [kept[number] for number in new.encode(text).ids] == old.encode(text).ids
    assert new.encode("機械").tokens[1:-1] == ["▁", "機", "械"]


def test_word_pieces_that_can_occur_stay(bert: Path) -> None:
    source = bert / "tokenizer.json"
    trimmed, kept, before = trim_tokenizer(source)
    assert len(kept) == len(trimmed["model"]["vocab"]) == before, "the shipped one is trimmed already"
    assert {"steel", "deep", "learning"} & ascii_words(source)


def test_another_kind_of_tokenizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    Tokenizer(models.BPE()).save(str(path))
    with pytest.raises(ValueError, match="of the kind BPE"):
        trim_tokenizer(path)


@pytest.mark.parametrize(
    ("piece", "kept"),
    [("钢", True), ("##钢", False), ("##ing", True), ("steel", True), ("α", True), ("か", False), ("##の", False), ("한", False)],
)  # fmt: skip
def test_which_word_pieces(piece: str, kept: bool) -> None:
    assert is_kept(piece) is kept


@pytest.mark.parametrize(
    ("piece", "score", "kept"),
    [
        ("检测", -14.9, True), ("檢測", -9.0, False), ("檢", -15.0, True), ("▁后", -9.0, True), ("ます", -9.0, False),
        ("完全に", -9.0, False), ("α", -13.0, True), ("ب", -5.0, False), ("▁২৩", -9.0, False), ("℃", -14.0, True),
        ("”。", -9.0, True), ("2/", -12.5, True), ("2/", -13.5, False), ("▁deep", -13.5, True), ("▁ihre", -11.6, False),
        ("▁en", -8.0, True), ("▁", -3.9, True), ("x", -20.0, True),
    ],
)  # fmt: skip
def test_which_unigram_pieces(piece: str, score: float, kept: bool) -> None:
    assert is_kept_unigram(piece, score, {"deep"}) is kept
