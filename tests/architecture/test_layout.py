"""The rules of the house that a reader relies on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_platform_is_a_source_root_and_shadows_nothing() -> None:
    assert sorted(p.name for p in (ROOT / "platform").iterdir() if p.name != "__pycache__") == ["jieti"]
    assert not (ROOT / "platform.py").exists() and not (ROOT / "platform" / "jieti" / "platform.py").exists()
    found = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "jieti" not in Path(found.stdout.strip()).parts[-2:]


def test_data_flows_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_unit_of_work_commits() -> None:
    """The unit of work, and the two places where the sign-in library decides when: both ask the unit of work to."""
    commits = re.compile(r"(session|connection|uow\(\)|current)\.commit\(\)")
    allowed = {"persistence/unit_of_work.py", "persistence/migrate.py", "web/context.py"}
    allowed |= {"web/accounts/datastore.py", "web/accounts/mail.py"}
    offenders = []
    for path in (ROOT / "platform" / "jieti").rglob("*.py"):
        name = str(path.relative_to(ROOT / "platform" / "jieti"))
        if name not in allowed and any(commits.search(line) for line in path.read_text(encoding="utf-8").splitlines()):
            offenders.append(name)
    assert offenders == []


@pytest.mark.parametrize("folder", ["platform", "matcher", "search", "templates", "scripts", "tests"])
def test_no_registry_or_machine_path_is_written_down(folder: str) -> None:
    hosts = re.compile(
        r"pypi\.org|pythonhosted|registry\.npmjs|npmmirror|tuna\.tsinghua|huggingface\.co", re.IGNORECASE
    )
    here = Path(__file__)
    for path in (ROOT / folder).rglob("*"):
        if (
            path == here
            or path.suffix not in {".py", ".html", ".md", ".json", ".toml", ".txt", ".js", ".scss", ".sh"}
            or "build" in path.parts
        ):
            continue
        assert not hosts.search(path.read_text(encoding="utf-8", errors="ignore")), path
