"""Is this the same listing again? Near-duplicates of one text among others of its kind.

Resemblance and containment of character shingles (Broder, On the resemblance and containment of documents, 1997), helped by
the cosine of the listings' vectors where that is known. Shingles are taken within a sentence, so that sentences may change
places; free numbers are masked, because a listing with other figures is *like* another and not the same: figures, names in Latin
letters (PA66) and titles are compared apart. Keys for finding candidates without comparing every pair: min-wise hashing (Broder and others, 1998) in bands, as in
locality-sensitive hashing (Indyk and Motwani, 1998).

Thresholds: calibrated on perturbed texts and on different listings of one field (`tests/evaluation/test_duplicates.py -s`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

SHINGLE = 3
"""Characters. A changed one costs three shingles; two share too many by chance, four cost too much a slip."""
FEWEST = 24
"""Shingles under which only equal texts are the same: short titles of different things differ by a word."""
LONGEST_TEXT = 20_000

SAME = 0.60
"""Resemblance from which a text with the same title, names and figures is the same one, edited."""
SAME_TITLE = 0.85
"""Dice's coefficient of two titles' character pairs: a word exchanged (聚乙烯, 聚丙烯) makes another listing of it."""
SIMILAR_TITLE = 0.25
"""Of titles, below which an introduction or a form's own words that two texts share are not taken for their content."""
SIMILAR = 0.40
"""Resemblance from which two texts are worth laying side by side."""
CONTAINED = 0.80
"""Share of the shorter text that stands in the longer one: a listing posted again with parts left out or added."""
PART = 0.97
"""Containment from which one text is the other with something left out: then what it names may be fewer, too."""
NEAR = 0.25
"""Resemblance that suffices where the vectors agree as well."""
COSINE = 0.92

BANDS = 8
ROWS = 3
"""Two texts meet in some band with probability 1 - (1 - r³)⁸: 0.36 at a resemblance of 0.4, 0.86 at 0.6, 0.99 at 0.8, 0.03 at 0.15."""

Shingles = NDArray[np.uint64]
_SENTENCE = re.compile(r"[。；;！!？?\r\n]+")
_QUIET = re.compile(r"[\W_]+")
_NAME = re.compile(r"[a-z][a-z0-9./+-]*[a-z0-9]")
_FREE_NUMBER = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?")
"""Of its own, or before a unit; not the number of a name (PA66, GCr15)."""
_RANDOM = np.random.default_rng(20_240_907)  # fixed: keys are stored
_FACTORS = _RANDOM.integers(1, 2**63, size=BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
_TERMS = _RANDOM.integers(0, 2**63, size=BANDS * ROWS, dtype=np.uint64)


class Likeness(StrEnum):
    SAME = "same"  # 重复: the same listing, perhaps edited
    SIMILAR = "similar"  # 相似: the same in parts, or with other figures


@dataclass(frozen=True, slots=True)
class Print:
    """A text made ready for comparing. `exact`: key of the normalised text, equal for equal texts."""

    exact: int
    shingles: Shingles
    numbers: frozenset[str]
    names: frozenset[str]
    title: frozenset[str]

    def min_hashes(self) -> tuple[int, ...]:
        """BANDS + 1 signed 64-bit keys: texts that are alike share one with high probability, others hardly ever.

        A text too short for shingles has only its exact key.
        """
        if len(self.shingles) < FEWEST:
            return (self.exact,)
        # The shingles are spread already: one multiplication by an odd number reorders them well enough.
        least = (_FACTORS[:, None] * self.shingles[None, :] + _TERMS[:, None]).min(axis=1).reshape(BANDS, ROWS)
        return tuple(
            dict.fromkeys((self.exact, *(_signed(bytes([band]) + row.tobytes()) for band, row in enumerate(least))))
        )


def fingerprint(title: str, body: str = "") -> Print:
    """Of a listing's open text; sentences end by 。；！？ or at line ends."""
    plain = _level(f"{title}\n{body}"[:LONGEST_TEXT])
    sentences = [_QUIET.sub("", _FREE_NUMBER.sub("0", sentence)) for sentence in _SENTENCE.split(plain)]
    head = _QUIET.sub("", _level(title))
    return Print(
        exact=_signed(_QUIET.sub("", plain.replace(".", "点")).encode("utf-8", "surrogatepass")),
        shingles=_shingles(sentences),
        numbers=frozenset(_plain_number(number) for number in _FREE_NUMBER.findall(plain)),
        names=frozenset(_NAME.findall(plain)),
        title=frozenset(head[i : i + 2] for i in range(len(head) - 1)) or frozenset({head}),
    )


def likeness(one: Print, other: Print, cosine: float | None = None) -> Likeness | None:
    """None: different listings. `cosine`: of the two listings' vectors, where known; the rest works without."""
    if one.exact == other.exact:
        return Likeness.SAME
    fewer = min(len(one.shingles), len(other.shingles))
    if fewer < FEWEST:
        return None
    shared = len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))
    resemblance = shared / (len(one.shingles) + len(other.shingles) - shared)
    contained = shared / fewer
    titles = 2 * len(one.title & other.title) / (len(one.title) + len(other.title))
    alike = (
        resemblance >= SAME
        or (titles >= SIMILAR_TITLE and (resemblance >= SIMILAR or contained >= CONTAINED))
        or (cosine is not None and cosine >= COSINE and resemblance >= NEAR)
    )
    if not alike:
        return None
    part = contained >= PART > resemblance
    agree = _agree(one.numbers, other.numbers, part) and _agree(one.names, other.names, part)
    whole = resemblance >= SAME or contained >= CONTAINED
    return Likeness.SAME if agree and whole and titles >= SAME_TITLE else Likeness.SIMILAR


def _agree(one: frozenset[str], other: frozenset[str], part: bool) -> bool:
    """Of a text that stands in the other one, what it names must stand there too; of an edited one, all must be equal."""
    return one == other or (part and (one <= other or other <= one))


def _level(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _plain_number(text: str) -> str:
    """2.50 and 2.5 are one figure."""
    return text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0") or "0"


def _shingles(sentences: list[str]) -> Shingles:
    """Sorted, each once."""
    parts = []
    for sentence in sentences:
        points = np.frombuffer(sentence.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
        if len(points) >= SHINGLE:
            packed = np.zeros(len(points) - SHINGLE + 1, dtype=np.uint64)
            for offset in range(SHINGLE):  # 21 bits a code point: three fill 63
                packed = (packed << np.uint64(21)) | points[offset : offset + len(packed)]
            parts.append(packed)
    return np.unique(_mixed(np.concatenate(parts))) if parts else np.empty(0, dtype=np.uint64)


def _mixed(values: Shingles) -> Shingles:
    """Spread over 64 bits (finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Shingles = values ^ (values >> np.uint64(31))
    return mixed


def _signed(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), signed=True)
