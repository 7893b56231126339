"""Units of Chinese technical texts: how they are written, and what they are to pint.

pint never sees a number of ours in a string (it would read "120 ℃" as 120 without a unit): magnitudes and units are handed
over apart. A unit that pint cannot express in terms of another (目, HRC, a count of cycles) has a dimension of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from matcher.indicators.numbers import SUPERSCRIPTS

_OWN = (
    "mesh = [mesh_count]", "rockwell_c = [hardness_hrc]", "rockwell_b = [hardness_hrb]", "rockwell_a = [hardness_hra]",
    "vickers = [hardness_hv]", "brinell = [hardness_hb]", "shore_a = [hardness_shore_a]", "shore_d = [hardness_shore_d]",
    "cycle_count = [cycles]", "fold = [fold]", "piece = [pieces]", "item_step = [levels]", "decibel_level = [sound_level]",
    "ph_value = [acidity]", "colony = [colonies]", "picture = [pictures]", "mu_mark = 666.6667 * meter ** 2",
    "percent_point = 0.01", "permille_point = 0.001", "per_million = 1e-6", "per_billion = 1e-9", "revolution_count = [revolutions]",
    "ntu = [turbidity]", "rating_ip = [protection]", "pixel_count = [pixels]",
)  # fmt: skip

# Spelling → pint expression. Prefixed forms are spelled out: pint's own prefixes would read 目 and 度 wrongly otherwise.
_TABLE: dict[str, str] = {
    "%": "percent_point", "‰": "permille_point", "ppm": "per_million", "ppb": "per_billion",
    "℃": "degC", "°C": "degC", "摄氏度": "degC", "K": "kelvin", "℉": "degF",
    "km": "km", "公里": "km", "千米": "km", "m": "m", "米": "m", "dm": "dm", "cm": "cm", "厘米": "cm", "㎝": "cm",
    "mm": "mm", "毫米": "mm", "㎜": "mm", "μm": "um", "um": "um", "微米": "um", "㎛": "um", "nm": "nm", "纳米": "nm", "丝": "0.01*mm",
    "Å": "angstrom", "平方米": "m**2", "㎡": "m**2", "平方厘米": "cm**2", "平方毫米": "mm**2", "立方米": "m**3", "㎥": "m**3",
    "立方厘米": "cm**3", "立方毫米": "mm**3", "亩": "mu_mark", "公顷": "hectare",
    "t": "metric_ton", "吨": "metric_ton", "kg": "kg", "㎏": "kg", "千克": "kg", "公斤": "kg", "斤": "0.5*kg",
    "g/10min": "0.1*gram/minute", "g/10 min": "0.1*gram/minute", "g": "gram", "克": "gram", "mg": "mg", "㎎": "mg", "毫克": "mg", "μg": "ug", "ug": "ug", "微克": "ug", "ng": "ng",
    "L": "liter", "l": "liter", "升": "liter", "mL": "ml", "ml": "ml", "毫升": "ml", "μL": "ul", "μl": "ul", "uL": "ul",
    "GPa": "GPa", "MPa": "MPa", "Mpa": "MPa", "mpa": "MPa", "兆帕": "MPa", "kPa": "kPa", "KPa": "kPa", "千帕": "kPa", "hPa": "hPa",
    "Pa": "pascal", "帕": "pascal", "bar": "bar", "mbar": "mbar", "atm": "atm",
    "kN": "kN", "KN": "kN", "千牛": "kN", "N": "newton", "牛": "newton", "牛顿": "newton", "mN": "mN", "kgf": "kgf",
    "MJ": "MJ", "kJ": "kJ", "KJ": "kJ", "千焦": "kJ", "J": "joule", "焦": "joule", "焦耳": "joule", "mJ": "mJ", "kcal": "kcal",
    "MW": "MW", "兆瓦": "MW", "kW": "kW", "KW": "kW", "千瓦": "kW", "W": "watt", "瓦": "watt", "mW": "mW", "GW": "GW",
    "MWh": "MWh", "kWh": "kWh", "kW·h": "kWh", "KWh": "kWh", "度电": "kWh", "千瓦时": "kWh", "Wh": "Wh", "W·h": "Wh",
    "kV": "kV", "KV": "kV", "千伏": "kV", "V": "volt", "伏": "volt", "mV": "mV", "毫伏": "mV", "μV": "uV", "kVA": "kVA",
    "kA": "kA", "A": "ampere", "安": "ampere", "安培": "ampere", "mA": "mA", "毫安": "mA", "μA": "uA", "微安": "uA", "nA": "nA",
    "Ah": "A*hour", "A·h": "A*hour", "mAh": "mA*hour", "mA·h": "mA*hour",
    "MΩ": "Mohm", "兆欧": "Mohm", "kΩ": "kohm", "Ω": "ohm", "\u2126": "ohm", "欧": "ohm", "欧姆": "ohm", "mΩ": "mohm",
    "GHz": "GHz", "MHz": "MHz", "kHz": "kHz", "KHz": "kHz", "Hz": "hertz", "赫兹": "hertz", "赫": "hertz",
    "dB": "decibel_level", "分贝": "decibel_level", "dBA": "decibel_level", "dB(A)": "decibel_level", "dBm": "decibel_level",
    "F": "farad", "mF": "mF", "μF": "uF", "pF": "pF", "T": "tesla", "mT": "mT", "Gs": "1e-4*tesla", "S": "siemens", "mS": "mS", "μS": "uS",
    "lx": "lux", "lux": "lux", "lm": "lumen", "cd": "candela", "mol": "mol", "mmol": "mmol", "M": "mol/liter",
    "cP": "centipoise", "mPa·s": "mPa*s", "mPas": "mPa*s", "mpa·s": "mPa*s", "Pa·s": "Pa*s", "cSt": "centistokes",
    "N·m": "newton*meter", "Nm": "newton*meter", "kN·m": "kN*meter", "牛米": "newton*meter", "MPa·m½": "MPa*m**0.5", "MPa·m1/2": "MPa*m**0.5",
    "ms": "ms", "毫秒": "ms", "μs": "us", "微秒": "us", "ns": "ns", "s": "second", "秒": "second", "秒钟": "second",
    "min": "minute", "分钟": "minute", "分": "minute", "h": "hour", "hr": "hour", "小时": "hour", "个小时": "hour",
    "d": "day", "天": "day", "日": "day", "周": "week", "个月": "30*day", "月": "30*day", "年": "365*day", "a": "365*day",
    "rpm": "revolution_count/minute", "RPM": "revolution_count/minute", "r/min": "revolution_count/minute",
    "转/分": "revolution_count/minute", "转/分钟": "revolution_count/minute", "转每分钟": "revolution_count/minute", "r": "revolution_count",
    "目": "mesh", "HRC": "rockwell_c", "HRB": "rockwell_b", "HRA": "rockwell_a", "HV": "vickers", "HB": "brinell", "HBW": "brinell",
    "HA": "shore_a", "邵A": "shore_a", "邵氏A": "shore_a", "邵D": "shore_d",
    "次": "cycle_count", "次循环": "cycle_count", "个循环": "cycle_count", "循环": "cycle_count", "周次": "cycle_count", "周期": "cycle_count",
    "倍": "fold", "个": "piece", "件": "piece", "只": "piece", "台": "piece", "套": "piece", "片": "piece", "株": "piece", "颗": "piece",
    "粒": "piece", "支": "piece", "头": "piece", "枚": "piece", "瓶": "piece", "箱": "piece", "根": "piece", "张": "piece",
    "级": "item_step", "°": "degree", "度": "degree", "cfu": "colony", "CFU": "colony", "帧": "picture", "fps": "picture/second",
    "NTU": "ntu", "像素": "pixel_count", "万像素": "1e4*pixel_count",
    "bit": "bit", "kB": "kB", "KB": "kB", "MB": "MB", "GB": "GB", "TB": "TB", "Mbps": "Mbit/second", "Gbps": "Gbit/second", "kbps": "kbit/second",
    "eV": "eV", "meV": "meV", "keV": "keV", "tex": "tex", "dtex": "dtex", "rad": "radian", "mrad": "mrad",
}  # fmt: skip

COUNTS = frozenset(
    "个 件 只 台 套 片 株 颗 粒 支 头 枚 瓶 箱 根 张 帧 级 分 日 周 月 年 天 斤 丝 安 牛 焦 欧 帕 周期 循环 次 r a M T S F l d t K".split()
)
"""Spellings that mean something else too often: read as units only by a comparator or in a range."""
LETTERS = frozenset("V A W N L J m g s h 度 伏 瓦 米 克 升 秒".split())
"""Read as units only right after a Chinese word: a bare 5m or 220V may be part of a model's name."""

