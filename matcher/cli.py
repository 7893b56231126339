"""The matcher's commands. Exit code 2: the input was refused and nothing was written."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from matcher.encoder import EncoderError, load_encoder
from matcher.encoders.cached import CachedEncoder
from matcher.evaluation.data import BadInput, read_needs, read_pairs, read_results
from matcher.pipeline import Matcher
from matcher.types import Indicator, Match, Need, Offer

Listing = TypeVar("Listing", Need, Offer)
REFUSED = 2
SHOWN_LINES = 20

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_encoder = click.option(
    "--encoder", envvar="JIETI_ENCODER", default=None, help="Folder or name; default: the shipped one."
)
_console = Console(stderr=True)


@click.group()
def main() -> None:
    """Match needs with results: rank, batch, explain, evaluate."""


@main.command()
@click.option("--needs", "needs_file", type=_file, required=True, help='JSONL: {"id","title","body"?,"keywords"?}')
@click.option(
    "--results", "results_file", type=_file, required=True,
    help='JSONL: {"id","title"?,"title_terms"?,"body"?,"keywords"?}',
)  # fmt: skip
@click.option("--pairs", "pairs_file", type=_file, help="TSV with need_id and result_id: score just these.")
@click.option(
    "--top", type=click.IntRange(min=1), default=50, show_default=True, help="Results per need, without --pairs."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@_encoder
def rank(
    needs_file: Path, results_file: Path, pairs_file: Path | None, top: int, out: Path, encoder: str | None
) -> None:
    """Score pairs: a TSV with need_id, result_id, score, level."""
    with _refusing():
        needs = {need.id: need for need in read_needs(needs_file)}
        results = {result.id: result for result in read_results(results_file)}
        pairs = read_pairs(pairs_file, set(needs), set(results)) if pairs_file else None
    wanted: Mapping[str, list[str] | None] = dict.fromkeys(needs, None)
    if pairs is not None:
        grouped: dict[str, list[str]] = {}
        for need_id, result_id in pairs:
            grouped.setdefault(need_id, []).append(result_id)
        wanted = grouped
        results = {name: results[name] for name in dict.fromkeys(name for _need, name in pairs)}
    matcher = _load(encoder)
    offers = list(results.values())
    size = 64
    prepared = [
        ready
        for start in track(range(0, len(offers), size), "results", console=_console, transient=True)
        for ready in matcher.features.offers(offers[start : start + size])
    ]
    place = {offer.id: number for number, offer in enumerate(offers)}
    rows: list[Match] = []
    for need_id, chosen in track(wanted.items(), "needs", console=_console, transient=True):
        numbers = range(len(offers)) if chosen is None else [place[name] for name in chosen]
        ranked = matcher.rank_prepared(
            needs[need_id], [(offers[n], prepared[n]) for n in numbers], top=top if chosen is None else None
        )
        rows.extend(ranked)
    lines = (f"{m.need_id}\t{m.offer_id}\t{m.score:.9g}\t{int(m.level)}" for m in rows)
    _write(out, ["need_id\tresult_id\tscore\tlevel", *lines])
    _console.print(f"{out}: {len(rows)} pairs of {len(wanted)} needs")


@main.command()
@click.option("--needs", "needs_file", type=_file, required=True, help="As for `rank`.")
@click.option("--results", "results_file", type=_file, required=True, help="As for `rank`; read by line, any size.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--top", type=click.IntRange(min=1), default=50, show_default=True, help="Results per need.")
@click.option(
    "--vectors", type=click.Path(file_okay=False, path_type=Path),
    help="Keep listings' vectors in this folder, for the next run on the same files; else they go with OUT.work.",
)  # fmt: skip
@_encoder
def batch(needs_file: Path, results_file: Path, out: Path, top: int, vectors: Path | None, encoder: str | None) -> None:
    """Rank many needs against very many results. Cut off at any moment, the same command goes on where it stopped:
    what is done is in OUT.work until the file is finished. Scores are those of `rank`; a need's candidates are the
    results nearest to it by vector and by words."""
    from matcher.batch.journal import OtherRun
    from matcher.batch.progress import Bars
    from matcher.batch.run import BatchRun

    matcher = _load(encoder, cached=False)
    with _refusing(), Bars(_console) as bars:
        try:
            done = BatchRun(matcher, needs_file, results_file, out, top=top, vectors=vectors, progress=bars).run()
        except OtherRun as error:
            raise ValueError(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{error}. What is done is kept: the same command goes on.") from error
    if done.needs_before or done.results_before:
        _console.print(f"gone on with {done.results_before} results encoded, {done.needs_before} needs matched")
    _console.print(f"{out}: {done.pairs} pairs of {done.needs} needs and {done.results} results")


@main.command()
@click.option("--needs", "needs_file", type=_file, required=True)
@click.option("--results", "results_file", type=_file, required=True)
@click.option("--need", "need_id", required=True, help="Id of the need.")
@click.option("--result", "result_id", required=True, help="Id of the result.")
@click.option("--json", "as_json", is_flag=True, help="The whole explanation as JSON.")
@_encoder
def explain(
    needs_file: Path, results_file: Path, need_id: str, result_id: str, as_json: bool, encoder: str | None
) -> None:
    """One pair's score, level and reasons."""
    with _refusing():
        need = _one(read_needs(needs_file), need_id)
        offer = _one(read_results(results_file), result_id)
    match = _load(encoder).rank(need, [offer])[0]
    if as_json:
        click.echo(json.dumps(asdict(match), ensure_ascii=False, indent=1))
        return
    out = Console()
    out.print(f"{need.title}  ↔  {offer.title}", markup=False)
    out.print(f"score {match.score:.3f}  level {int(match.level)}  {match.explanation.sentence}", markup=False)
    for reason in match.explanation.evidence:
        out.print(
            f"  需求原文  {reason.need_quote}\n  成果原文  {reason.offer_quote}\n  {'、'.join(reason.terms)}",
            markup=False,
        )
    for verdict in match.explanation.verdicts:
        stated = verdict.stated.source if verdict.stated else "—"
        short = "" if verdict.shortfall is None else f" {verdict.shortfall:g} {verdict.asked.unit}"
        out.print(f"  {verdict.asked.source or verdict.asked.name}  {stated}  {verdict.verdict}{short}", markup=False)
    if match.explanation.missing:
        out.print(f"  missing: {'、'.join(match.explanation.missing)}", markup=False)
    for share in match.explanation.contributions:
        out.print(f"  {share.name}: {share.value:+.3f}", markup=False)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON on standard output.")
