"""Trains the encoder that the repository ships, and scores every judged need by an encoder that never saw it.

    python scripts/train_encoder.py ../shared/data ../shared/models/bge-small-zh-v1.5 WORK [--seeds 1] [--fold K]

DATA holds need_result_pairs/ and abstracts/abstracts.jsonl; BASE is the encoder to start from. Each training of a fold or of
the whole is kept in WORK as soon as it is done, so that a run that was cut off goes on where it stopped, and two
processes can share the folds (--fold). Written in the end:

- WORK/encoder/: the encoder trained on all needs, in the base's layout;
- WORK/shipped/: what `scripts/make_encoder.py` makes of it, to be put into matcher/models/;
- WORK/out_of_fold.npz: for each judged need its cosines with all results, by the encoder of its fold, under the version of the
  one in WORK/shipped. Numbers only; to be put into matcher/evaluation/.

With several seeds the weights of the trainings are averaged (model soup: Wortsman et al., ICML 2022).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.encoder import encode_needs, encode_offers, load_encoder  # noqa: E402
from matcher.evaluation.out_of_fold import OutOfFold  # noqa: E402
from matcher.evaluation.run import FOLDS, Corpus  # noqa: E402
from matcher.training.loop import Settings, train  # noqa: E402
from matcher.training.material import Material  # noqa: E402

WHOLE = FOLDS
"""The number under which the training on all needs goes."""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("work", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Trainings to average.")
@click.option("--fold", "folds", type=click.IntRange(0, WHOLE), multiple=True, help=f"Only these; {WHOLE}: all needs.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
def main(data: Path, base: Path, work: Path, seeds: int, folds: tuple[int, ...], threads: int) -> None:
    """Train from BASE on DATA, into the folder WORK."""
    torch.set_num_threads(threads)
    material = Material.read(data)
    for fold in folds or range(WHOLE + 1):
        for seed in range(seeds):
            _train(base, material, work, fold, seed)
        _average(base, work, fold, seeds)
    if folds:
        return
    corpus = Corpus.read(data / "need_result_pairs")
    scores = np.zeros((len(corpus.needs), len(corpus.results)), dtype=np.float32)
    for fold in range(FOLDS):
        rows = [row for row, need in enumerate(corpus.needs) if corpus.fold(need) == fold]
        encoder = load_encoder(str(_folder(work, fold)), threads=threads)
        results = encode_offers(encoder, corpus.results)
        scores[rows] = encode_needs(encoder, [corpus.needs[row] for row in rows]) @ results.T
    version = load_encoder(str(_shipped(work))).version
    OutOfFold(corpus.digest, version, scores).save(work / "out_of_fold.npz")
    click.echo(f"{work / 'shipped'}, {work / 'out_of_fold.npz'}")


def _shipped(work: Path) -> Path:
    """The encoder of all needs with fewer word pieces and 16-bit weights, made anew."""
    target = work / "shipped"
    shutil.rmtree(target, ignore_errors=True)
    maker = ROOT / "scripts" / "make_encoder.py"
    subprocess.run([sys.executable, maker, _folder(work, WHOLE), target], check=True)
    return target


def _train(base: Path, material: Material, work: Path, fold: int, seed: int) -> None:
    kept = work / f"weights-{fold}-{seed}.safetensors"
    if kept.exists():
        return
    name = "all needs" if fold == WHOLE else f"without fold {fold}"
    started = time.monotonic()

    def report(line: str) -> None:
        click.echo(f"{name}, seed {seed}, {time.monotonic() - started:.0f} s: {line}")

    weights = train(base, material if fold == WHOLE else material.without(fold), Settings(), seed, report)
    work.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    save_file(weights, part)
    part.replace(kept)


def _average(base: Path, work: Path, fold: int, seeds: int) -> None:
    trained = [load_file(work / f"weights-{fold}-{seed}.safetensors") for seed in range(seeds)]
    mean = {name: torch.stack([one[name].float() for one in trained]).mean(0) for name in trained[0]}
    folder = _folder(work, fold)
    shutil.copytree(base, folder, dirs_exist_ok=True)
    base_names = load_file(base / "model.safetensors")
    save_file({name: mean.get(name, value) for name, value in base_names.items()}, folder / "model.safetensors")


def _folder(work: Path, fold: int) -> Path:
    return work / ("encoder" if fold == WHOLE else f"encoder-{fold}")


if __name__ == "__main__":
    main()
