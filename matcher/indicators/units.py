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
    "ntu = [turbidity]", "pixel_count = [pixels]", "enzyme_unit = [enzyme_activity]", "international_unit = [biological_activity]",
    "krebs_unit = [krebs]", "c_rate = [charge_rate]", "full_scale = [full_scale_share]",
    "channel = [channels]", "yarn_count = [yarn]", "brix = [sugar]", "operation = [operations]",
)  # fmt: skip

# Spelling → pint expression. Prefixed forms are spelled out: pint's own prefixes would read 目 and 度 wrongly otherwise.
_TABLE: dict[str, str] = {
    "%RH": "percent_point", "RH": "percent_point", "%FS": "full_scale", "%F.S.": "full_scale", "%F.S": "full_scale", "%IACS": "percent_point",
    "wt%": "percent_point", "vol%": "percent_point", "at%": "percent_point", "mol%": "percent_point", "个百分点": "percent_point", "百分点": "percent_point",
    "%": "percent_point", "PPM": "per_million", "PPm": "per_million", "Ppm": "per_million", "PPB": "per_billion", "ppmv": "per_million", "ppmw": "per_million",
    "ppma": "per_million", "ppt": "1e-12", "‰": "permille_point", "ppm": "per_million", "ppb": "per_billion",
    "℃": "degC", "°C": "degC", "摄氏度": "degC", "K": "kelvin", "℉": "degF",
    "km": "km", "公里": "km", "千米": "km", "m": "m", "米": "m", "dm": "dm", "cm": "cm", "厘米": "cm", "㎝": "cm",
    "mm": "mm", "毫米": "mm", "㎜": "mm", "μm": "um", "um": "um", "微米": "um", "㎛": "um", "μ": "um", "nm": "nm", "纳米": "nm", "丝": "0.01*mm",
    "Å": "angstrom", "平方米": "m**2", "㎡": "m**2", "平方厘米": "cm**2", "平方毫米": "mm**2", "立方米": "m**3", "㎥": "m**3",
    "立方厘米": "cm**3", "立方毫米": "mm**3", "亩": "mu_mark", "公顷": "hectare",
    "英寸": "inch", "inch": "inch", "mil": "0.001*inch", "海里": "nautical_mile", "Nm³": "m**3", "Nm3": "m**3", "N·m³": "m**3", "Sm³": "m**3", "方": "m**3", "cc": "cm**3",
    "立方": "m**3", "t": "metric_ton", "吨": "metric_ton", "KG": "kg", "Kg": "kg", "克拉": "0.2*gram", "kg": "kg", "㎏": "kg", "千克": "kg", "公斤": "kg", "斤": "0.5*kg",
    "g": "gram", "克": "gram", "mg": "mg", "㎎": "mg", "毫克": "mg", "μg": "ug", "ug": "ug", "微克": "ug", "ng": "ng",
    "L": "liter", "l": "liter", "升": "liter", "mL": "ml", "ml": "ml", "毫升": "ml", "μL": "ul", "μl": "ul", "uL": "ul",
    "GPa": "GPa", "MPa": "MPa", "Mpa": "MPa", "mpa": "MPa", "兆帕": "MPa", "kPa": "kPa", "KPa": "kPa", "千帕": "kPa", "hPa": "hPa",
    "Pa": "pascal", "帕": "pascal", "pa": "pascal", "PA": "pascal", "KPA": "kPa", "MPA": "MPa", "GPA": "GPa", "v": "volt", "w": "watt", "Km": "km", "KM": "km", "MM": "mm", "CM": "cm", "ML": "ml", "kpa": "kPa", "gpa": "GPa", "Gpa": "GPa", "Kpa": "kPa", "psi": "psi", "Torr": "torr", "mmHg": "mmHg", "mmH₂O": "mmH2O", "bar": "bar", "mbar": "mbar", "atm": "atm",
    "kN": "kN", "KN": "kN", "千牛": "kN", "N": "newton", "牛": "newton", "牛顿": "newton", "mN": "mN", "kgf": "kgf", "gf": "0.001*kgf", "copies": "piece", "块": "piece", "腔": "piece", "cN": "cN", "MN": "MN", "μN": "uN",
    "MJ": "MJ", "kJ": "kJ", "KJ": "kJ", "千焦": "kJ", "J": "joule", "焦": "joule", "焦耳": "joule", "mJ": "mJ", "kcal": "kcal",
    "MW": "MW", "兆瓦": "MW", "kW": "kW", "KW": "kW", "千瓦": "kW", "W": "watt", "瓦": "watt", "mW": "mW", "GW": "GW",
    "kw": "kW", "Kw": "kW", "μW": "uW", "nW": "nW", "匹": "735.5*watt", "马力": "735.5*watt", "kWp": "kW", "MWp": "MW", "kvar": "kVA", "kVar": "kVA", "Mvar": "MVA", "VA": "VA",
    "MWh": "MWh", "kWh": "kWh", "kW·h": "kWh", "KWh": "kWh", "度电": "kWh", "千瓦时": "kWh", "Wh": "Wh", "W·h": "Wh", "wh": "Wh", "kwh": "kWh", "kw·h": "kWh", "Kwh": "kWh", "GWh": "GWh",
    "kV": "kV", "KV": "kV", "千伏": "kV", "V": "volt", "伏": "volt", "mV": "mV", "毫伏": "mV", "μV": "uV", "kVA": "kVA",
    "kA": "kA", "A": "ampere", "安": "ampere", "安培": "ampere", "mA": "mA", "毫安": "mA", "μA": "uA", "微安": "uA", "nA": "nA",
    "Ah": "A*hour", "A·h": "A*hour", "mAh": "mA*hour", "mA·h": "mA*hour", "ah": "A*hour", "mah": "mA*hour", "千瓦·时": "kWh",
    "MΩ": "Mohm", "兆欧": "Mohm", "kΩ": "kohm", "Ω": "ohm", "\u2126": "ohm", "欧": "ohm", "欧姆": "ohm", "mΩ": "mohm", "毫欧": "mohm", "千欧": "kohm", "μΩ": "uohm", "GΩ": "Gohm", "TΩ": "Tohm",
    "GHz": "GHz", "MHz": "MHz", "kHz": "kHz", "KHz": "kHz", "Hz": "hertz", "hz": "hertz", "HZ": "hertz", "KHZ": "kHz", "MHZ": "MHz", "GHZ": "GHz", "KVA": "kVA", "MIN": "minute", "khz": "kHz", "Khz": "kHz", "mhz": "MHz", "Mhz": "MHz", "ghz": "GHz", "千赫": "kHz", "兆赫": "MHz", "THz": "THz", "赫兹": "hertz", "赫": "hertz",
    "dB": "decibel_level", "分贝": "decibel_level", "dBA": "decibel_level", "dB(A)": "decibel_level", "dBm": "decibel_level", "dBi": "decibel_level", "dBc": "decibel_level", "dBd": "decibel_level", "db": "decibel_level", "DB": "decibel_level",
    "pC": "pC", "nC": "nC", "μC": "uC", "C": "c_rate", "nF": "nF", "mH": "mH", "μH": "uH",
    "Bq": "becquerel", "Gy": "gray", "kGy": "kGy", "mGy": "mGy", "μGy": "uGy", "Sv": "sievert", "mSv": "mSv", "μSv": "uSv", "nit": "cd/m**2", "尼特": "cd/m**2",
    "U": "enzyme_unit", "IU": "international_unit", "KU": "krebs_unit", "羽": "piece", "尾": "piece", "把": "piece",
    "通道": "channel", "模次": "operation", "人次": "piece", "组": "piece", "层": "piece", "轴": "piece", "atoms": "piece", "孔": "piece",
    "F": "farad", "mF": "mF", "μF": "uF", "pF": "pF", "T": "tesla", "mT": "mT", "Gs": "1e-4*tesla", "S": "siemens", "mS": "mS", "μS": "uS",
    "lx": "lux", "lux": "lux", "lm": "lumen", "cd": "candela", "mol": "mol", "mmol": "mmol", "μmol": "umol", "nmol": "nmol", "M": "mol/liter",
    "cP": "centipoise", "mPa·s": "mPa*s", "mPas": "mPa*s", "mpa·s": "mPa*s", "Pa·s": "Pa*s", "cSt": "centistokes",
    "N·m": "newton*meter", "Nm": "newton*meter", "kN·m": "kN*meter", "牛米": "newton*meter", "MPa·m½": "MPa*m**0.5", "MPa·m1/2": "MPa*m**0.5",
    "ms": "ms", "毫秒": "ms", "μs": "us", "微秒": "us", "ns": "ns", "s": "second", "秒": "second", "秒钟": "second",
    "min": "minute", "分钟": "minute", "分": "minute", "h": "hour", "hr": "hour", "小时": "hour", "个小时": "hour",
    "d": "day", "天": "day", "日": "day", "周": "week", "个月": "30*day", "月": "30*day", "年": "365*day", "a": "365*day",
    "rpm": "revolution_count/minute", "RPM": "revolution_count/minute", "r/min": "revolution_count/minute",
    "转/分": "revolution_count/minute", "转/分钟": "revolution_count/minute", "转每分钟": "revolution_count/minute", "r": "revolution_count",
    "转": "revolution_count", "点": "piece", "位": "bit", "%vol": "percent_point", "MSPS": "1e6*piece/second", "kSPS": "1e3*piece/second", "mD": "9.869e-16*meter**2", "目": "mesh", "HRC": "rockwell_c", "HRB": "rockwell_b", "HRA": "rockwell_a", "HV": "vickers", "HB": "brinell", "HBW": "brinell",
    "HA": "shore_a", "邵A": "shore_a", "邵氏A": "shore_a", "邵D": "shore_d",
    "次": "cycle_count", "次循环": "cycle_count", "个循环": "cycle_count", "循环": "cycle_count", "周次": "cycle_count", "周期": "cycle_count",
    "倍": "fold", "个": "piece", "件": "piece", "只": "piece", "台": "piece", "套": "piece", "片": "piece", "株": "piece", "颗": "piece",
    "粒": "piece", "支": "piece", "头": "piece", "枚": "piece", "瓶": "piece", "箱": "piece", "根": "piece", "张": "piece",
    "级": "item_step", "°": "degree", "′": "arcmin", "″": "arcsec", "角分": "arcmin", "角秒": "arcsec", "支纱": "yarn_count", "度": "degree", "cfu": "colony", "CFU": "colony", "帧": "picture", "fps": "picture/second",
    "NTU": "ntu", "像素": "pixel_count", "万像素": "1e4*pixel_count",
    "bit": "bit", "kB": "kB", "KB": "kB", "bps": "bit/second", "TOPS": "1e12*piece/second", "QPS": "piece/second", "TPS": "piece/second", "MB": "MB", "GB": "GB", "TB": "TB", "Mbps": "Mbit/second", "Gbps": "Gbit/second", "kbps": "kbit/second",
    "eV": "eV", "meV": "meV", "keV": "keV", "tex": "tex", "Da": "dalton", "kDa": "kilodalton", "°Brix": "brix", "Brix": "brix", "°Bx": "brix",
    "Ω/□": "ohm", "mΩ/□": "mohm", "kΩ/□": "kohm", "MΩ/□": "Mohm", "Ω/sq": "ohm", "mΩ/sq": "mohm", "dtex": "dtex", "rad": "radian", "mrad": "mrad",
}  # fmt: skip