@click.option("--peers", is_flag=True, help="Beside off-the-shelf encoders and their fusion with BM25 (minutes).")
@click.option("--against", type=_file, help="Released figures: exit code 1 where one has fallen below its interval.")
@click.option("--release", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures as released ones.")
@_encoder
def evaluate(
    folder: Path, as_json: bool, peers: bool, against: Path | None, release: Path | None, encoder: str | None
) -> None:
    """Figures on FOLDER's needs.jsonl, results.jsonl and judgements.tsv, cross-validated by need."""
    from matcher.evaluation.metrics import MeasuresMissing
    from matcher.evaluation.out_of_fold import unseen_cosines
    from matcher.evaluation.peers import PEERS, PeerMissing, load_peer
    from matcher.evaluation.released import fallen, released
    from matcher.evaluation.run import Corpus, evaluate_corpus
    from matcher.evaluation.tables import figures, reliability
    from matcher.quality import Quality

    matcher = _load(encoder)
    beside = []
    for name in PEERS if peers else ():
        try:
            beside.append(load_peer(name))
        except PeerMissing as error:
            _console.print(f"left out: {error}")
    try:
        with _refusing(), _console.status("read") as status:
            corpus = Corpus.read(folder)
            semantic = unseen_cosines(matcher.encoder, corpus)
            table = evaluate_corpus(corpus, matcher, status.update, semantic=semantic, peers=beside)
            before = Quality.load(against) if against else None
    except MeasuresMissing as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"version": matcher.version} | asdict(table), indent=1))
    else:
        out = Console(width=140)
        out.print(figures(table, matcher.version), reliability(table))
    if release:
        text = json.dumps(released(table, corpus, matcher), ensure_ascii=False, indent=1)
        _write(release, text.splitlines())
    worse = fallen(table, before) if before else []
    for line in worse:
        click.echo(line, err=True)
    if worse:
        sys.exit(1)


