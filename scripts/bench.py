"""`make bench`: every measurement, one after the other, each with its own table.

Times of one machine say little; the ratios compare two things of the same run. Elasticsearch is measured where
JIETI_TEST_ELASTICSEARCH_URL names a server, or ../shared/elasticsearch has one.

    python scripts/bench.py [--results 100000] [--needs 1000]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=100_000, help="of the measurements at scale")
    parser.add_argument("--needs", type=int, default=1_000, help="of the measurements at scale")
    arguments = parser.parse_args()
    import bench_matcher
    import bench_platform
    import bench_scale
    import bench_search

    from tests.elasticsearch_server import START, own_server

    given = os.environ.get("JIETI_TEST_ELASTICSEARCH_URL")
    with ExitStack() as stack:
        if given is None and START.exists():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            given = stack.enter_context(own_server(folder)).url
        server = ["--elasticsearch", given] if given else []
        bench_search.main(server)
        bench_scale.main([*server, "--results", str(arguments.results), "--needs", str(arguments.needs)])
    bench_matcher.main([])
    bench_platform.main([])


if __name__ == "__main__":
    main()
