"""Suggestions while typing: what is stored for them, how a typed prefix is read, how the finds are ordered.

A title is found by its words and keywords, the last one typed counting as a beginning, and by the initials of its
pinyin from any word on (``nlcl`` finds 改性尼龙材料). Initials are stored with a leading ``~`` so that they never
mix with Latin words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from search import analysis
from search.ports import Kind

MAX_INITIALS = 12
MAX_PREFIX = 60
POOL = 200
"""How many finds (newest first) an engine hands to `order`."""


@lru_cache(maxsize=16_384)
def _initials(word: str) -> str:
    from pypinyin import Style, lazy_pinyin  # 57 MB: only where documents are written, not in every web worker

    return "".join(letter[0] for letter in lazy_pinyin(word, style=Style.FIRST_LETTER, errors="ignore") if letter)


def hints(title: str, keywords: Sequence[str]) -> str:
    """Space-joined terms by which a document is suggested."""
    found = [*analysis.terms(title)]
    for text in (title, *keywords):
        found.extend(analysis.terms(text) if text is not title else ())
        letters = [_initials(text[word.start : word.end]) for word in analysis.words(text)[:24]]
        found.extend("~" + "".join(letters[index:])[:MAX_INITIALS] for index in range(len(letters)) if letters[index])
    return " ".join(dict.fromkeys(found))


def read_prefix(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(terms that must be there in full, alternatives for how the last one begins); ((), ()) finds nothing."""
    typed = analysis.clean(prefix[:MAX_PREFIX])
    words = analysis.words(typed)
    if not words:
        rest = analysis.fold(typed).text.strip().replace(" ", "")
        return ((), (rest,)) if rest and rest.isalnum() else ((), ())
    cut = len(words) - 1
    # half a word (聚酰亚) falls apart into single characters: they are the beginning together
    while cut and words[cut].end - words[cut].start == 1 and _single_before(words, cut):
        cut -= 1
    whole = tuple(dict.fromkeys(term for word in words[:cut] for term in word.terms))
    last = analysis.fold(typed[words[cut].start : words[-1].end]).text.strip().replace(" ", "")
    beginnings = [last]
    if last.isascii() and last.isalpha() and 2 <= len(last) <= MAX_INITIALS:
        beginnings.append("~" + last)
    return whole, tuple(beginnings)


def _single_before(words: Sequence[analysis.Word], index: int) -> bool:
    before = words[index - 1]
    return before.end - before.start == 1 and before.end == words[index].start


def order(prefix: str, found: Iterable[tuple[Kind, str, str]]) -> list[tuple[Kind, str, str]]:
    """(kind, ref, title) given newest first: titles that begin with what was typed, then that hold it, then others."""
    typed = analysis.fold(analysis.clean(prefix[:MAX_PREFIX])).text.strip()

    def rank(one: tuple[Kind, str, str]) -> int:
        title = analysis.fold(one[2]).text
        return 0 if title.startswith(typed) else 1 if typed in title else 2

    return sorted(found, key=rank)
