"""Fits the ranker that the repository ships: word counts, weights, thresholds.

    python scripts/fit_ranker.py ../shared/data [--encoder NAME] [--target FOLDER] [--out-of-fold FILE]

DATA holds need_result_pairs/ (needs.jsonl, results.jsonl, judgements.tsv) and abstracts/abstracts.jsonl. What is written
is numbers only, no text: word counts, weights, thresholds, and the vectors of the results (matcher.background). For figures on unseen needs run `python -m matcher evaluate`: it fits anew in each fold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.background import Background  # noqa: E402
from matcher.encoder import encode_needs, encode_offers, load_encoder  # noqa: E402
from matcher.evaluation.fitting import fit_ranker  # noqa: E402
from matcher.evaluation.out_of_fold import SHIPPED, SeenNeeds, unseen_cosines  # noqa: E402
from matcher.evaluation.run import Corpus  # noqa: E402
from matcher.features import FeatureMaker  # noqa: E402
from matcher.lexical import Lexical  # noqa: E402
from matcher.ranker import DEFAULT_FOLDER, reference_of  # noqa: E402
from matcher.statistics import TermStatistics  # noqa: E402
from matcher.tokens import tokenize  # noqa: E402


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--encoder", "encoder_name", default=None, help="Folder or name; default: the shipped one.")
@click.option("--target", type=click.Path(path_type=Path), default=DEFAULT_FOLDER)
@click.option(
    "--out-of-fold", "kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=SHIPPED,
    help="Cosines by encoders that have not seen the needs (scripts/make_encoder.py), where ENCODER has.",
)  # fmt: skip
def main(data: Path, encoder_name: str | None, target: Path, kept: Path) -> None:
    """Fit the ranker on DATA and write it to the TARGET folder."""
    corpus = Corpus.read(data / "need_result_pairs")
    with (data / "abstracts" / "abstracts.jsonl").open(encoding="utf-8") as lines:
        abstracts = [json.loads(line) for line in lines]
    statistics = TermStatistics.count(
        (tokenize(result.title) for result in corpus.results),
        (tokenize(f"{entry['title']} {entry['abstract']}") for entry in abstracts),
    )
    encoder = load_encoder(encoder_name)
    results = encode_offers(encoder, corpus.results)
    try:
        cosines = unseen_cosines(encoder, corpus, kept)
    except SeenNeeds as error:
        raise click.ClickException(str(error)) from error
    if cosines is None:
        cosines = encode_needs(encoder, corpus.needs) @ results.T
    semantic, usual = corpus.from_background(cosines)
    words = FeatureMaker(encoder, Lexical(statistics, tokenize)).words(corpus.needs, corpus.results)
    cube = np.concatenate([semantic[:, :, None], words], axis=2)
    features, levels, groups = corpus.judged(cube)
    model = fit_ranker(
        features, levels, groups,
        version=target.name, encoder_version=encoder.version, reference=reference_of(encoder),
        notes={
            "data": "CCF BDCI 2019 need-result relevance: judgements by technology-transfer staff",
            "needs": len(corpus.needs), "pairs": len(levels),
        },
    )  # fmt: skip
    model.save(target)
    statistics.save(target / "words.npz")
    Background(results, encoder.version, usual).save(target)
    given = np.bincount([model.level(v) for v in model.values(features)], minlength=5)[1:]
    click.echo(f"{target}: weights {np.round(model.weights, 3)}, thresholds {np.round(model.thresholds, 2)}")
    click.echo(f"levels given 1..4: {given}, judged: {np.bincount(levels, minlength=5)[1:]}")


if __name__ == "__main__":
    main()
