"""The map of two encoders learns what either knows, comes back as one linear map, and is the same for a seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from matcher.encoder import load_encoder
from matcher.evaluation.run import Corpus
from matcher.training.joining import Map, SideBySide, cosines, join
from matcher.training.material import Material, Paper
from matcher.training.settings import JoinSettings
from matcher.training.unseen import unseen
from matcher.types import Need, Offer

SUBJECTS, TEXTS_OF_EACH = 6, 5
SETTINGS = JoinSettings(dimensions=8, epochs=8, rate=2e-3, dropout=0.0, shares=(1.0, 1.0), needs=3, others=10, papers=6)


def corpus() -> tuple[Material, SideBySide]:
    """Needs and results of six subjects, whose vectors tell the subject in two of twelve numbers and are noise in the others; they
    point one way, as e5's do."""
    noise = np.random.default_rng(5)

    def rows(subjects: list[int]) -> torch.Tensor:
        angles = np.array(subjects) * 2 * np.pi / SUBJECTS
        told = np.stack([np.cos(angles), np.sin(angles)], 1)
        given = np.hstack([noise.normal(size=(len(subjects), 5)), told, noise.normal(size=(len(subjects), 5))]) + 2
        return torch.tensor(given, dtype=torch.float32)

    of_results = [subject for subject in range(SUBJECTS) for _ in range(TEXTS_OF_EACH)]
    results = {f"r{place:02}": "" for place in range(len(of_results))}
    names = sorted(results)
    gains = {
        f"n{subject}": {
            name: 7.0 if of_results[place] == subject else 0.0
            for place, name in enumerate(names)
            if (place + subject) % 3
        }
        for subject in range(SUBJECTS)
    }
    papers = [Paper("", "", "")] * SUBJECTS
    material = Material(dict.fromkeys(gains, ("", "")), results, gains, papers, {})
    each = list(range(SUBJECTS))
    texts = SideBySide(rows(each), rows(each), rows(of_results), rows(each), rows(each), rows(each), (5, 7))
    return material, texts


def found_share(texts: SideBySide, weights: dict[str, torch.Tensor]) -> float:
    """Of the results of a subject, the share among the first of its need's."""

    def unit(rows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(rows @ weights["weight"].T + weights["bias"], dim=-1)

    asked = unit(texts.titles) + unit(texts.wholes)
    first = (asked @ unit(texts.results).T).topk(TEXTS_OF_EACH).indices // TEXTS_OF_EACH
    return float((first == torch.arange(SUBJECTS)[:, None]).float().mean())


def test_it_finds_what_tells_subjects_apart() -> None:
    material, texts = corpus()
    said: list[str] = []
    before = found_share(texts, Map(texts, SETTINGS).folded())
    learned = join(texts, material, replace(SETTINGS, epochs=100, rate=2e-2), 1, said.append)
    assert found_share(texts, learned) > before + 0.3
    first, last = (float(line.rsplit(" ", 1)[1]) for line in (said[0], said[-1]))
    assert last < first
    assert learned["weight"].shape == (8, 12) and learned["bias"].shape == (8,)


def test_what_is_folded_gives_the_same_vectors() -> None:
    _material, texts = corpus()
    joint = Map(texts, SETTINGS).eval()
    folded = joint.folded()
    rows = torch.nn.functional.normalize(texts.results @ folded["weight"].T + folded["bias"], dim=-1)
    with torch.no_grad():
        assert torch.allclose(joint(texts.results), rows, atol=1e-5)


def test_it_is_the_same_for_a_seed() -> None:
    material, texts = corpus()
    first, again, other = (join(texts, material, SETTINGS, seed) for seed in (1, 1, 2))
    assert torch.equal(first["weight"], again["weight"]) and not torch.equal(first["weight"], other["weight"])


def test_a_judged_need_counts_several_times() -> None:
    material, texts = corpus()
    judged = replace(material, folds={"n0": 0})
    once, thrice = (join(texts, judged, replace(SETTINGS, judged_times=times), 1) for times in (1, 3))
    assert torch.equal(once["weight"], join(texts, material, replace(SETTINGS, judged_times=3), 1)["weight"])
    assert not torch.equal(once["weight"], thrice["weight"])


def test_a_needs_cosines_are_of_a_map_that_has_not_seen_its_fold() -> None:
    material, texts = corpus()
    needs = sorted(material.gains)
    judgements = {need: {name: 4 if gain else 1 for name, gain in material.gains[need].items()} for need in needs}
    judged = Corpus([Need(need, "") for need in needs], [Offer(name, "") for name in material.results], judgements)
    folds = {need.id: judged.fold(need) for need in judged.needs}
    ours, experts = replace(material, gains={}, folds=folds), replace(material, folds=folds)
    said: list[str] = []
    scores = unseen(texts, ours, experts, judged, SETTINGS, 1, said.append)
    assert scores.shape == (SUBJECTS, len(material.results)) and said[0].startswith("without fold")
    for row, need in enumerate(needs):
        weights = join(texts, Material.whole([ours, experts.without(folds[need])]), SETTINGS, 1)
        assert np.allclose(scores[row], cosines(texts, weights, [row])[0].numpy(), atol=1e-6)


def test_the_parts_vectors_lie_side_by_side(bert: Path) -> None:
    encoder = load_encoder(str(bert))
    material = Material(
        {"b": ("茶叶", "茶叶采摘机器人"), "a": ("尼龙", "尼龙增韧")},
        {"r": "采茶机"},
        {},
        [Paper("题", "词", "文")],
        {},
    )
    texts = SideBySide.of([encoder, encoder], material)
    assert texts.widths == (512, 512) and texts.titles.shape == (2, 1024)
    titles = encoder.encode(["尼龙", "茶叶"])
    assert np.allclose(texts.titles.numpy(), np.hstack([titles, titles]), atol=1e-5), "in the order of their ids"
    assert texts.abstracts.numpy()[0, :512] == pytest.approx(encoder.encode(["文"])[0], abs=1e-5)
