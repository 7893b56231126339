"""Both languages: every text of the sources is in the English catalogue, with the same values, and keeps the words of the interface."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from babel.messages.catalog import Catalog

from jieti.domain.regions import cities, cities_en, regions

ROOT = Path(__file__).parents[3]


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract_messages", ROOT / "scripts" / "extract_messages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script: Any = load_script()


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return cast(Catalog, script.extract())


@pytest.fixture(scope="module")
def english() -> Catalog:
    return cast(Catalog, script.read())


PAIRS = [
    (m.id if isinstance(m.id, str) else m.id[0], form or "") for m in script.read() if m.id for form in script.forms(m)
]
SOURCES = sorted({source for source, _english in PAIRS})
VALUE = re.compile(r"%\((\w+)\)[sd]")
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def places(message: Any) -> str:
    name, line = message.locations[0]
    return f"{name}:{line}: {message.id}"


def test_the_catalogue_has_every_text_of_the_sources(sources: Catalog, english: Catalog) -> None:
    known = script.texts(english)
    missing = [places(message) for key, message in script.texts(sources).items() if key not in known]
    assert not missing, "run `make messages`, then translate:\n" + "\n".join(missing)


def test_the_catalogue_has_nothing_else(sources: Catalog, english: Catalog) -> None:
    unused = [text for text, _context in script.texts(english).keys() - script.texts(sources).keys()]
    assert not unused, "no longer in the sources; run `make messages`"


def test_every_text_has_its_english(english: Catalog) -> None:
    assert not [message.id for message in script.untranslated(english)]
    assert not [message.id for message in script.texts(english).values() if message.fuzzy]


def test_the_scan_finds_python_and_templates(sources: Catalog) -> None:
    """A scan that finds nothing would let all else pass."""
    files = {name for message in script.texts(sources).values() for name, _line in message.locations}
    assert {"platform/jieti/web/words.py", "templates/base.html", "templates/emails/confirm.txt"} <= files
    assert len(script.texts(sources)) > 1000


def test_an_update_keeps_drops_and_never_guesses() -> None:
    before, template = Catalog(locale="en"), Catalog()
    before.add("登录", "Sign in")
    before.add("旧的", "Old")
    for text in ("登录", "登录中"):
        template.add(text, locations=[("a.py", 3)])
    after = script.texts(script.update(before, template))
    assert {text: message.string for (text, _context), message in after.items()} == {"登录": "Sign in", "登录中": None}
    assert [message.id for message in script.untranslated(script.update(before, template))] == ["登录中"]


def test_the_same_values() -> None:
    """A plural's singular may do without its number. A stray % would break the formatting."""
    for source, translation in PAIRS:
        asked, given = set(VALUE.findall(source)), set(VALUE.findall(translation))
        assert given == asked or (asked == {"num"} and not given), source
        assert translation.count("%") == len(VALUE.findall(translation)), source


QUOTED = re.compile(r"“[^”]*”|120万")
"""What may stay Chinese in English: input the platform reads, in quotation marks, and the example of an amount."""


def test_no_chinese_in_english() -> None:
    assert not [pair for pair in PAIRS if HAN.search(QUOTED.sub("", pair[1]))]


ENDS = {"。": ".", "：": ":,", "？": "?", "…": "…"}


def test_a_sentence_stays_a_sentence() -> None:
    """English ends as the Chinese does; so a translation that slipped to its neighbour shows."""
    for source, translation in PAIRS:
        if source[-1] in ENDS:
            assert translation.rstrip()[-1:] in set(ENDS[source[-1]]), source
        elif source != "、":
            assert translation[-1:] not in {".", ":", ",", "…", " "} or source.endswith(translation[-1]), source


FORBIDDEN = re.compile(r"进行|贵单位|敬请|[！!]")


def test_words_of_the_interface() -> None:
    assert not [source for source in SOURCES if FORBIDDEN.search(source)]
    assert not {"确定", "提交", "确认"} & set(SOURCES), "a button says verb and object"
    assert not [translation for _source, translation in PAIRS if "!" in translation]


PIECE = re.compile(r"^(?:项|位|份|条|个|次|页|处|家)(?!目|理|件|面)|^第$|(?:第|共|把|被|和|与|及|或|，)$")


def test_no_sentence_from_pieces() -> None:
    assert not [source for source in SOURCES if PIECE.search(source)], "one message a sentence, its values named"
    assert not [source for source in SOURCES if source != source.strip()]


def test_english_words_are_one_for_one_thing() -> None:
    known = {
        text: message.string for (text, context), message in script.texts(script.read()).items() if context is None
    }
    vocabulary = {
        "企业": "Enterprise",
        "科研人员": "Researcher",
        "技术转移办": "Transfer office",
        "科技局": "Tech bureau",
        "省级管理员": "Provincial administrator",
        "技术需求": "Challenges",
        "科技成果": "Results",
        "专家": "Experts",
        "对接项目": "Deals",
        "密封内容": "Sealed content",
        "技术合同": "Contract",
        "公示中": "On public notice",
        "待揭榜": "Open for proposals",
    }
    assert {text: known[text] for text in vocabulary} == vocabulary
    other = re.compile(
        r"\b(?:demand|company|companies|organiz\w+|license|firm|scholar|middleman|log ?in|color|center)\b", re.I
    )
    assert not [pair for pair in PAIRS if other.search(pair[1])]


def test_names_of_counties_in_pinyin() -> None:
    assert len(regions()) == 90
    kinds = {"区": "District", "县": "County", "市": "City"}
    for region in regions().values():
        assert re.fullmatch(r"[A-Z][a-z']+(?: She Autonomous)? (?:District|County|City)", region.name_en), region
        assert region.name_en.endswith(kinds[region.name[-1]])
    assert len({region.name_en for region in regions().values()}) == 90
    assert cities().keys() == cities_en().keys() and cities_en()["3305"] == "Huzhou"