_NOT_UNITS = {
    "目": "目(?![前标的录光])",
    "度": "度(?![假数量过电])",
    "分": "分(?![别为之析类布级子别辨])",
    "天": "天(?![然线津车])",
}
_ALTERNATIVES = "|".join(_NOT_UNITS.get(unit, re.escape(unit)) for unit in sorted(_TABLE, key=len, reverse=True))
_EXPONENT = r"(?:(?<=[A-Za-zμΩ])\^?-?[1-3](?![\d.])|⁻?[¹²³]|²|³)?"
_ATOM = rf"(?:{_ALTERNATIVES}){_EXPONENT}"
_BRACKET = rf"\(\s?{_ATOM}(?:\s?[·*.]\s?{_ATOM})*\s?\)"
UNIT = rf"(?:/\s?{_ATOM}|{_ATOM}(?:\s?[/·*.每]\s?(?:{_BRACKET}|{_ATOM})){{0,3}})(?![a-zA-Z])"
"""A unit or a product or quotient of units."""

_PIECE = re.compile(rf"([/·*.每]?)\s?\(?({_ALTERNATIVES})({_EXPONENT})\)?")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=1)
def registry() -> Any:
    """pint's registry with our units; made on first use (0.2 s)."""
    import pint

    made: Any = pint.UnitRegistry(cache_folder=None)
    for definition in _OWN:
        made.define(definition)
    return made


