"""Compile requirements*.in to hash-locked requirements*.txt. PyTorch is left out: requirements-torch.txt pins it alone.

Needs `uv` in the virtual environment (`.venv/bin/pip install uv`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    uv = Path(sys.executable).parent / "uv"
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as override:
        override.write('torch ; python_version < "3"\n')
        override.flush()
        for name in ("requirements", "requirements-dev"):
            command = [uv, "pip", "compile", "-q", "--generate-hashes", "--no-header", "--no-annotate"]
            command += ["--python-version", "3.11", "--override", override.name, f"{name}.in", "-o", f"{name}.txt"]
            subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
