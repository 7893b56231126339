"""Makes the encoder that the repository ships from the trained one, or from a copy of bge-small-zh-v1.5 itself.

    python scripts/make_encoder.py WORK/encoder matcher/models/jieti-encoder-v4 --learned own

Two things are changed, neither of them felt by a Chinese technical text:

- word pieces that cannot occur, or not in such a text, are dropped: continuation pieces of single Han characters (a BERT
  tokenizer sets each Han character apart, so that none ever continues a word) and pieces in scripts other than
  Han, Latin, Greek and Cyrillic;
- weights are stored as 16-bit floats.

The folder has the layout that sentence-transformers loads. The script then checks its own work: vectors of the
original and of the new model must agree (cosine ≥ 0.999 on the sample texts), or it leaves nothing behind.
"""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LEAST_COSINE = 0.999
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
KEPT_SCRIPTS = ("CJK", "LATIN", "GREEK", "CYRILLIC")
DROPPED_SCRIPTS = (
    "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "ARABIC", "THAI", "HEBREW", "DEVANAGARI",
    "BENGALI", "TAMIL", "TIBETAN", "ARMENIAN", "GEORGIAN", "MYANMAR", "KHMER", "HALFWIDTH",
)  # fmt: skip
SAMPLES = (
    "技术需求",
    "高韧性立方氮化硼单晶的研制：抗冲击韧性≥67%，堆积密度≥1.80 g/cm³",
    "PA66增韧改性，耐温 -40℃~120℃，使用寿命不少于2000 h",
    "D50 1–3 μm的球形氧化铝粉体在导热硅胶中的应用",
    "Deep learning based defect detection for steel plates 钢板表面缺陷检测",
    "廢水處理中的高級氧化技術與膜分離裝置",
    "α-Fe₂O₃光催化剂，比表面积≥120 m²/g，Cr(Ⅵ)去除率95%以上",
    "一种基于机器视觉的柑橘分选机，每小时处理3吨",
    "",
)
CARD = """---
license: mit
language: zh
library_name: sentence-transformers
base_model: BAAI/bge-small-zh-v1.5
---
# {name}

Sentence encoder for Chinese technical texts: needs of enterprises, results of universities, profiles of experts.

- **Base**: bge-small-zh-v1.5 by BAAI (C-Pack, arXiv 2309.07597), MIT licence; see LICENSE.
{training}
- **Shape**: BERT, 4 layers × 512, 8 heads, {pieces:,} word pieces of the base's {base_pieces:,}, at most 512 tokens, first-token
  pooling, unit length. Weights as 16-bit floats ({megabytes:.0f} MB); computed in 32 bits.
- **Made by** `scripts/make_encoder.py`: it drops word pieces that Chinese technical text does not use (continuation
  pieces of single Han characters, which the tokenizer never makes, and pieces of other scripts) and checks that the
  vectors agree with those before (lowest cosine on its samples: {cosine:.5f}).
- **Figures**: in docs/matching.md; print them again with `make eval`.
- **Limits**: {limits}Texts in kana, Hangul and other scripts are read as unknown pieces. Beyond 512 tokens a text is cut. The
  model knows no quantities: indicators are compared by `matcher.indicators`, not by it.
"""
OWN = """- **Training**: `scripts/train_encoder.py`, from the base, embeddings kept. It learns to put the better result of a need above the
  worse (pairwise logistic loss within a need), its own results above other needs' results, and to find an abstract by its title and by
  its keywords. Needs and scores were made for it by a language model (`matcher/training/own`: how, and how good they are); papers are 800
  of CSL's. Weights of several trainings are averaged, the last by two processes together, and mixed with the base's. {judged} No text of the data is in the model's
  folder, and no personal data went into it."""
