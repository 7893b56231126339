"""`make bench`: every measurement, one after the other, each with its own table.

Times of one machine say little; the ratios compare two things of the same run. Elasticsearch is measured where
JIETI_TEST_ELASTICSEARCH_URL names a server, or ../shared/elasticsearch has one.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]


def main() -> None:
    import bench_matcher
    import bench_platform
    import bench_search

    from tests.elasticsearch_server import START, own_server

    given = os.environ.get("JIETI_TEST_ELASTICSEARCH_URL")
    with ExitStack() as stack:
        if given is None and START.exists():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            given = stack.enter_context(own_server(folder)).url
        bench_search.main(["--elasticsearch", given] if given else [])
    bench_matcher.main([])
    bench_platform.main([])


if __name__ == "__main__":
    main()
