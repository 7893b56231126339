"""A real installation, started and stopped as `make run` does it: scripts/run.py in the foreground, Ctrl-C at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UP = "Jieti is up"
START_LIMIT = 420.0  # seconds; the demo content is matched on a busy machine
STOP_LIMIT = 40.0


class Installation:
    """`var`: its data, kept between starts. `more`: settings beside the folder's and the demo's."""

    def __init__(self, var: Path, more: Mapping[str, str] | None = None) -> None:
        self.var = var
        self.port = _free_port()
        self.log = var.parent / f"{var.name}.log"
        self._more = dict(more or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._children: set[int] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("JIETI_")}
        return {
            **inherited,
            "JIETI_VAR": str(self.var),
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONUNBUFFERED": "1",
            **self._more,
        }

    def start(self) -> Installation:
        """Wait for the address that it prints, then for its health.

        Raises RuntimeError with the log's end where it does not come up.
        """
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "scripts/run.py", "--port", str(self.port)],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit:
            if UP in self.said(begin):
                assert self.healthy(), "the address was printed before all was up"
                self._children = _children(self._process.pid)
                assert len(self._children) == 2, "web and worker"
                return self
            if self._process.poll() is not None:
                raise RuntimeError(f"did not start ({self._process.returncode}):\n{self.said(begin)[-4000:]}")
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"not up after {START_LIMIT:.0f} s:\n{self.said(begin)[-4000:]}")

    def stop(self) -> None:
        """Ctrl-C. Asserts that it ends without an error, leaves no process and frees the port."""
        process = self._process
        assert process is not None
        self._process = None
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        left = {pid for pid in self._children if Path(f"/proc/{pid}").exists()}
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, "a part outlived Ctrl-C"
        assert code == 0, self.said()[-4000:]
        assert not self.healthy()

    def kill(self) -> None:
        """For tidying up after a failure."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process = None

    def run(self, *arguments: str) -> str:
        """A command of the `jieti` script on this installation; its output."""
        done = subprocess.run(
            [Path(sys.executable).parent / "jieti", *arguments],
            cwd=ROOT, env={**self.environment, "JIETI_DEMO": "1"}, capture_output=True, text=True, timeout=START_LIMIT,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def said(self, since: int = 0) -> str:
        return self.log.read_bytes()[since:].decode(errors="replace") if self.log.exists() else ""

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