TRAINING = {
    "nothing": "- **Training**: none beyond the base's.",
    "own": OWN.format(judged="No judgement of experts was learned from."),
    "judged": OWN.format(judged="Last it learned from judgements of experts and brokers (`--judged`)."),
}
LIMITS = "the results it learned to order are known by their titles alone, the scores by what a language model knows of\n  industry. "
LICENCE = """MIT License

Copyright (c) 2022 staoxiao (FlagEmbedding; bge-small-zh-v1.5 by the Beijing Academy of Artificial Intelligence, BAAI)

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def is_kept(piece: str) -> bool:
    """Whether a Chinese technical text can need this word piece."""
    continues = piece.startswith("##") and len(piece) > 2
    text = piece[2:] if continues else piece
    scripts = {unicodedata.name(char, "?").split()[0] for char in text}
    if continues and "CJK" in scripts:
        return False
    return not scripts & set(DROPPED_SCRIPTS)


def trim_tokenizer(source: Path) -> tuple[dict[str, Any], list[int], int]:
    """The tokenizer with kept pieces renumbered, the old number of each, and how many there were."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    kept = [piece for piece, _ in sorted(vocabulary.items(), key=lambda item: item[1]) if is_kept(piece)]
    number = {piece: index for index, piece in enumerate(kept)}
    tokenizer["model"]["vocab"] = number
    # The base is an uncased model whose tokenizer file leaves lower-casing to its wrapper; here the file itself says so.
    tokenizer["normalizer"]["lowercase"] = True
    tokenizer["added_tokens"] = [
        {**token, "id": number[token["content"]]} for token in tokenizer["added_tokens"] if token["content"] in number
    ]
    for token, entry in tokenizer["post_processor"]["special_tokens"].items():
        entry["ids"] = [number[token]]
    return tokenizer, [vocabulary[piece] for piece in kept], len(vocabulary)


def encode(folder: Path, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """Vectors by sentence-transformers, (n, d), unit length."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": "float32"})
    return np.asarray(model.encode(list(texts), normalize_embeddings=True), dtype=np.float32)


@click.command()
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path), default=ROOT / "matcher/models/jieti-encoder-v4")
@click.option(
    "--learned",
    type=click.Choice(list(TRAINING)),
    default="nothing",
    show_default=True,
    help="What BASE was trained on, for its card.",
)
def main(base: Path, target: Path, learned: str) -> None:
    """Make the shipped encoder in TARGET from the folder BASE, trained or not."""
    if target.exists():
        raise click.ClickException(f"{target} exists; remove it first")
    tokenizer, kept, before = trim_tokenizer(base / "tokenizer.json")
    weights = load_file(base / "model.safetensors")
    weights[WORD_EMBEDDINGS] = np.ascontiguousarray(weights[WORD_EMBEDDINGS][kept])
    target.mkdir(parents=True)
    try:
        for name in ("modules.json", "sentence_bert_config.json", "tokenizer_config.json"):
            shutil.copyfile(base / name, target / name)
        (target / "1_Pooling").mkdir()
        shutil.copyfile(base / "1_Pooling/config.json", target / "1_Pooling/config.json")
        config = json.loads((base / "config.json").read_text(encoding="utf-8"))
        config |= {"vocab_size": len(kept), "pad_token_id": tokenizer["model"]["vocab"]["[PAD]"], "dtype": "float16"}
        (target / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
        halves = {name: value.astype(np.float16) for name, value in weights.items() if value.dtype == np.float32}
        others = {name: value for name, value in weights.items() if value.dtype != np.float32}
        save_file(halves | others, target / "model.safetensors", metadata={"format": "pt"})
        cosine = float((encode(base, SAMPLES) * encode(target, SAMPLES)).sum(axis=1).min())
        if cosine < LEAST_COSINE:
            raise click.ClickException(f"the new model strays from its base: cosine {cosine:.5f}")
    except BaseException:
        shutil.rmtree(target)
        raise
    (target / "model.safetensors").chmod(0o644)
    size = (target / "model.safetensors").stat().st_size / 1e6
    card = CARD.format(
        name=target.name, training=TRAINING[learned], limits="" if learned == "nothing" else LIMITS,
        pieces=len(kept), base_pieces=before, megabytes=size, cosine=cosine,
    )  # fmt: skip
    (target / "README.md").write_text(card, encoding="utf-8")
    (target / "LICENSE").write_text(LICENCE, encoding="utf-8")
    click.echo(f"{target}: {len(kept)} of {before} word pieces, {size:.1f} MB, lowest cosine {cosine:.5f}")


if __name__ == "__main__":
    main()
