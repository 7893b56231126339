"""Fits the ranker that the repository ships: word counts, weights, thresholds.

    python scripts/fit_ranker.py ../shared/data [--encoder NAME] [--target FOLDER]

DATA holds need_result_pairs/ (needs.jsonl, results.jsonl, judgements.tsv) and abstracts/abstracts.jsonl. What is written
is numbers only, no text. For figures on unseen needs run `python -m matcher evaluate`: it fits anew in each fold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.encoder import load_encoder  # noqa: E402
from matcher.evaluation.data import read_judgements, read_needs, read_results  # noqa: E402
from matcher.evaluation.fitting import fit_ranker  # noqa: E402
from matcher.features import FeatureMaker  # noqa: E402
from matcher.lexical import Lexical  # noqa: E402
from matcher.ranker import DEFAULT_FOLDER, reference_of  # noqa: E402
from matcher.statistics import TermStatistics  # noqa: E402
from matcher.tokens import tokenize  # noqa: E402


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--encoder", "encoder_name", default=None, help="Folder or name; default: the shipped one.")
@click.option("--target", type=click.Path(path_type=Path), default=DEFAULT_FOLDER)
def main(data: Path, encoder_name: str | None, target: Path) -> None:
    """Fit the ranker on DATA and write it to the TARGET folder."""
    pairs = data / "need_result_pairs"
    needs = {need.id: need for need in read_needs(pairs / "needs.jsonl")}
    results = {result.id: result for result in read_results(pairs / "results.jsonl")}
    judgements = read_judgements(pairs / "judgements.tsv")
    with (data / "abstracts" / "abstracts.jsonl").open(encoding="utf-8") as lines:
        abstracts = [json.loads(line) for line in lines]
    statistics = TermStatistics.count(
        (tokenize(result.title) for result in results.values()),
        (tokenize(f"{entry['title']} {entry['abstract']}") for entry in abstracts),
    )
    encoder = load_encoder(encoder_name)
    maker = FeatureMaker(encoder, Lexical(statistics, tokenize))
    prepared = dict(zip(results, maker.offers(list(results.values())), strict=True))
    asked = maker.needs([needs[need] for need in judgements])
    rows = [
        maker.pairs(need, [prepared[r] for r in judged])
        for need, judged in zip(asked, judgements.values(), strict=True)
    ]
    levels = [level for judged in judgements.values() for level in judged.values()]
    groups = [number for number, judged in enumerate(judgements.values()) for _ in judged]
    model = fit_ranker(
        np.concatenate(rows), np.array(levels), np.array(groups),
        version="jieti-ranker-v1", encoder_version=encoder.version, reference=reference_of(encoder),
        notes={
            "data": "CCF BDCI 2019 need-result relevance: judgements by technology-transfer staff",
            "needs": len(judgements), "pairs": len(levels),
        },
    )  # fmt: skip
    model.save(target)
    statistics.save(target / "words.npz")
    values = model.values(np.concatenate(rows))
    given = np.bincount([model.level(v) for v in values], minlength=5)[1:]
    click.echo(f"{target}: weights {np.round(model.weights, 3)}, thresholds {np.round(model.thresholds, 2)}")
    click.echo(f"levels given 1..4: {given}, judged: {np.bincount(levels, minlength=5)[1:]}")


if __name__ == "__main__":
    main()
