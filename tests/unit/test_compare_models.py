"""The guard, run as it is run: two rankers on judged pairs; what ships, what stays, what is refused."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from matcher.encoders.learned import id_key
from matcher.encoders.loading import SHIPPED
from matcher.evaluation.paired import LEAST_NEEDS
from matcher.evaluation.run import FOLDS
from matcher.ranker import DEFAULT_FOLDER
from tests.fakes import HashingEncoder

ROOT = Path(__file__).resolve().parents[2]
TOPICS = "轴承 阀门 茶叶 涂层 电机 竹材 染料 抗体 传感 光伏".split()


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_models", ROOT / "scripts" / "compare_models.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    __import__("sys").modules["compare_models"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """With an encoder that needs no network: what is compared here is the rankers."""
    monkeypatch.setattr(script, "load_encoder", lambda _path: HashingEncoder())

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(cast(Any, script).main, [str(argument) for argument in arguments])

    return invoke


def ranker(folder: Path, *, turned: bool = False, level: int = 1, **notes: str) -> Path:
    """The shipped ranker, which says one level of everything; `turned`: one that prefers what fits least."""
    folder.mkdir()
    data = json.loads((DEFAULT_FOLDER / "ranker.json").read_text(encoding="utf-8"))
    data["notes"] = data["notes"] | notes
    data["thresholds"] = [-1e6 if n <= level else 1e6 for n in (2, 3, 4)]
    if turned:
        data["weights"] = [-weight for weight in data["weights"]]
    (folder / "ranker.json").write_text(json.dumps(data), encoding="utf-8")
    for name in ("words.npz", "background.npz"):
        shutil.copy(DEFAULT_FOLDER / name, folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Needs that one result of their topic fits and others do not."""
    folder = tmp_path / "data"
    folder.mkdir()
    results = [{"id": f"r{n}", "title": f"{topic}加工与检测技术{n}"} for n, topic in enumerate(TOPICS)]
    needs, judged = [], ["need_id\tresult_id\tlevel\tsource"]
    for n in range(LEAST_NEEDS * 8):
        topic = n % len(TOPICS)
        needs.append({"id": f"need{n}", "title": f"{TOPICS[topic]}加工问题{n}"})
        judged += [f"need{n}\tr{k}\t{4 if k == topic else 1}\tfits" for k in range(len(TOPICS))]
    for name, rows in (("needs.jsonl", needs), ("results.jsonl", results)):
        (folder / name).write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    (folder / "judgements.tsv").write_text("\n".join(judged) + "\n", encoding="utf-8")
    return folder


def test_the_better_one_ships_and_the_worse_one_stays(run: Any, tmp_path: Path, data: Path) -> None:
    good, bad = ranker(tmp_path / "good"), ranker(tmp_path / "bad", turned=True)
    won = run(bad, good, data, "--held-back", 4)
    assert won.exit_code == 0, won.output
    assert "ships: the new model wins" in won.output and "held back: folds 4 of 5" in won.output
    lost = run(good, bad, data, "--held-back", 4)
    assert lost.exit_code == 1 and "does not ship" in lost.output and "nDCG@10 is not better" in lost.output


def test_a_better_order_with_worse_levels_stays(run: Any, tmp_path: Path, data: Path) -> None:
    old, new = ranker(tmp_path / "old", turned=True), ranker(tmp_path / "new", level=4)
    got = run(old, new, data, "--held-back", 4)
    assert got.exit_code == 1 and "the level score is worse" in got.output and "nDCG@10 is not" not in got.output


def test_a_copy_does_not_ship(run: Any, tmp_path: Path, data: Path) -> None:
    same = run(ranker(tmp_path / "one"), ranker(tmp_path / "two"), data, "--held-back", 4)
    assert same.exit_code == 1 and "+0.0000 [+0.0000, +0.0000]" in same.output