@main.command()
@click.argument("files", nargs=-1, required=True, type=_file)
@click.option("--wrong", "show_wrong", is_flag=True, help="List the phrases that were not read as labelled.")
def indicators(files: tuple[Path, ...], show_wrong: bool) -> None:
    """How the indicator parser reads labelled phrases (JSONL): precision, recall, errors by part."""
    from matcher.evaluation.phrases import PARTS, measure, read_phrases
    from matcher.indicators import parse

    with _refusing():
        sets = {path.name: read_phrases(path) for path in files}
    table = Table(title="an indicator is right if name, operator, value, unit and condition are")
    for heading in ("file", "phrases", "labelled", "read", "precision", "recall", *PARTS, "spurious", "missing"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    for name, phrases in sets.items():
        figures = measure(phrases, parse)
        counts = (*(figures.parts[part] for part in PARTS), figures.spurious, figures.missing)
        table.add_row(
            name,
            *map(str, (figures.phrases, figures.labelled, figures.read)),
            f"{figures.precision:.3f}",
            f"{figures.recall:.3f}",
            *map(str, counts),
        )
        for wrong in figures.wrong if show_wrong else ():
            click.echo(wrong.phrase.text)
            for found in wrong.read:
                click.echo(f"  + {_told(found)}")
            for label in wrong.missed:
                click.echo(f"  - {_told(label.indicator)}")
    Console(width=140).print(table)


def _told(indicator: Indicator) -> str:
    to = "" if indicator.value_to is None else f" {indicator.value_to:g}"
    condition = f" [{indicator.condition}]" if indicator.condition else ""
    return f"{indicator.name} {indicator.operator} {indicator.value:g}{to} {indicator.unit}{condition}"


class _refusing:
    """Turns input that cannot be read into a list of lines with reasons and exit code 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BadInput):
            for bad in error.lines[:SHOWN_LINES]:
                click.echo(f"{bad.file}:{bad.line}: {bad.reason}", err=True)
            if len(error.lines) > SHOWN_LINES:
                click.echo(f"... and {len(error.lines) - SHOWN_LINES} more", err=True)
            click.echo("refused; nothing was written", err=True)
            sys.exit(REFUSED)
        if isinstance(error, OSError | ValueError):
            click.echo(f"refused: {error}", err=True)
            sys.exit(REFUSED)


def _load(encoder: str | None, *, cached: bool = True) -> Matcher:
    """`cached`: several methods of a table ask for the same texts."""
    try:
        loaded = load_encoder(encoder or None)
        return Matcher.load(CachedEncoder(loaded) if cached else loaded)
    except EncoderError as error:
        raise click.ClickException(str(error)) from error


def _one(items: Iterable[Listing], name: str) -> Listing:
    for item in items:
        if item.id == name:
            return item
    raise ValueError(f"no such id: {name!r}")


def _write(path: Path, lines: Iterable[str]) -> None:
    """Whole or not at all: to a file beside it, then renamed."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False, newline="\n") as stream:
        try:
            for line in lines:
                stream.write(line + "\n")
        except BaseException:
            Path(stream.name).unlink()
            raise
    umask = os.umask(0)
    os.umask(umask)
    Path(stream.name).chmod(0o666 & ~umask)
    Path(stream.name).replace(path)
