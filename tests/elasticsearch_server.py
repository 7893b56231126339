"""One real Elasticsearch server for a whole pytest run, also under xdist, and single ones for tests that stop them.

`JIETI_TEST_ELASTICSEARCH_URL` names a server to use; else the one in ../shared/elasticsearch is started. Where there
is neither, tests are skipped with that reason, or fail under `JIETI_REQUIRE_ELASTICSEARCH=1`. Workers share the
server through a file lock and a count of users; each test takes an index prefix of its own (`new_prefix`) and its
indices are deleted with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

START = Path(__file__).resolve().parents[2] / "shared" / "elasticsearch" / "start"
_UP_SECONDS = 90.0


def _request(url: str, method: str = "GET", timeout: float = 10.0) -> dict[str, object]:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=timeout) as response:
        return dict(json.loads(response.read()))


def _free_port() -> int:
    """A free port whose transport port (100 higher) is free too."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 100))
                return port
    raise RuntimeError("no free pair of ports")


def unavailable() -> str | None:
    """Why there is no server to test against, or None."""
    if os.environ.get("JIETI_TEST_ELASTICSEARCH_URL") or START.exists():
        return None
    return "no Elasticsearch: neither JIETI_TEST_ELASTICSEARCH_URL nor ../shared/elasticsearch"


def require() -> None:
    """Skip where there is no server; fail where one is required."""
    reason = unavailable()
    if reason is not None:
        if os.environ.get("JIETI_REQUIRE_ELASTICSEARCH") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@dataclass
class OwnServer:
    """A started server. `stop` ends it, `start` starts it again on the same port and data."""

    folder: Path
    port: int
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [str(START), "--port", str(self.port), "--data", str(self.folder / "data"), "--heap", "512m"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = process.pid
        process.returncode = 0  # stopped by its id, perhaps from another worker: Popen shall not mind
        deadline = time.monotonic() + _UP_SECONDS
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0] == self.pid:
                raise RuntimeError(f"Elasticsearch ended at once; see {self.folder / 'server.log'}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                _request(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3)
                return
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"Elasticsearch did not come up in {_UP_SECONDS:.0f} s")

    def stop(self) -> None:
        stop_process(self.pid)


def stop_process(pid: int) -> None:
    """SIGTERM and wait, SIGKILL after 20 s; also for a process that another test worker started."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    return
            os.kill(pid, 0)  # ends the wait with ProcessLookupError
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """A server that the test may stop; only from ../shared/elasticsearch."""
    if not START.exists():
        reason = "a server of the test's own needs ../shared/elasticsearch"
        if os.environ.get("JIETI_REQUIRE_ELASTICSEARCH") == "1" and "JIETI_TEST_ELASTICSEARCH_URL" not in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    server = OwnServer(folder, _free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def shared_server(root: Path) -> Iterator[str]:
    """The run's server's URL. `root`: a folder that all xdist workers of this run share. The last user stops it."""
    url = os.environ.get("JIETI_TEST_ELASTICSEARCH_URL")
    if url:
        yield url.rstrip("/")
        return
    state = root / "elasticsearch.json"
    with _locked(root):
        known = json.loads(state.read_text()) if state.exists() else None
        if known is None:
            server = OwnServer(root / "elasticsearch", _free_port())
            server.start()
            known = {"url": server.url, "pid": server.pid, "users": 0}
        known["users"] += 1
        state.write_text(json.dumps(known))
    try:
        yield known["url"]
    finally:
        with _locked(root):
            known = json.loads(state.read_text())
            known["users"] -= 1
            if known["users"] == 0:
                stop_process(known["pid"])
                state.unlink()
            else:
                state.write_text(json.dumps(known))


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "elasticsearch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_prefix() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


def drop_indices(url: str, prefix: str) -> None:
    """Delete what a test left."""
    for index in _request(f"{url}/_alias?allow_no_indices=true"):
        if index.startswith(f"{prefix}-"):
            _request(f"{url}/{index}", "DELETE", timeout=30)


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Import this into a conftest or test module to use the run's server."""
    require()
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    with shared_server(root) as url:
        yield url


@pytest.fixture
def elasticsearch_prefix(elasticsearch_url: str) -> Iterator[str]:
    """An index prefix of the test's own."""
    prefix = new_prefix()
    yield prefix
    drop_indices(elasticsearch_url, prefix)
