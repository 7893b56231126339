"""统一社会信用代码 (GB 32100-2015): normalising and the check digit. A wrong digit warns and never blocks: real codes fail it."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def normalise(code: str) -> str:
    """Half-width, upper case, without white space and hyphens."""
    text = unicodedata.normalize("NFKC", code).upper()
    return "".join(c for c in text if not c.isspace() and c != "-")


def well_formed(code: str) -> bool:
    """18 characters of the standard's alphabet (no I, O, S, V, Z)."""
    return len(code) == LENGTH and all(c in ALPHABET for c in code)


def check_character(body: str) -> str:
    """The 18th character for the first 17: charset[(31 - sum(Ci * 3^(i-1) mod 31) mod 31) mod 31]."""
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body[: LENGTH - 1]))
    return ALPHABET[(31 - total % 31) % 31]


def check_digit_holds(code: str) -> bool:
    return well_formed(code) and check_character(code) == code[-1]
