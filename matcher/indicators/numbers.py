"""Numbers as engineers write them: 1,200.5, 2.5×10⁻⁶, 1e-3, 10万, 百分之六十七, 三千, 九成五."""

from __future__ import annotations

import re

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_TIMES_POWER = r"\s*[×xX*·]\s*10(?:\s*\^\s*\(?\s*[+-]?\d+\)?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|-\d+)"
_POWER = rf"(?:{_TIMES_POWER}|[eE][+-]?\d+(?![\w]))"
_BARE_POWER = r"10(?:\^\s*[+-]?\d+|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_CHINESE_DIGITS = "零〇一二两三四五六七八九"
_CHINESE = rf"[{_CHINESE_DIGITS}十百千][{_CHINESE_DIGITS}十百千万亿]*(?:点[{_CHINESE_DIGITS}]+)?"

_TENTHS = "[一二两三四五六七八九]成[一二三四五六七八九半]?(?![分本为立功型果都品长熟膜形员年套])"

NUMBER = (
    rf"(?:{_BARE_POWER}|{_PLAIN}{_POWER}?(?:\s*(?:百万|千万|万|亿)(?![元美]))?"
    rf"|{_TENTHS}|(?:百分之|千分之|万分之)?{_CHINESE})"
)
"""Without a sign. The ten thousands before 元 belong to money, which is no indicator."""
COMMON_POWER = _TIMES_POWER
"""The power of ten behind a bracket: (1.5~2.5)×10⁻⁶."""

_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000.0, "百万": 1e6, "千万": 1e7, "亿": 1e8}
_FRACTIONS = {"百分之": "%", "千分之": "‰", "万分之": ""}


def read(text: str) -> tuple[float, str]:
    """(value, the unit that the number itself says: "%", "‰" or ""). Raises ValueError where it is no number."""
    text = text.strip()
    for prefix, unit in _FRACTIONS.items():
        if text.startswith(prefix):
            value = _chinese(text[len(prefix) :])
            return (value / 10_000, "") if prefix == "万分之" else (value, unit)
    if "成" in text:
        tenths, _, rest = text.partition("成")
        return _value(tenths) * 10.0 + (5.0 if rest == "半" else _chinese(rest)), "%"
    factor = 1.0
    if text[:1].isdigit():
        for suffix in ("百万", "千万", "万", "亿"):
            if text.endswith(suffix):
                factor, text = _LARGE[suffix], text[: -len(suffix)].strip()
                break
        return _digits(text) * factor, ""
    return _chinese(text), ""


def _digits(text: str) -> float:
    text = text.replace(",", "").replace(" ", "")
    if found := re.fullmatch(r"([\d.]+)[×xX*·]10\^?\(?(.+?)\)?", text):
        return float(found[1]) * 10.0 ** int(found[2].translate(SUPERSCRIPTS))
    if found := re.fullmatch(r"10\^?([⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+|(?<=\^)[+-]?\d+)", text):
        return 10.0 ** int(found[1].translate(SUPERSCRIPTS))
    return float(text)


def scale_of(word: str) -> float:
    """Of 万, 百万, 千万, 亿."""
    return _LARGE[word]


def power(text: str) -> float:
    """The factor that a COMMON_POWER says."""
    return _digits("1" + text)


def is_chinese(text: str) -> bool:
    """Written in Chinese numerals without any digit."""
    return not any(char.isdigit() and char.isascii() for char in text)


def _chinese(text: str) -> float:
    whole, _, decimals = text.partition("点")
    total, section, digit = 0.0, 0.0, 0.0
    for char in whole:
        if char in _CHINESE_DIGITS:
            digit = float(_value(char))
        elif char in _UNITS:
            section += (digit or 1.0) * _UNITS[char]
            digit = 0.0
        elif char in "万亿":
            total = (total + section + digit) * _LARGE[char]
            section, digit = 0.0, 0.0
        else:
            raise ValueError(f"{text!r} is no number")
    value = total + section + digit
    for place, char in enumerate(decimals, start=1):
        value += _value(char) / 10**place
    return value


def _value(char: str) -> int:
    return {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}[
        char
    ]