COUNTS = frozenset(
    "个 件 只 台 套 片 株 颗 粒 支 头 枚 瓶 箱 根 张 帧 级 分 日 周 月 年 天 斤 丝 安 牛 焦 欧 帕 周期 循环 次 r a M T S F l t K"
    " 方 立方 匹 pa U 组 层 轴 孔 羽 尾 把 人次 像素 转 点 位 mD 块 腔".split()
)
"""Spellings that mean something else too often: read as units only by a comparator or in a range."""
LETTERS = frozenset("V v w A W N L J C m g s h d 度 伏 瓦 米 克 升 秒 μ".split())
"""Read as units only right after a Chinese word: a bare 5m or 220V may be part of a model's name."""

_NOT_UNITS = {
    "目": "目(?![前标的录光])",
    "度": "度(?![假数量过电])",
    "分": "分(?![别为之析类布级子别辨])",
    "天": "天(?![然线津车])",
    "转": "转(?![速化换炉动子移变让向])",
    "点": "点(?![阵位火检数])",
    "位": "位(?![置移于差数点])",
    "方": "方(?![式向法面案位便可米形])",
    "组": "组(?![成织合装件分])",
    "层": "层(?![间面次压厚])",
    "轴": "轴(?![承向线系类套])",
    "孔": "孔(?![径隙深距洞])",
    "级": "级(?![联配])",
    "个": "个(?![性体人百])",
    "C": "C(?![a-zA-Z0-9#])",
    "台": "台(?![阶时州车面风])",
    "头": "头(?![部像盔])",
    "根": "根(?![据系本])",
    "片": "片(?![材剂状面区])",
    "件": "件(?![套])",
    "升": "升(?![级至到高温降])",
}
_ALTERNATIVES = "|".join(_NOT_UNITS.get(unit, re.escape(unit)) for unit in sorted(_TABLE, key=len, reverse=True))
_EXPONENT = r"(?:(?<=[A-Za-zμΩ])\^?-?[1-3](?![\d.])|⁻?[¹²³]|²|³)?"
_ATOM = rf"(?:{_ALTERNATIVES}){_EXPONENT}"
_BRACKET = rf"\(\s?{_ATOM}(?:\s?[·*./]\s?(?:\d{{1,4}}\s?)?{_ATOM})*\s?\)"
_COUNTED = rf"(?:\d{{1,4}}\s?)?{_ATOM}"
UNIT = rf"(?:/\s?{_ATOM}|{_ATOM}(?:\s?(?:/\s?(?:{_BRACKET}|{_COUNTED})|[·*.每]\s?(?:{_BRACKET}|{_ATOM}))){{0,3}})(?![a-zA-Z])"
"""A unit or a product or quotient of units; below the line it may be counted (g/10min, mL/100g)."""