def test_few_needs_decide_nothing(run: Any, tmp_path: Path, data: Path) -> None:
    lines = (data / "judgements.tsv").read_text(encoding="utf-8").splitlines()
    (data / "judgements.tsv").write_text("\n".join(lines[:200]) + "\n", encoding="utf-8")
    few = run(ranker(tmp_path / "bad", turned=True), ranker(tmp_path / "good"), data, "--held-back", 4)
    assert few.exit_code == 1 and f"at least {LEAST_NEEDS} are asked for" in few.output


def test_the_folds_are_those_that_the_retraining_names(run: Any, tmp_path: Path, data: Path) -> None:
    old = ranker(tmp_path / "old", turned=True)
    told = run(old, ranker(tmp_path / "told", held_back="1, 3"), data)
    assert told.exit_code == 0 and "folds 1, 3 of 5" in told.output
    silent = run(old, ranker(tmp_path / "silent"), data)
    assert silent.exit_code == 2 and "which folds did the retraining not use?" in silent.output
    wrong = run(old, ranker(tmp_path / "wrong", held_back="9"), data)
    assert wrong.exit_code == 2 and "expected numbers from 0 to 4" in wrong.output


def test_several_data_folders_count_together(run: Any, tmp_path: Path, data: Path) -> None:
    again = shutil.copytree(data, tmp_path / "again")
    got = run(ranker(tmp_path / "bad", turned=True), ranker(tmp_path / "good"), data, again, "--held-back", 4)
    one = run(tmp_path / "bad", tmp_path / "good", data, "--held-back", 4)

    def needs(output: str) -> int:
        return int(output.split("judged needs")[0].rsplit(":", 1)[1])

    assert got.exit_code == 0 and needs(got.output) == 2 * needs(one.output)


def test_an_encoder_that_has_seen_the_needs_is_refused(run: Any, tmp_path: Path, data: Path) -> None:
    held_back = next(need for need in map("need{}".format, range(40)) if id_key(need) % FOLDS == 4)
    seen = tmp_path / "seen"
    seen.mkdir()
    (seen / "joint.json").write_text(json.dumps({"parts": [], "judged": [id_key(held_back)]}), encoding="utf-8")
    got = run(ranker(tmp_path / "old"), seen, data, "--held-back", 4)
    assert got.exit_code == 2
    assert f"new's encoder has learned from 1 of the needs held back, such as {held_back!r}" in " ".join(
        got.output.split()
    )


def test_what_cannot_be_compared_is_refused(run: Any, tmp_path: Path, data: Path) -> None:
    good = ranker(tmp_path / "good")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "neither a ranker" in run(good, empty, data, "--held-back", 4).output
    both = tmp_path / "both"
    both.mkdir()
    ranker(both / "a"), ranker(both / "b")
    assert "holds 2 rankers (a, b)" in run(good, both, data, "--held-back", 4).output
    assert "the same models" in run(good, good, data, "--held-back", 4).output
    bad_line = shutil.copytree(data, tmp_path / "broken")
    (bad_line / "judgements.tsv").write_text("need_id\tresult_id\tlevel\nneed1\tr1\t7\n", encoding="utf-8")
    broken = run(good, ranker(tmp_path / "new"), bad_line, "--held-back", 4)
    assert broken.exit_code == 2 and "judgements.tsv:2: level '7' is not 1 to 4" in broken.output
    shutil.rmtree(bad_line)
    missing = run(good, tmp_path / "new", bad_line, "--held-back", 4)
    assert missing.exit_code == 2


def test_encoders_and_rankers_are_found_by_what_they_hold(script: ModuleType, tmp_path: Path) -> None:
    default = script.Models(Path("e"), Path("r"))
    assert script.models_in(SHIPPED, default) == script.Models(SHIPPED, Path("r"))
    assert script.models_in(DEFAULT_FOLDER, default) == script.Models(Path("e"), DEFAULT_FOLDER)
    folder = tmp_path / "new"
    folder.mkdir()
    shutil.copytree(DEFAULT_FOLDER, folder / "ranker")
    (folder / "encoder").mkdir()
    for name in ("config.json", "tokenizer.json"):
        (folder / "encoder" / name).write_text("{}", encoding="utf-8")
    assert script.models_in(folder, default) == script.Models(folder / "encoder", folder / "ranker")
