"""The training runs from material to weights, lowers what it is to lower, and keeps to what it may learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from matcher.encoder import load_encoder
from matcher.evaluation.data import BadInput, read_needs, read_scores
from matcher.training.bases import write_encoder
from matcher.training.late import LateInteraction
from matcher.training.loop import train
from matcher.training.losses import against_others, in_batch, within_need
from matcher.training.material import OWN, Material, Paper
from matcher.training.network import Network
from matcher.training.partners import Partners
from matcher.training.settings import Settings

SUBJECTS = ("尼龙增韧", "茶叶采摘", "废水脱氮", "轴承钢冶炼", "机器视觉检测", "锂电池热管理")
MATERIAL = Material(
    needs={f"n{i}": (subject, f"{subject}的工艺需要改进。") for i, subject in enumerate(SUBJECTS)},
    results={
        f"r{i}{k}": f"{subject}{word}" for i, subject in enumerate(SUBJECTS) for k, word in enumerate(("技术", "装置"))
    },
    gains={f"n{i}": {f"r{i}0": 7.0, f"r{(i + 1) % 6}1": 0.0} for i in range(6)},
    papers=[Paper(f"{s}研究", s, f"本文研究{s}。") for s in SUBJECTS],
    folds={f"n{i}": i % 5 for i in range(6)},
)
SMALL = Settings(epochs=1, rate=1e-4, others=4, papers=3, dropout=0.0)


def test_a_fold_left_out_is_not_learned_from() -> None:
    kept = MATERIAL.without(0)
    assert set(kept.gains) == {"n1", "n2", "n3", "n4"}
    assert set(kept.results) == set(MATERIAL.results)


def test_what_experts_judged_and_what_we_scored_are_kept_apart(tmp_path: Path) -> None:
    data, own = tmp_path / "data", tmp_path / "own"
    for folder in (data / "need_result_pairs", data / "abstracts", own):
        folder.mkdir(parents=True)
    (data / "need_result_pairs/needs.jsonl").write_text(
        '{"id": "a", "title": "尼龙增韧"}\n{"id": "b", "title": "茶叶采摘"}\n', encoding="utf-8"
    )
    (data / "need_result_pairs/results.jsonl").write_text(
        '{"id": "r", "title_terms": "尼龙 增韧"}\n{"id": "q", "title_terms": "采茶机"}\n', encoding="utf-8"
    )
    (data / "need_result_pairs/judgements.tsv").write_text("need_id\tresult_id\tlevel\na\tr\t3\n", encoding="utf-8")
    (data / "abstracts/abstracts.jsonl").write_text(
        '{"title": "一", "keywords": ["甲"], "abstract": "乙"}\n' * 6, encoding="utf-8"
    )
    (own / "needs-1.jsonl").write_text('{"id": "s", "title": "采茶人手不足"}\n', encoding="utf-8")
    (own / "needs-2.jsonl").write_text('{"id": "t", "title": "齿轮发脆"}\n', encoding="utf-8")
    scores = "need_id\tresult_id\tscore\na\tq\t9\nb\tq\t6\ns\tq\t3\nt\tr\t0\n"
    (own / "scores.tsv").write_text(scores, encoding="utf-8")
    (own / "scores-judged.tsv").write_text("need_id\tresult_id\tscore\n", encoding="utf-8")
    ours, experts = Material.read(data, own)
    assert [part.gains for part in ours] == [{"b": {"q": 3.0}, "s": {"q": 1.0}}, {"b": {"q": 3.0}, "t": {"r": 0.0}}]
    assert experts.gains == {"a": {"r": 3.0}}
    (own / "scores-judged.tsv").write_text("need_id\tresult_id\tscore\na\tr\t3\n", encoding="utf-8")
    both = Material.read(data, own)[1].gains["a"]["r"]
    assert both == pytest.approx(2**1.5 - 1), "an expert's level 3 and our 2: the mean counts"
    (own / "retold-1.jsonl").write_text('{"id": "s", "title": "茶园用工项目", "body": "我公司…"}\n', encoding="utf-8")
    *told, retold = Material.read(data, own)[0]
    assert [part.gains for part in told] == [part.gains for part in ours]
    assert retold.gains == {"b": {"q": 3.0}, "s+": {"q": 1.0}} and retold.needs["s+"][0] == "茶园用工项目"
    assert set(experts.needs) == {"a", "b", "s", "t"} and len(experts.papers) == 4
    halves = Material.halves(ours)
    assert sorted(need for half in halves for need in half.gains) == ["b", "s", "t"]
    (own / "scores.tsv").write_text(scores + "s\tx\t1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="such as 'x'"):
        Material.read(data, own)
    (own / "scores.tsv").write_text(scores.replace("\t9", "\t10"), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        Material.read(data, own)
    assert refused.value.lines[0].line == 2 and "0 to 9" in refused.value.lines[0].reason


def test_our_own_needs_and_scores_fit_together() -> None:
    needs = [need.id for path in OWN.glob("needs-*.jsonl") for need in read_needs(path)]
    scores = read_scores(OWN / "scores.tsv")
    assert len(needs) == len(set(needs)) > 1500
    assert set(needs) <= set(scores)
    retold = [need.id for path in OWN.glob("retold-*.jsonl") for need in read_needs(path)]
    assert set(retold) <= set(needs)
    assert all(len(judged) >= 20 for judged in scores.values())


def test_losses_fall_as_the_order_rights_itself() -> None:
    gains = torch.tensor([7.0, 1.0, 0.0])
    right, wrong = torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1.0, 2.0, 3.0])
    assert float(within_need(right, gains)) < float(within_need(wrong, gains))
    assert float(within_need(right, torch.zeros(3))) == 0
    others = torch.tensor([0.0, 0.5])
    assert float(against_others(right, gains, others)) < float(against_others(right - 5, gains, others))
    assert float(against_others(right, torch.zeros(3), others)) == 0
    same = 20 * torch.eye(3)
    assert float(in_batch(same)) < 0.01 < float(in_batch(same.flip(0)))


def test_training_moves_the_upper_layers_alone_and_is_the_same_for_a_seed(bert: Path) -> None:
    said: list[str] = []
    first = train(bert, MATERIAL, SMALL, 3, said.append)
    assert len(said) == 1 and said[0].startswith("epoch 1 of 1: loss ")
    base = train(bert, MATERIAL, replace(SMALL, rate=0.0), 3)
    moved = {name for name, value in first.items() if not torch.equal(value, base[name])}
    assert moved and all(name.startswith(("encoder.layer.2.", "encoder.layer.3.")) for name in moved)
    again = train(bert, MATERIAL, SMALL, 3)
    assert all(torch.equal(value, again[name]) for name, value in first.items())


def test_an_encoder_with_mean_pooling_and_a_linear_map_learns_the_map_along(parts: dict[str, Path]) -> None:
    base = parts["e5-small"]
    settings = replace(SMALL, frozen=11, alike=3, needs=6)
    first = train(base, MATERIAL, settings, 3)
    still = train(base, MATERIAL, replace(settings, rate=0.0), 3)
    moved = {name for name, value in first.items() if not torch.equal(value, still[name])}
    assert {"linear.weight", "linear.bias"} < moved
    assert all(name.startswith(("encoder.layer.11.", "linear.")) for name in moved)
    network = Network(base, 0, 0.0, still)
    texts = [title for title, _whole in MATERIAL.needs.values()] + list(MATERIAL.results.values())
    with network.at_rest():
        vectors = network.encode(network.pieces(texts, 40))
    assert float(vectors.mean(0).norm()) < 0.5, "what all texts have in common was taken off"


def test_the_network_computes_what_the_light_runtime_computes(parts: dict[str, Path]) -> None:
    for base in parts.values():
        network = Network(base, 2, 0.1)
        with network.at_rest():
            vectors = network.encode(network.pieces(list(SUBJECTS), 40)).numpy()
        assert np.allclose(vectors, load_encoder(str(base)).encode(SUBJECTS), atol=1e-4)


def test_an_encoder_is_written_in_its_bases_layout(parts: dict[str, Path], tmp_path: Path) -> None:
    base = parts["e5-small"]
    weights = Network(base, 0, 0.0).weights()
    weights["linear.bias"] = weights["linear.bias"] + 1
    write_encoder(base, weights, tmp_path / "written")
    before, after = load_encoder(str(base)), load_encoder(str(tmp_path / "written"))
    assert before.version != after.version and not np.allclose(
        before.encode(SUBJECTS), after.encode(SUBJECTS), atol=1e-2
    )
    write_encoder(base, Network(base, 0, 0.0).weights(), tmp_path / "written")
    assert np.allclose(before.encode(SUBJECTS), load_encoder(str(tmp_path / "written")).encode(SUBJECTS), atol=1e-5)


def test_with_alike_papers_and_needs_side_by_side_all_layers_learn(bert: Path) -> None:
    settings = replace(SMALL, frozen=0, needs=3, others=0, alike=3)
    trained = train(bert, MATERIAL, settings, 3)
    base = train(bert, MATERIAL, replace(settings, rate=0.0), 3)
    moved = {name.split(".")[2] for name, value in trained.items() if not torch.equal(value, base[name])}
    assert moved == {"0", "1", "2", "3"}


def test_tokens_find_their_own_text_by_late_interaction(bert: Path) -> None:
    network = Network(bert, 0, 0.0)
    network.model.eval()
    rows = network.pieces(SUBJECTS, 20)
    late = LateInteraction(network.model.config.hidden_size, network.model.config.vocab_size)
    with torch.no_grad():
        states = network.states(rows)
        late.start([*rows, rows[0]], states)
        scores = late(states, states, states)
        assert torch.equal(scores.argmax(1), torch.arange(len(rows))) and scores.shape == (6, 6)
        assert torch.allclose(scores.diagonal(), torch.tensor(24.0), atol=1e-3), "each token is its own nearest"
        assert torch.allclose(states.vectors, network.encode(rows), atol=1e-5)
        often, seldom = rows[0][1], rows[1][1]
        assert late.weights[often] < late.weights[seldom]


def test_late_interaction_learns_along_and_is_the_same_for_a_seed(bert: Path) -> None:
    settings = replace(SMALL, frozen=0, needs=3, others=0, late=1.0, given_times=2)
    material = replace(MATERIAL, given=frozenset({"n1"}))
    trained, again = train(bert, material, settings, 3), train(bert, material, settings, 3)
    without = train(bert, material, replace(settings, late=0.0), 3)
    assert all(torch.equal(value, again[name]) for name, value in trained.items())
    assert any(not torch.equal(value, without[name]) for name, value in trained.items())
    assert trained.keys() == without.keys(), "nothing of it ships"


def _partner(number: int, folder: Path, bert: Path) -> None:
    torch.distributed.init_process_group("gloo", init_method=(folder / "meeting").as_uri(), rank=number, world_size=2)
    weights = train(bert, MATERIAL, replace(SMALL, needs=1), 3, partners=Partners(number, 2))
    torch.save(weights, folder / f"{number}.pt")
    torch.distributed.destroy_process_group()


def test_partners_share_the_needs_and_end_with_the_same_weights(tmp_path: Path, bert: Path) -> None:
    needs = [str(number) for number in range(7)]
    shares = [Partners(number, 2).share(needs) for number in range(2)]
    assert shares == [["0", "2", "4"], ["1", "3", "5"]]
    torch.multiprocessing.spawn(_partner, (tmp_path, bert), nprocs=2)  # type: ignore[no-untyped-call]
    ours, theirs = (torch.load(tmp_path / f"{number}.pt") for number in range(2))
    alone = train(bert, MATERIAL, replace(SMALL, needs=1), 3)
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    assert any(not torch.equal(value, alone[name]) for name, value in ours.items())


def test_an_epoch_lowers_the_loss(bert: Path) -> None:
    said: list[str] = []
    train(bert, MATERIAL, replace(SMALL, epochs=4, rate=3e-4), 1, said.append)
    first, *_others, last = (float(line.rsplit(" ", 1)[1]) for line in said)
    assert last < first


@pytest.mark.parametrize("gain", [3.0, 7.0])
def test_good_results_are_never_left_out_by_lot(gain: float) -> None:
    import random

    from matcher.training.loop import _chosen

    judged = {f"r{i}": 0.0 for i in range(40)} | {"good": gain}
    material = replace(MATERIAL, gains={"n0": judged})
    for seed in range(5):
        chosen = _chosen(material, "n0", SMALL, random.Random(seed))
        assert len(chosen) == SMALL.judged and ("good", gain) in chosen
