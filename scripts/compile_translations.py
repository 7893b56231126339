"""Compile the translation catalogues (.po → .mo) that are newer than what was compiled last."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parents[1] / "platform" / "jieti" / "translations"


def main() -> None:
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as lines:
            catalogue = read_po(lines)
        with target.open("wb") as out:
            write_mo(out, catalogue)


if __name__ == "__main__":
    main()