_PIECE = re.compile(rf"([/·*.每]?)\s?\(?(\d{{0,4}})\s?({_ALTERNATIVES})({_EXPONENT})\)?")
_QUOTIENT_BELOW = re.compile(r"(.+)/\(([^()]+/[^()]+)\)")
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
    if quotient := _QUOTIENT_BELOW.fullmatch(text):  # kW/(m³/min)
        above, below_line = to_pint(quotient[1]), to_pint(quotient[2])
        return None if above is None or below_line is None else above / below_line
    result: Any = None
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if (
            found is None
            or (found[2] and not found[1])
            or (position > 0 and not found[1])
            or (position == 0 and found[1] not in {"", "/"})
        ):
            return None
        counted, spelling_of_piece, raised = found[2], found[3], found[4]
        part = _quantity(_TABLE[spelling_of_piece])
        exponent = raised.replace("^", "").translate(SUPERSCRIPTS)
        if part is not None and _is_offset(part) and (found[1] or found.end() < len(text) or exponent):
            # A temperature within a product is a difference: 1/℃ and W/(m·℃) are such.
            part = registry().Quantity(1, "kelvin")
        if part is None:
            return None
        if exponent:
            part = part ** int(exponent)
        if counted:
            part = part * int(counted)
        # W/(m·K): both m and K are below the line; so they are where it is written W/m·K.
        below = found[1] in {"/", "每"} or "/" in text[:position] or "(" in text[:position]
        part = 1 / part if below else part
        result = part if result is None else result * part
        position = found.end()
    return result


