"""From features to a score, and from a score to a level.

A linear model: three weights that anyone can read off, which lost nothing to boosted trees on 4,336 labelled pairs
(docs/matching.md). Its value is an estimated level (1 to 4, not rounded); `score` is the estimated probability
that transfer staff would call the pair 较强 or 强, so that scores compare between needs; the level cuts the value at
three thresholds chosen for the least absolute error.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.encoders import Encoder
from matcher.features import NAMES, Features
from matcher.types import Contribution, Level

DEFAULT_FOLDER = Path(__file__).resolve().parent / "models" / "jieti-ranker-v7"
Values = NDArray[np.float64]

REFERENCE = (
    "高强铝合金薄壁件的精密铸造工艺", "注塑模具随形冷却水道设计", "永磁同步电机无位置传感器控制", "印染废水深度处理与回用",
    "茶叶采摘机器人视觉识别", "水稻病虫害遥感监测", "单克隆抗体纯化层析介质", "柔性压力传感器的印刷制备", "锂电池热失控预警方法",
    "光伏组件表面自清洁涂层", "轴承钢夹杂物控制", "数控机床热误差补偿", "竹纤维复合材料成型", "海水养殖尾水脱氮",
    "阀门密封面激光熔覆", "纺织品疵点在线检测", "工业机器人减速器寿命试验", "中药饮片智能仓储", "陶瓷基板金属化", "汽车座椅骨架轻量化",
    "半导体清洗液中颗粒控制", "橡胶密封件耐低温改性", "城市内涝预测模型", "蛋白肽酶解工艺优化",
)  # fmt: skip
"""Own titles from all sorts of fields. Their mutual cosines show an encoder's zero and scale."""


@dataclass(frozen=True, slots=True)
class RankerModel:
    """The ranker's parameters. `thresholds`: least value of levels 2, 3, 4. `reference`: mean and spread of REFERENCE's
    cosines by the encoder that the ranker was fitted with."""

    version: str
    encoder_version: str
    weights: tuple[float, ...]
    bias: float
    thresholds: tuple[float, float, float]
    slope: float
    intercept: float
    reference: tuple[float, float]
    notes: Mapping[str, str | float]

    @classmethod
    def load(cls, folder: Path = DEFAULT_FOLDER) -> RankerModel:
        """Raises OSError, ValueError or KeyError where the folder holds no ranker for these features."""
        data = json.loads((folder / "ranker.json").read_text(encoding="utf-8"))
        if tuple(data["features"]) != NAMES:
            raise ValueError(f"{folder}: made for other features ({', '.join(data['features'])})")
        low, middle, high = data["thresholds"]
        return cls(
            data["version"], data["encoder_version"], tuple(data["weights"]), data["bias"], (low, middle, high),
            data["slope"], data["intercept"], (data["reference"][0], data["reference"][1]), data["notes"],
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        data = {"features": NAMES, **asdict(self)}
        (folder / "ranker.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def fitted_to(self, encoder: Encoder) -> RankerModel:
        """The same ranker for another encoder: its cosines are brought to the zero and scale of the fitted one's.

        A makeshift that keeps scores and levels sensible; for its best, fit a ranker with scripts/fit_ranker.py.
        """
        if encoder.version == self.encoder_version:
            return self
        mean, spread = reference_of(encoder)
        ratio = self.reference[1] / spread if spread > 0 else 1.0
        weight = self.weights[0]
        return replace(
            self,
            version=f"{self.version}~{encoder.version[:8]}",
            weights=(weight * ratio, *self.weights[1:]),
            bias=self.bias + weight * (self.reference[0] - ratio * mean),
        )

    def values(self, features: Features) -> Values:
        """(n, 3) to (n,): estimated levels, not rounded and not bounded."""
        result: Values = features @ np.array(self.weights) + self.bias
        return result

    def score(self, value: float) -> float:
        """In (0, 1): the estimated probability of level 3 or 4."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * value + self.intercept))))

    def level(self, value: float) -> Level:
        return Level(1 + sum(value >= threshold for threshold in self.thresholds))

    def contributions(self, features: Sequence[float]) -> tuple[Contribution, ...]:
        """Each feature's share in the value, in levels."""
        return tuple(
            Contribution(name, float(weight * feature))
            for name, weight, feature in zip(NAMES, self.weights, features, strict=True)
        )


def reference_of(encoder: Encoder) -> tuple[float, float]:
    """Mean and spread of the cosines among REFERENCE's titles."""
    vectors = encoder.encode(list(REFERENCE))
    cosines = (vectors @ vectors.T)[np.triu_indices(len(REFERENCE), 1)]
    return float(cosines.mean()), float(cosines.std())
