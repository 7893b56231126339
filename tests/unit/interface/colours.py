"""Reading the token layer and WCAG's contrast formula, for the tests of this folder."""

from __future__ import annotations

import re
from pathlib import Path

TOKENS = Path(__file__).parents[3] / "platform/jieti/web/static/src/scss/_tokens.scss"


def tokens(theme: str) -> dict[str, str]:
    """Name → hex of one theme's tokens ("light" or "dark"), as the style sheet has them."""
    text = TOKENS.read_text(encoding="utf-8")
    block = re.search(rf"@mixin {theme} \{{(.*?)\n\}}", text, re.S)
    assert block, theme
    return dict(re.findall(r"--j-([\w-]+): (#[0-9A-Fa-f]{6});", block.group(1)))


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two hex colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
