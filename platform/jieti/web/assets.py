"""URLs of the built front-end files, with a content hash so that they may be cached for ever.

``scripts/build_assets.py`` writes ``static/build/manifest.json``: name → {"hash", "bytes", "gzip"}. The manifest is read
again when its time changes, so a rebuild shows without a restart in development and costs one stat() a page otherwise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask, url_for

BUILD = Path(__file__).parent / "static" / "build"


class AssetsMissing(RuntimeError):
    """The front end was not built: run ``python scripts/build_assets.py``."""


class Manifest:
    """The built files by name; `root` is the folder that holds ``manifest.json``."""

    def __init__(self, root: Path = BUILD) -> None:
        self._path = root / "manifest.json"
        self._read_at = -1.0
        self._entries: dict[str, dict[str, Any]] = {}

    def entries(self) -> dict[str, dict[str, Any]]:
        """Name → hash (hex), bytes, gzip (bytes, level 9). Raises AssetsMissing where nothing was built."""
        try:
            changed = self._path.stat().st_mtime
        except FileNotFoundError as error:
            raise AssetsMissing("front-end assets are missing: run python scripts/build_assets.py") from error
        if changed != self._read_at:
            self._entries = json.loads(self._path.read_text(encoding="utf-8"))
            self._read_at = changed
        return self._entries

    def hash_of(self, name: str) -> str:
        try:
            return str(self.entries()[name]["hash"])
        except KeyError as error:
            raise AssetsMissing(f"no built asset named {name!r}") from error


manifest = Manifest()


def asset_url(name: str) -> str:
    """URL of a built asset, e.g. ``asset_url('app.css')`` → ``/static/app.css?v=1f2e3d4c`` (the static folder is the build)."""
    return url_for("static", filename=name, v=manifest.hash_of(name))


def init_app(app: Flask) -> None:
    """Make ``asset_url`` a global of the templates."""
    app.jinja_env.globals["asset_url"] = asset_url
