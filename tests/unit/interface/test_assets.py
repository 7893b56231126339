"""Budgets of the built files, and what must not be in them."""

from __future__ import annotations

import gzip
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
BUILD = ROOT / "platform/jieti/web/static/build"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_assets", ROOT / "scripts/build_assets.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_assets"] = module
    spec.loader.exec_module(module)
    return module


def size(name: str) -> int:
    return len(gzip.compress((BUILD / name).read_bytes(), 9))


@pytest.mark.parametrize("label", ["css", "own script", "script", "script on forms", "script on figures"])
def test_budget(builder: ModuleType, label: str) -> None:
    names, limit = builder.BUDGETS[label]
    total = sum(size(name) for name in names)
    assert total <= limit, f"{label}: {total} bytes gzipped"


def test_the_sprite_is_small_and_whole(builder: ModuleType) -> None:
    sprite = (BUILD / "icons.svg").read_text(encoding="utf-8")
    assert re.findall(r'<symbol id="([\w-]+)"', sprite) == builder.ICONS
    assert len(builder.ICONS) <= builder.MAX_ICONS


def test_templates_use_icons_that_exist(builder: ModuleType) -> None:
    used: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"""\bicon\(["']([\w-]+)["']""", text)) | set(
            re.findall(r"""icon_name=["']([\w-]+)["']""", text)
        )
    assert used <= set(builder.ICONS), sorted(used - set(builder.ICONS))


def test_drawings_have_no_style_element() -> None:
    for name in ("drawings.svg", "mark.svg", "icons.svg"):
        assert "<style" not in (BUILD / name).read_text(encoding="utf-8")


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert "http" not in text


def test_own_script_evaluates_nothing() -> None:
    for path in (ROOT / "platform/jieti/web/static/src/js").glob("*.js"):
        assert not re.search(
            r"\beval\(|new Function|localStorage|sessionStorage|\.style\b", path.read_text(encoding="utf-8")
        ), path.name
