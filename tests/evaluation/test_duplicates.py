"""Near-duplicates: precision and recall on perturbed texts and on different listings of one field (`-s` prints them).

Texts: the demo's own listings and, where present, the real needs in ../shared/data. Positives are made here with a fixed seed.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from jieti.demo.content import rows
from matcher.duplicates import Likeness, Print, fingerprint, likeness

NEEDS = Path(__file__).parents[3] / "shared" / "data" / "need_result_pairs" / "needs.jsonl"
INTRODUCTION = (
    "本企业成立二十年来专注主业，是国家高新技术企业，拥有省级研发中心和完善的质量管理体系，产品销往全国各地，与多所高校保持长期合作，"
    "愿以委托开发、合作开发等方式引进先进技术，费用面议，期待有实力的团队与我们联系洽谈，共同推动成果落地。"
)
"""What firms put before or after every listing: alike in it is not alike."""

Text = tuple[str, str]
Change = Callable[[random.Random, Text], Text]


@cache
def listings() -> tuple[tuple[str, str, str], ...]:
    """(group of listings that could be confused, title, body), each title once."""
    found: dict[str, tuple[str, str, str]] = {}
    parts = ("main_problem", "tech_requirements", "expected_goal", "summary", "body", "advantages")
    for kind in ("challenges", "results"):
        for row in rows(kind):
            body = "\n".join(str(row[part]) for part in parts if row.get(part))
            found.setdefault(row["title"], (kind, row["title"], body))
    if NEEDS.exists():
        for line in NEEDS.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if len(row.get("body") or "") >= 80:
                found.setdefault(row["title"], ("needs", row["title"], row["body"]))
    return tuple(found.values())


def sentences(body: str) -> list[str]:
    return [s for s in re.split(r"(?<=[。；\n])", body) if s.strip()]


def typing(rng: random.Random, text: Text) -> Text:
    """Two in a hundred characters of the body (figures and names apart) struck out or doubled."""
    pieces = []
    for character in text[1]:
        chance = rng.random() if "\u4e00" <= character <= "\u9fff" else 1.0
        pieces.append("" if chance < 0.01 else character * 2 if chance < 0.02 else character)
    return text[0], "".join(pieces)


def order(rng: random.Random, text: Text) -> Text:
    parts = [s.rstrip("。；\n") + "。" for s in sentences(text[1])]
    rng.shuffle(parts)
    return text[0], "".join(parts)


def signs(_rng: random.Random, text: Text) -> Text:
    table = str.maketrans(
        {"，": ",", "。": "．\n", "；": ";\n", "（": "(", "）": ")", **{str(n): chr(0xFF10 + n) for n in range(10)}}
    )
    return f" {text[0]} ", text[1].translate(table)


def added(_rng: random.Random, text: Text) -> Text:
    return text[0], text[1] + "欢迎有经验的团队与我们联系，可以先到现场看一看再谈。"


def dropped(rng: random.Random, text: Text) -> Text:
    parts = sentences(text[1])
    if len(parts) > 3:
        parts.pop(rng.randrange(len(parts)))
    return text[0], "".join(parts)


def figures(rng: random.Random, text: Text) -> Text:
    """Other indicator values."""
    return text[0], re.sub(
        r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?", lambda m: str(float(m[0]) * 2 + rng.randint(1, 3)), text[1]
    )


def retitled(_rng: random.Random, text: Text) -> Text:
    return f"关于{text[0]}的合作需求", text[1]


def halved(_rng: random.Random, text: Text) -> Text:
    parts = sentences(text[1])
    return text[0], "".join(parts[: max(2, len(parts) // 2)])


SAME: dict[str, Change] = {"typing": typing, "order": order, "signs": signs, "added": added, "dropped": dropped}
ALIKE: dict[str, Change] = {**SAME, "figures": figures, "retitled": retitled, "halved": halved}


@cache
def printed(text: Text) -> Print:
    return fingerprint(*text)


@cache
def keys(text: Text) -> frozenset[int]:
    return frozenset(printed(text).min_hashes())


def judged(one: Text, other: Text) -> Likeness | None:
    return likeness(printed(one), printed(other))


def positives() -> Iterator[tuple[str, Text, Text]]:
    rng = random.Random(3)
    for _group, title, body in listings():
        for name, change in ALIKE.items():
            if name != "figures" or re.search(r"(?<![A-Za-z0-9.])\d", body):
                yield name, (title, body), change(rng, (title, body))


def negatives() -> Iterator[tuple[str, Text, Text]]:
    """Every listing beside others of its group, plainly and with the same introduction in both."""
    groups: dict[str, list[Text]] = {}
    for group, title, body in listings():
        groups.setdefault(group, []).append((title, body))
    rng = random.Random(4)
    for texts in groups.values():
        for one in texts:
            for other in rng.sample(texts, min(len(texts), 12)):
                if other[1] != one[1]:
                    yield "plain", one, other
                    yield "introduction", (one[0], INTRODUCTION + one[1]), (other[0], INTRODUCTION + other[1])


def test_precision_and_recall() -> None:
    found: dict[str, list[Likeness | None]] = {}
    for name, one, other in positives():
        found.setdefault(name, []).append(judged(one, other))
    wrong: list[tuple[str, Text, Text]] = []
    pairs = 0
    for name, one, other in negatives():
        pairs += 1
        if judged(one, other):
            wrong.append((name, one, other))
    hits = sum(1 for answers in found.values() for answer in answers if answer)
    whole = sum(len(answers) for answers in found.values())
    same = [answer for name in SAME for answer in found[name]]
    mistaken = found["figures"].count(Likeness.SAME)  # that none of the different ones is called so follows below
    right = sum(1 for answer in same if answer is Likeness.SAME)
    print(
        f"\nalike: precision {hits / (hits + len(wrong)):.4f} recall {hits / whole:.4f} ({whole} alike, {pairs} different)"
    )
    print(f"same: precision {right / (right + mistaken):.4f} recall {right / len(same):.4f} ({len(same)} the same)")
    for name, answers in found.items():
        told = {likeness_: answers.count(likeness_) / len(answers) for likeness_ in (*Likeness, None)}
        print(f"  {name:9} " + ", ".join(f"{key or 'missed'} {share:.3f}" for key, share in told.items()))
    print("  wrong:", [(name, one[0][:16], other[0][:16]) for name, one, other in wrong[:5]])
    assert len(wrong) / (hits + len(wrong)) <= 0.01
    assert hits / whole >= 0.98
    assert right / len(same) >= 0.90
    assert not any(answer is Likeness.SAME for answer in found["figures"]), "other figures are not the same listing"


def test_keys_meet_for_what_is_alike() -> None:
    """Candidates by keys: most of the edited texts are found, hardly any other."""
    prints = [(name, keys(one), keys(other)) for name, one, other in positives()]
    met = {name: [bool(a & b) for n, a, b in prints if n == name] for name in ALIKE}
    others = [bool(keys(a) & keys(b)) for name, a, b in negatives() if name == "plain"]
    for name, hits in met.items():
        print(f"\n  {name:9} met {sum(hits) / len(hits):.3f}", end="")
    print(f"\n  different listings met {sum(others) / len(others):.5f}")
    assert all(sum(met[name]) / len(met[name]) >= 0.95 for name in SAME)
    assert sum(others) / len(others) <= 0.005


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("PA66增韧", ""), ("PA66 增韧。", ""), Likeness.SAME),
        (("PA66增韧", ""), ("PA6增韧", ""), None),
        (("密度1.5", ""), ("密度15", ""), None),
        (("", ""), ("", ""), Likeness.SAME),
    ],
)
def test_short_texts_are_the_same_only_where_they_are_equal(one: Text, other: Text, expected: Likeness | None) -> None:
    assert judged(one, other) is expected


def test_another_material_is_another_listing() -> None:
    body = (
        "{0}管材在80℃静液压下过早脆性破坏，现用配方的耐慢速裂纹增长不够。希望在不降低挤出速度的前提下提高耐开裂性，"
        "形成可量产的{0}专用料，并通过型式检验。现有单螺杆挤出线三条，年产一万吨。"
    )
    one = ("聚乙烯管材耐慢速开裂", body.format("聚乙烯"))
    assert judged(one, ("聚丙烯管材耐慢速开裂", body.format("聚丙烯"))) is Likeness.SIMILAR
    assert judged(one, ("聚乙烯管材耐慢速开裂", body.format("PE100"))) is Likeness.SIMILAR
