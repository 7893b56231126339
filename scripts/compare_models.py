"""The guard before a retrained model ships: does NEW beat OLD on judged needs that the retraining did not see?

    python scripts/compare_models.py OLD NEW DATA [DATA ...] --held-back 4

OLD, NEW: folders with a ranker (ranker.json, words.npz), an encoder (joint.json, or config.json and tokenizer.json), or both as subfolders;
what a folder lacks is taken from the shipped models (OLD) or from OLD (NEW). DATA: folders with needs.jsonl, results.jsonl,
judgements.tsv (`jieti feedback export` writes such). --held-back: the folds, of five by the hash of the need's id, that the
retraining left out; without it, those that NEW's ranker.json names in its notes ("held_back": "4").

Prints the table; exit code 0: ships, 1: does not, 2: input refused. Policy weights take no part: they are not trained.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


from matcher.encoder import EncoderError, load_encoder  # noqa: E402
from matcher.encoders.joint import is_joint, judged_in  # noqa: E402
from matcher.encoders.learned import id_key  # noqa: E402
from matcher.encoders.loading import SHIPPED as SHIPPED_ENCODER  # noqa: E402
from matcher.evaluation.data import BadInput  # noqa: E402
from matcher.evaluation.metrics import (  # noqa: E402
    MeasuresMissing,
    level_score_by_need,
    ndcg_by_need,
    recall_by_need,
)
from matcher.evaluation.paired import Difference, paired_bootstrap, ships  # noqa: E402
from matcher.evaluation.run import FOLDS, Corpus  # noqa: E402
from matcher.pipeline import Matcher  # noqa: E402
from matcher.ranker import DEFAULT_FOLDER as SHIPPED_RANKER  # noqa: E402

SHIPS, STAYS, REFUSED = 0, 1, 2
BATCH = 64
console = Console(stderr=True)


class Refused(Exception):
    """What was given cannot be compared; the message says why."""


@dataclass(frozen=True)
class Models:
    encoder: Path
    ranker: Path


@dataclass
class Measured:
    """Each measure by need (prefixed with its corpus's number)."""

    version: str
    ndcg: dict[str, float] = field(default_factory=dict)
    recall: dict[str, float] = field(default_factory=dict)
    level: dict[str, float] = field(default_factory=dict)


def models_in(folder: Path, default: Models) -> Models:
    """The folder itself, or its subfolders, by what they hold. A joint encoder's subfolders are its parts."""
    places = [folder] if is_joint(folder) else [folder, *sorted(p for p in folder.iterdir() if p.is_dir())]
    encoders = [
        p for p in places if is_joint(p) or ((p / "config.json").is_file() and (p / "tokenizer.json").is_file())
    ]
    rankers = [p for p in places if (p / "ranker.json").is_file()]
    for kind, found in (("encoder", encoders), ("ranker", rankers)):
        if len(found) > 1:
            raise Refused(f"{folder} holds {len(found)} {kind}s ({', '.join(p.name for p in found)}): name one of them")
    if not encoders and not rankers:
        raise Refused(
            f"{folder} holds neither a ranker (ranker.json) nor an encoder (joint.json, or config.json and tokenizer.json)"
        )
    return Models((*encoders, default.encoder)[0], (*rankers, default.ranker)[0])


def folds_of(given: tuple[int, ...], models: Models) -> set[int]:
    if given:
        return set(given)
    notes = json.loads((models.ranker / "ranker.json").read_text(encoding="utf-8")).get("notes", {})
    told = str(notes.get("held_back", "")).replace(",", " ").split()
    if not told:
        raise Refused("which folds did the retraining not use? Say so by --held-back, or in ranker.json's notes")
    if not all(name.isdecimal() and int(name) < FOLDS for name in told):
        raise Refused(f"ranker.json's notes name folds {' '.join(told)!r}: expected numbers from 0 to {FOLDS - 1}")
    return {int(name) for name in told}


def held_back(folder: Path, folds: set[int]) -> Corpus:
    """The folds' needs, against all results of the corpus: what a need is found among does not shrink."""
    whole = Corpus.read(folder)
    needs = [need for need in whole.needs if whole.fold(need) in folds]
    return Corpus(needs, whole.results, {need.id: whole.judgements[need.id] for need in needs})


def measure(models: Models, corpora: list[Corpus], name: str) -> Measured:
    """With the models as they are: nothing is fitted here."""
    matcher = Matcher.load(load_encoder(str(models.encoder)), ranker_folder=models.ranker)
    measured = Measured(matcher.version.rsplit("+", 1)[0])
    for number, corpus in enumerate(corpora):
        offers = corpus.results
        ready = [
            prepared
            for start in track(range(0, len(offers), BATCH), f"{name}: results", console=console, transient=True)
            for prepared in matcher.features.offers(offers[start : start + BATCH])
        ]
        scores: dict[str, dict[str, float]] = {}
        levels: dict[str, dict[str, int]] = {}
        for need in track(corpus.needs, f"{name}: needs", console=console, transient=True):
            ranked = matcher.rank_prepared(need, list(zip(offers, ready, strict=True)))
            scores[need.id] = {match.offer_id: match.score for match in ranked}
            judged = corpus.judgements[need.id]
            levels[need.id] = {match.offer_id: int(match.level) for match in ranked if match.offer_id in judged}
        for kept, by_need in (
            (measured.ndcg, ndcg_by_need(scores, corpus.judgements)),
            (measured.recall, recall_by_need(scores, corpus.judgements)),
            (measured.level, level_score_by_need(levels, corpus.judgements)),
        ):
            kept.update({f"{number}:{need}": value for need, value in by_need.items()})
    return measured


def show(old: Measured, new: Measured, differences: dict[str, Difference]) -> None:
    table = Table(title=f"old: {old.version}\nnew: {new.version}\n95 % paired bootstrap over needs")
    for heading in ("measure", "needs", "old", "new", "difference", "p"):
        table.add_column(heading)
    for name, d in differences.items():
        interval = f"{d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
        table.add_row(name, str(d.needs), f"{d.old:.4f}", f"{d.new:.4f}", interval, f"{d.p:.3f}")
    Console(width=120).print(table)


def compare(old: Path, new: Path, data: tuple[Path, ...], given: tuple[int, ...]) -> bool:
    """Raises Refused, and what reading and measuring raise."""
    before = models_in(old, Models(SHIPPED_ENCODER, SHIPPED_RANKER))
    after = models_in(new, before)
    if before == after:
        raise Refused("old and new are the same models")
    folds = folds_of(given, after)
    corpora = [held_back(folder, folds) for folder in data]
    for name, models in (("old", before), ("new", after)):
        learned = judged_in(models.encoder)
        seen = [need.id for corpus in corpora for need in corpus.needs if id_key(need.id) in learned]
        if seen:
            raise Refused(
                f"{name}'s encoder has learned from {len(seen)} of the needs held back, such as {seen[0]!r}: make one without "
                "them (scripts/make_encoder.py --held-back), from the same parts"
            )
    count = sum(len(corpus.needs) for corpus in corpora)
    click.echo(
        f"held back: folds {', '.join(map(str, sorted(folds)))} of {FOLDS} by the need's id: {count} judged needs"
    )
    if not count:
        raise Refused("no judged need lies in these folds")
    first, second = measure(before, corpora, "old"), measure(after, corpora, "new")
    if not first.recall:
        raise Refused("no held-back need has a result of level 3 or 4: recall cannot be measured")
    if not first.ndcg:
        raise Refused("no held-back need has a result of level 2 or more: the order cannot be measured")
    found = {
        "nDCG@10": paired_bootstrap(first.ndcg, second.ndcg),
        "R@50": paired_bootstrap(first.recall, second.recall),
        "level 1/(1+MAE)": paired_bootstrap(first.level, second.level),
    }
    show(first, second, found)
    yes, reasons = ships(*found.values())
    click.echo("ships: the new model wins on needs it has not seen" if yes else "does not ship:")
    for reason in reasons:
        click.echo(f"- {reason}")
    return yes


_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(help=__doc__)
@click.argument("old", type=_folder)
@click.argument("new", type=_folder)
@click.argument("data", type=_folder, nargs=-1, required=True)
@click.option(
    "--held-back", "folds", type=click.IntRange(0, FOLDS - 1), multiple=True, help="A fold the retraining left out."
)
def main(old: Path, new: Path, data: tuple[Path, ...], folds: tuple[int, ...]) -> None:
    try:
        sys.exit(SHIPS if compare(old, new, data, folds) else STAYS)
    except BadInput as error:
        for bad in error.lines[:20]:
            click.echo(f"{bad.file}:{bad.line}: {bad.reason}", err=True)
        told = f"{len(error.lines)} bad lines"
    except (Refused, EncoderError, MeasuresMissing, OSError, ValueError, KeyError) as error:
        told = str(error) or type(error).__name__
    click.echo(f"refused: {told}", err=True)
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
