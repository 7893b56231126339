"""The command line: a run file, a pair's reasons, and refusals that write nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matcher.cli import main

NEEDS = [
    {"id": "n1", "title": "模具涂层脱落", "body": "冷锻模具涂层结合力不足，要求结合力≥60N。"},
    {"id": "n2", "title": "水稻病虫害监测", "keywords": ["遥感"]},
]
RESULTS = [
    {"id": "r1", "title_terms": "模具 涂层 结合力"},
    {"id": "r2", "title": "水稻病虫害遥感监测", "body": "识别稻飞虱。"},
    {"id": 3, "title": "茶叶杀青机"},
]


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    return write(tmp_path / "n.jsonl", list(NEEDS)), write(tmp_path / "r.jsonl", list(RESULTS)), tmp_path / "run.tsv"


def test_rank_writes_the_best_of_each_need(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    done = run("rank", "--needs", needs, "--results", results, "--top", 2, "--out", out)
    assert done.exit_code == 0, done.output
    header, *lines = out.read_text(encoding="utf-8").splitlines()
    assert header == "need_id\tresult_id\tscore\tlevel"
    rows = [line.split("\t") for line in lines]
    assert [row[0] for row in rows] == ["n1", "n1", "n2", "n2"]
    assert rows[0][1] == "r1" and rows[2][1] == "r2"
    assert all(0 <= float(row[2]) <= 1 and row[3] in {"1", "2", "3", "4"} for row in rows)


def test_rank_scores_just_the_pairs_given(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    pairs = needs.with_name("p.tsv")
    pairs.write_text("need_id\tresult_id\tlevel\nn1\tr2\t1\nn2\t3\t1\nn1\tr1\t4\n", encoding="utf-8")
    assert run("rank", "--needs", needs, "--results", results, "--pairs", pairs, "--out", out).exit_code == 0
    got = {tuple(line.split("\t")[:2]) for line in out.read_text(encoding="utf-8").splitlines()[1:]}
    assert got == {("n1", "r1"), ("n1", "r2"), ("n2", "3")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not JSON"), ("[1]", "not a JSON object"), ('{"title": "x"}', "id is missing"), ('{"id": "n9"}', "no title and no body"),
        ('{"id": "n1", "title": "again"}', "occurs twice"), ('{"id": "n9", "title": 3}', "title is not a text"), ('{"id": "a\\tb", "title": "x"}', "tab"),
        ('{"id": "n9", "title": "\\ud800"}', "surrogate"),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_by_number_and_reason(files: tuple[Path, Path, Path], line: str, reason: str) -> None:
    needs, results, out = files
    needs.write_text(needs.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    out.write_text("kept", encoding="utf-8")
    done = run("rank", "--needs", needs, "--results", results, "--out", out)
    assert done.exit_code == 2
    assert "n.jsonl:3:" in done.output and reason in done.output
    assert out.read_text(encoding="utf-8") == "kept"
    assert {path.name for path in out.parent.iterdir()} == {"n.jsonl", "r.jsonl", "run.tsv"}


def test_bytes_that_are_no_text_are_refused(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    results.write_bytes(b'{"id": "r1", "title": "\xff\xfe"}\n')
    done = run("rank", "--needs", needs, "--results", results, "--out", out)
    assert done.exit_code == 2 and "r.jsonl:1: not UTF-8" in done.output


def test_pairs_of_unknown_ids_and_without_columns_are_refused(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    pairs = needs.with_name("p.tsv")
    pairs.write_text("need_id\tresult_id\nn1\tr1\nn1\tghost\n", encoding="utf-8")
    done = run("rank", "--needs", needs, "--results", results, "--pairs", pairs, "--out", out)
    assert done.exit_code == 2 and "p.tsv:3: no result 'ghost'" in done.output
    pairs.write_text("need\tresult\nn1\tr1\n", encoding="utf-8")
    done = run("rank", "--needs", needs, "--results", results, "--pairs", pairs, "--out", out)
    assert done.exit_code == 2 and "header lacks need_id, result_id" in done.output
    assert not out.exists()


def test_explain_prints_quotes_and_verdicts(files: tuple[Path, Path, Path]) -> None:
    needs, results, _out = files
    done = run("explain", "--needs", needs, "--results", results, "--need", "n1", "--result", "r1")
    assert done.exit_code == 0 and "需求原文" in done.output and "not_stated" in done.output
    told = json.loads(
        run("explain", "--needs", needs, "--results", results, "--need", "n1", "--result", "r1", "--json").output
    )
    assert told["explanation"]["evidence"][0]["terms"]
    assert run("explain", "--needs", needs, "--results", results, "--need", "zz", "--result", "r1").exit_code == 2


def test_an_unknown_encoder_is_an_error_with_its_reason(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    done = run("rank", "--needs", needs, "--results", results, "--out", out, "--encoder", out.parent / "nothing")
    assert done.exit_code == 1 and "no such folder" in done.output