def meant(unit: str, name: str) -> str:
    """度 alone is an angle, a temperature or a kilowatt-hour, as the name says."""
    if unit.strip() != "度":
        return unit
    if "温" in name or "耐热" in name:
        return "℃"
    return "kWh" if re.search(r"电|能耗|耗能", name) else unit


def convert(value: float, unit: str, wanted: str, *, difference: bool = False) -> float | None:
    """`value` of `unit` in `wanted`; None where they do not measure the same. Equal spellings need no knowledge of them.

    `difference`: the value is one of temperature rise, tolerance, fluctuation: 40 ℃ are then 40 K, not 313.15 K.
    """
    if unit.strip() == wanted.strip():
        return value
    source, target = to_pint(unit), to_pint(wanted)
    if source is None or target is None or source.dimensionality != target.dimensionality:
        return None
    if _is_offset(source) or _is_offset(target):
        if source.magnitude != 1 or target.magnitude != 1:
            return None
        if difference:
            return float(value * (_degree(source) / _degree(target)).to("").magnitude)
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


def _degree(temperature: Any) -> Any:
    """One degree of that scale, as a difference."""
    return registry().Quantity(1, "delta_degF" if str(temperature.units) == "degree_Fahrenheit" else "kelvin")


def _is_offset(quantity: Any) -> bool:
    return str(quantity.units) in {"degree_Celsius", "degree_Fahrenheit"}
