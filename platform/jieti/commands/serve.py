"""`jieti serve`: the web application on gunicorn."""

from __future__ import annotations

import os
import sys

import click

# No query strings: a search may hold what its writer would not tell. Referers carry them too.
ACCESS_LOG = '%(h)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(L)s'


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--access-log/--no-access-log", default=False, help="one line a request on standard output")
def serve(host: str, port: int, workers: int, threads: int, access_log: bool) -> None:
    """Serve the web application; each worker process loads the encoder before it takes a request."""
    arguments = [
        sys.executable, "-m", "gunicorn", "jieti.wsgi:app",
        "--bind", f"{host}:{port}",
        "--workers", str(workers),
        "--worker-class", "gthread",
        "--threads", str(threads),
        # Loading the encoder on a slow disk must not look like a hung worker; a request has far less to do.
        "--timeout", "120",
        "--graceful-timeout", "10",
        "--max-requests", "20000",
        "--max-requests-jitter", "2000",
        "--no-control-socket",
        "--access-logformat", ACCESS_LOG,
    ]  # fmt: skip
    if access_log:
        arguments += ["--access-logfile", "-"]
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.execv(sys.executable, arguments)  # noqa: S606 (fixed arguments, no shell): signals go to gunicorn itself
