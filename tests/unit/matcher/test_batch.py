"""Batch matching: the scores of `rank`, the same file however often it was cut off, and no going on with others' work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from matcher.batch import run as batch
from matcher.batch.blocks import BlockFile
from matcher.batch.journal import OtherRun
from matcher.batch.run import BatchRun
from matcher.batch.vectors import VectorFile
from matcher.batch.words import WordIndex
from matcher.cli import main
from matcher.encoder import Encoder
from matcher.pipeline import Matcher

SUBJECTS = [
    "铝合金铸件",
    "冷锻模具",
    "印染废水",
    "水稻病虫害",
    "轴承钢",
    "锂电池",
    "竹纤维",
    "永磁电机",
    "阀门密封面",
    "茶叶",
]
WORKS = [
    "裂纹控制",
    "涂层结合力",
    "深度处理",
    "遥感监测",
    "寿命预测",
    "热失控预警",
    "改性",
    "振动抑制",
    "激光熔覆",
    "智能分选",
]


def listings(count: int, prefix: str) -> list[dict[str, object]]:
    return [
        {"id": f"{prefix}{number}", "title": f"{SUBJECTS[number % 10]}{WORKS[number // 10 % 10]}技术{number}"}
        for number in range(count)
    ]


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def rows(path: Path) -> dict[tuple[str, str], tuple[float, str]]:
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    assert header == "need_id\tresult_id\tscore\tlevel"
    cells = [line.split("\t") for line in lines]
    return {(need, result): (float(score), level) for need, result, score, level in cells}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    needs = write(tmp_path / "n.jsonl", listings(5, "n"))
    return needs, write(tmp_path / "r.jsonl", listings(90, "r")), tmp_path / "run.tsv"


def test_scores_order_and_levels_are_those_of_rank(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    whole = out.with_name("rank.tsv")
    assert run("rank", "--needs", needs, "--results", results, "--top", 7, "--out", whole).exit_code == 0
    done = run("batch", "--needs", needs, "--results", results, "--top", 7, "--out", out)
    assert done.exit_code == 0, done.output
    got, expected = rows(out), rows(whole)
    assert list(got) == list(expected) and len(got) == 35
    for pair, (score, level) in expected.items():
        assert got[pair] == (pytest.approx(score, abs=1e-6), level)
    assert {path.name for path in out.parent.iterdir()} == {"n.jsonl", "r.jsonl", "run.tsv", "rank.tsv"}


def test_a_run_killed_again_and_again_writes_the_same_file(files: tuple[Path, Path, Path]) -> None:
    """SIGKILL at whatever moment; blocks are made small so that there are many moments."""
    needs, results, out = files
    assert run("batch", "--needs", needs, "--results", results, "--top", 4, "--out", out).exit_code == 0
    expected = out.read_bytes()
    out.unlink()
    code = (
        "import time; from matcher.batch import run; run.NEEDS_A_BLOCK = 1\n"
        "from matcher.batch.blocks import BlockFile; append = BlockFile.append\n"
        "def slow(self, block):\n    append(self, block); print('block', flush=True); time.sleep(0.05)\n"
        "BlockFile.append = slow\n"
        f"from matcher.cli import main; main(['batch', '--needs', {str(needs)!r}, '--results', {str(results)!r}, "
        f"'--top', '4', '--out', {str(out)!r}])"
    )
    killed = 0
    for _attempt in range(20):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            # Some blocks' worth of work, then the end without warning.
            for _block in range(4):
                if not process.stdout.readline():
                    break
            else:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
                continue
        assert process.returncode == 0
        break
    assert killed >= 2
    assert out.read_bytes() == expected
    assert not out.with_name("run.tsv.work").exists()


def test_what_was_done_is_not_done_again(files: tuple[Path, Path, Path], matcher: Matcher, tmp_path: Path) -> None:
    needs, results, out = files
    plain = Matcher.load()
    stages: list[tuple[str, int]] = []

    class Stopped(Exception):
        pass

    def stop(stage: str, done: int, _total: int) -> None:
        if stage == "results" and done >= batch.RESULTS_A_BLOCK:
            raise Stopped

    with pytest.raises(Stopped):
        BatchRun(plain, needs, results, out, progress=stop).run()
    again = BatchRun(plain, needs, results, out, progress=lambda *step: stages.append(step[:2])).run()
    assert again.results_before == batch.RESULTS_A_BLOCK
    assert [done for stage, done in stages if stage == "results"] == [64, 90]
    assert (again.needs, again.results) == (5, 90)


def test_vectors_kept_in_a_folder_serve_the_next_run(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    needs, results, out = files
    folder = tmp_path / "vectors"
    arguments = ("batch", "--results", results, "--top", 3, "--vectors", folder)
    assert run(*arguments, "--needs", needs, "--out", out).exit_code == 0
    others = write(tmp_path / "others.jsonl", listings(2, "m"))
    done = run(*arguments, "--needs", others, "--out", out)
    assert done.exit_code == 0 and "90 results encoded" in done.output
    assert len(rows(out)) == 6


@pytest.mark.parametrize("changed", ["needs", "results", "top"])
def test_work_of_other_inputs_or_options_is_not_gone_on_with(files: tuple[Path, Path, Path], changed: str) -> None:
    needs, results, out = files
    cut_off(Matcher.load(), needs, results, out)
    if changed != "top":
        path = needs if changed == "needs" else results
        with path.open("a", encoding="utf-8") as stream:
            stream.write('{"id": "new", "title": "新的"}\n')
    before = {path.name: path.read_bytes() for path in out.with_name("run.tsv.work").iterdir()}
    done = run("batch", "--needs", needs, "--results", results, "--out", out, "--top", 9 if changed == "top" else 50)
    assert done.exit_code == 2
    assert "another run" in done.output and f"{changed}: " in done.output and "Delete the folder" in done.output
    assert {path.name: path.read_bytes() for path in out.with_name("run.tsv.work").iterdir()} == before
    assert not out.exists()


def test_work_of_other_models_is_not_gone_on_with(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    cut_off(Matcher.load(), needs, results, out)

    class Other(Matcher):
        @property
        def version(self) -> str:
            return "other"

    plain = Matcher.load()
    other = Other(plain.encoder, plain.ranker, plain.features.lexical.statistics)
    with pytest.raises(OtherRun, match="models"):
        BatchRun(other, needs, results, out).run()


def cut_off(matcher: Matcher, needs: Path, results: Path, out: Path) -> None:
    def stop(stage: str, done: int, _total: int) -> None:
        if stage == "results" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        BatchRun(matcher, needs, results, out, progress=stop).run()


def test_two_processes_do_not_work_on_one_run(files: tuple[Path, Path, Path]) -> None:
    needs, results, out = files
    plain = Matcher.load()
    seen: list[str] = []

    def also(stage: str, done: int, _total: int) -> None:
        if stage == "results" and done and not seen:
            with pytest.raises(OtherRun, match="another process"):
                BatchRun(plain, needs, results, out).run()
            seen.append("refused")

    BatchRun(plain, needs, results, out, progress=also).run()
    assert seen == ["refused"]


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("r.jsonl", "{broken", "not JSON"), ("r.jsonl", '{"id": "r1", "title": "twice"}', "occurs twice"), ("n.jsonl", '{"id": "n9"}', "no title and no body"),
        ("r.jsonl", '{"id": "r999"}', "no title, title_terms"),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_by_number_and_reason(
    files: tuple[Path, Path, Path], name: str, line: str, reason: str
) -> None:
    needs, results, out = files
    path = needs.with_name(name)
    number = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    done = run("batch", "--needs", needs, "--results", results, "--out", out)
    assert done.exit_code == 2
    assert f"{name}:{number}:" in done.output and reason in done.output
    assert {file.name for file in out.parent.iterdir()} == {"n.jsonl", "r.jsonl"}


@pytest.mark.parametrize(("needs_there", "results_there"), [(0, 3), (2, 0), (0, 0)])
def test_nothing_to_match_is_an_empty_run(tmp_path: Path, needs_there: int, results_there: int) -> None:
    needs = write(tmp_path / "n.jsonl", listings(needs_there, "n"))
    results = write(tmp_path / "r.jsonl", listings(results_there, "r"))
    done = run("batch", "--needs", needs, "--results", results, "--out", tmp_path / "run.tsv")
    assert done.exit_code == 0, done.output
    assert rows(tmp_path / "run.tsv") == {}


def test_results_prepared_are_forgotten_and_prepared_again(
    files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs, results, out = files
    assert run("batch", "--needs", needs, "--results", results, "--out", out).exit_code == 0
    expected = out.read_bytes()
    monkeypatch.setattr(batch, "CHARACTERS_KEPT", 30)
    assert run("batch", "--needs", needs, "--results", results, "--out", out).exit_code == 0
    assert out.read_bytes() == expected


# -- the parts


@pytest.mark.parametrize("cut", ["data", "journal", "both", "flipped"])
def test_a_block_file_keeps_the_good_blocks_only(tmp_path: Path, cut: str) -> None:
    path, journal = tmp_path / "f", tmp_path / "f.blocks"
    with BlockFile(path) as file:
        for block in (b"first", b"second", b"third"):
            file.append(block)
    if cut == "data":
        path.write_bytes(path.read_bytes()[:-1])
    elif cut == "journal":
        journal.write_bytes(journal.read_bytes()[:-3])
    elif cut == "both":
        path.write_bytes(path.read_bytes() + b"half of the fourth")
        journal.write_bytes(journal.read_bytes()[:-1] + b"9")
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    with BlockFile(path) as file:
        assert (file.blocks, file.size) == (2, 11)
        file.append(b"again")
    assert path.read_bytes() == b"firstsecondagain"
    with BlockFile(path) as file:
        assert (file.blocks, file.size) == (3, 16)
        with pytest.raises(BlockingIOError, match="another process"):
            BlockFile(path)


def test_vectors_of_another_encoder_or_of_other_texts_are_another_file(tmp_path: Path, encoder: Encoder) -> None:
    def blocks(_start: int) -> Iterator[np.ndarray]:
        yield np.ones((2, encoder.dimensions), np.float32)

    first = VectorFile(tmp_path, "results", "a" * 64, encoder)
    assert first.fill(2, blocks) == 0
    assert first.read().shape == (2, encoder.dimensions)
    assert VectorFile(tmp_path, "results", "b" * 64, encoder).fill(2, blocks) == 0
    assert VectorFile(tmp_path, "results", "a" * 64, encoder).fill(2, blocks) == 2
    with pytest.raises(ValueError, match="not 3"):
        VectorFile(tmp_path, "results", "a" * 64, encoder).fill(3, blocks)


def test_words_find_what_the_baseline_finds() -> None:
    from matcher.evaluation.bm25 import CorpusBM25

    documents = [["铝", "合金", "铸造"], ["模具", "涂层", "涂层"], [], ["铝", "模具"]]
    query = ["涂层", "模具", "模具", "未见"]
    expected = CorpusBM25(documents).scores([query])[0]
    np.testing.assert_allclose(WordIndex(documents).scores(query), expected, rtol=1e-5)
