"""What people type: cleaning it without changing its meaning, and the error for what cannot be read."""

from __future__ import annotations

import unicodedata

_KEPT_CONTROLS = frozenset("\n\t")
_INVISIBLE = frozenset("\u200b\u2060\ufeff")  # zero-width space, word joiner, byte-order mark: pasted along unseen
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # may make a text look like another one


class Unreadable(ValueError):
    """A typed value that cannot be read as what the field asks for. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_text(text: str) -> str:
    """Several lines: line ends as \\n; control, invisible and direction characters, and lone surrogates, left out; trimmed.

    Emoji and full-width characters stay as typed.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        c
        for c in unified
        if c in _KEPT_CONTROLS or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _INVISIBLE | _BIDI)
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def clean_line(text: str) -> str:
    """One line: as `clean_text`, with white space runs as one space."""
    return " ".join(clean_text(text).split())


def half_width(text: str) -> str:
    """For numbers, codes and dates: NFKC, the many minus signs as "-", no white space."""
    folded = unicodedata.normalize("NFKC", text)
    for minus in "−‐‑‒–—﹣－":
        folded = folded.replace(minus, "-")
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
