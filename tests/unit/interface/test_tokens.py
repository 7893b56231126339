"""Every pair of tokens that the style sheets put together keeps WCAG AA."""

from __future__ import annotations

import pytest

from tests.unit.interface.colours import contrast, tokens

GROUNDS = ("bg", "surface", "surface-2")
SOFT = ("accent-soft", "good-soft", "wait-soft", "bad-soft", "neutral-soft")

TEXT_PAIRS = [
    *[("text", ground) for ground in (*GROUNDS, *SOFT, "mark")],
    *[("text-2", ground) for ground in (*GROUNDS, "neutral-soft")],
    *[("accent", ground) for ground in (*GROUNDS, "accent-soft")],
    *[("accent-hover", ground) for ground in (*GROUNDS, "accent-soft")],
    *[("good", ground) for ground in ("surface", "bg", "surface-2", "good-soft")],
    *[("wait", ground) for ground in ("surface", "bg", "surface-2", "wait-soft")],
    *[("bad", ground) for ground in ("surface", "bg", "surface-2", "bad-soft")],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
]
SHAPE_PAIRS = [(shape, ground) for shape in ("line-2", "focus") for ground in GROUNDS] + [
    (f"series-{n}", ground) for n in range(1, 5) for ground in ("surface",)
]


def test_the_formula_is_wcags() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_reaches_4_5(theme: str, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_reach_3(theme: str, shape: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[shape], colours[ground]) >= 3


def test_both_themes_have_the_same_tokens() -> None:
    assert tokens("light").keys() == tokens("dark").keys()
