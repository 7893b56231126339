"""`make run`: migrations, demo content, web and worker in the foreground until Ctrl-C, which stops both cleanly."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

JIETI = Path(sys.executable).parent / "jieti"
START_LIMIT = 180  # seconds; a cold machine loads the encoder twice
STOP_LIMIT = 30


class Interrupted(Exception):
    """Ctrl-C, or a polite request to stop."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("JIETI_DEMO", "1")
    os.environ.setdefault("JIETI_PUBLIC_URL", f"http://127.0.0.1:{port}")
    if not _free(port):
        print(
            f"端口 {port} 已被占用，请换一个：make run PORT={port + 1}\nPort {port} is in use; try make run PORT={port + 1}",
            file=sys.stderr,
        )
        return 1
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _interrupt)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        _run("migrate")
        if os.environ["JIETI_DEMO"] == "1":
            _run("demo", "--if-empty")
        # Own sessions: Ctrl-C reaches this process alone, which then stops both in order.
        processes.append(subprocess.Popen([JIETI, "worker"], start_new_session=True))
        processes.append(subprocess.Popen([JIETI, "serve", "--port", str(port)], start_new_session=True))
        _wait_until_up(port, processes)
        print(f"\n解题已启动 / Jieti is up: http://127.0.0.1:{port}\n按 Ctrl-C 停止 / Ctrl-C stops it\n", flush=True)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        print("a part has stopped; stopping the other", file=sys.stderr)
        return 1
    except Interrupted:
        return 0
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(map(str, error.cmd))} failed ({error.returncode})", file=sys.stderr)
        return 1
    finally:
        _stop(processes)


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise Interrupted


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _run(*arguments: str) -> None:
    subprocess.run([JIETI, *arguments], check=True)


def _wait_until_up(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Until /healthz answers 200. Raises CalledProcessError if a part ends first, Interrupted on time-out."""
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit:
        for process in processes:
            if process.poll() is not None:
                raise subprocess.CalledProcessError(process.returncode, process.args)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    print(f"not up after {START_LIMIT} s: see http://127.0.0.1:{port}/healthz and `jieti doctor`", file=sys.stderr)
    raise Interrupted


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
