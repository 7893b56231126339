"""The matcher's default tokenizer: what a text's words are when nobody injects another analysis.

NFKC and lower case first; runs of Latin letters, digits and the signs that belong to model numbers and units stay whole
(pa66/gf30, 1.8g/cm3); Chinese runs are segmented in search mode, words of two characters and more being kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

Tokenizer = Callable[[str], Sequence[str]]
"""Text in, words in order of appearance out (repeated words repeated)."""

LONGEST_TEXT = 100_000
"""Characters that are analysed; a listing's text is far shorter, a paste may not be."""

_RUNS = re.compile(
    r"(?P<latin>[a-z0-9\u00b5\u0370-\u03ff][a-z0-9\u00b5\u0370-\u03ff.+/%#@_°\-]*)|(?P<han>[\u3400-\u9fff]+)"
)


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    import rjieba

    return rjieba.Jieba()


def normalise(text: str) -> str:
    """NFKC, lower case: full-width forms become plain ones."""
    return unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower()


def tokenize(text: str) -> list[str]:
    """Words of a text. A single Han character is no word here, save where its whole run is one."""
    words: list[str] = []
    for run in _RUNS.finditer(normalise(text)):
        latin = run["latin"]
        if latin is not None:
            words.append(latin.rstrip(".-/_") or latin)
            continue
        han = run["han"]
        if len(han) == 1:
            words.append(han)
        else:
            words.extend(word for word in _segmenter().cut_for_search(han) if len(word) > 1)
    return words