@lru_cache(maxsize=2048)
def to_pint(spelling: str) -> Any | None:
    """pint's unit with its factor, as a quantity of magnitude factor; None for what is no unit of ours."""
    from matcher.indicators.normal import level

    text = _SPACES.sub("", level(spelling))
    if not text:
        return None
    if text in _TABLE:
        return _quantity(_TABLE[text])
    if text[0] == "万":  # 万次, 万小时, as form rows have it
        rest = to_pint(text[1:])
        return None if rest is None or _is_offset(rest) else rest * 10_000
    result: Any = None
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None or (position > 0 and not found[1]) or (position == 0 and found[1] not in {"", "/"}):
            return None
        part = _quantity(_TABLE[found[2]])
        exponent = found[3].replace("^", "").translate(SUPERSCRIPTS)
        if part is not None and _is_offset(part) and (found[1] or found.end() < len(text) or exponent):
            # A temperature within a product is a difference: 1/℃ and W/(m·℃) are such.
            part = registry().Quantity(1, "kelvin")
        if part is None:
            return None
        if exponent:
            part = part ** int(exponent)
        below = found[1] in {"/", "每"} or "(" in text[:position]  # W/(m·K): both m and K are below the line
        part = 1 / part if below else part
        result = part if result is None else result * part
        position = found.end()
    return result


def convert(value: float, unit: str, wanted: str) -> float | None:
    """`value` of `unit` in `wanted`; None where they do not measure the same. Equal spellings need no knowledge of them."""
    if unit.strip() == wanted.strip():
        return value
    source, target = to_pint(unit), to_pint(wanted)
    if source is None or target is None or source.dimensionality != target.dimensionality:
        return None
    if _is_offset(source) or _is_offset(target):
        if source.magnitude != 1 or target.magnitude != 1:
            return None
        return float(registry().Quantity(value, source.units).to(target.units).magnitude)
    return float(value * (source / target).to_base_units().magnitude)


def _quantity(expression: str) -> Any:
    factor, _, rest = expression.partition("*")
    made = registry()
    try:
        number = float(factor)
    except ValueError:
        return made.Quantity(1, made.Unit(expression))
    return made.Quantity(number, made.Unit(rest))


def _is_offset(quantity: Any) -> bool:
    return str(quantity.units) in {"degree_Celsius", "degree_Fahrenheit"}
