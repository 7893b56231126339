"""Lint of all templates: what the strict CSP would stop, and what the interface guide rules out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.html") if "emails" not in p.parts)
NAMES = [p.relative_to(ROOT).as_posix() for p in TEMPLATES]

FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\shx-on", re.I),
    "javascript expression": re.compile(r"""=\s*["'](?:js|javascript):""", re.I),
    "trigger filter": re.compile(r"""hx-trigger\s*=\s*["'][^"']*\["""),
    "style element": re.compile(r"<style\b", re.I),
    "tone of Tabler below AA": re.compile(
        r"""class="[^"]*\b(?:bg-\w+-lt|btn-(?:success|warning|info)|alert-\w+|text-muted)\b"""
    ),
    "typed exclamation mark": re.compile(r"！"),
    "formula word": re.compile(r"贵单位|敬请"),
}


def without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_forbidden(name: str) -> None:
    text = without_comments(ROOT / name)
    found = {what: match.group(0)[:120] for what, pattern in FORBIDDEN.items() if (match := pattern.search(text))}
    assert not found, name


@pytest.mark.parametrize("name", NAMES)
def test_no_inline_script(name: str) -> None:
    for tag in re.findall(r"<script\b[^>]*>[^<]*", without_comments(ROOT / name)):
        assert " src=" in tag, f"inline script in {name}: {tag[:80]}"
        assert tag.endswith(">"), f"script with a body in {name}"


@pytest.mark.parametrize("name", NAMES)
def test_posting_forms_carry_the_token(name: str) -> None:
    """A literal <form method="post"> holds csrf_token, hidden(…) or hidden_tag() before it ends."""
    for body in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>(.*?)</form>", without_comments(ROOT / name), re.S):
        assert re.search(r"csrf_token|hidden\(|hidden_tag\(", body), f"a form without its token in {name}: {body[:120]}"


@pytest.mark.parametrize("name", NAMES)
def test_parses(name: str) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    environment.parse((ROOT / name).read_text(encoding="utf-8"))


HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", [n for n in NAMES if not n.endswith("styleguide.html")])
def test_every_chinese_text_is_translatable(name: str) -> None:
    """Outside {{ }} and {% %} there is no Chinese text, so none escapes the catalogue."""
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", without_comments(ROOT / name), flags=re.S)
    assert not HAN.search(text), [line.strip() for line in text.splitlines() if HAN.search(line)][:5]
