"""One character for one: spellings are levelled without moving a position, so that spans stay spans of the original."""

from __future__ import annotations

_PAIRS = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full-width ASCII
    **dict.fromkeys("～〜∼﹋˜", "~"),
    **dict.fromkeys("–—―−﹣‑‒", "-"),
    **dict.fromkeys("✕✖╳", "×"),
    **dict.fromkeys("≧⩾", "≥"),
    **dict.fromkeys("≦⩽", "≤"),
    "﹥": ">",
    "﹤": "<",
    "\u00b5": "μ",
    "º": "°",
    "˚": "°",
    "‧": "·",
    "•": "·",
    "∙": "·",
    "⋅": "·",
    "\u3000": " ",
    "\u00a0": " ",
    "\t": " ",
    "，": "，",
    "：": ":",
}
_PAIRS["，"] = "，"  # a comma of prose must not become the comma of 1,200
_PAIRS["；"] = "；"
_PAIRS["。"] = "。"
_TABLE = str.maketrans(_PAIRS)


def level(text: str) -> str:
    """Same length as `text`."""
    return text.translate(_TABLE)
