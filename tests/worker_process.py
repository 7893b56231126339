"""`python -m tests.worker_process SECONDS`: the real worker in a process of its own, with an encoder that takes SECONDS a text."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jieti.bootstrap import House
from jieti.jobs.worker import Worker, serve_signals
from jieti.settings import load_settings
from matcher.pipeline import Matcher
from tests.fakes import HashingEncoder


class SlowEncoder(HashingEncoder):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def encode(self, texts: Sequence[str], batch_size: int = 16) -> NDArray[np.float32]:
        time.sleep(self._seconds * len(texts))
        return super().encode(texts, batch_size)


def main() -> None:
    logging.basicConfig(level="INFO")
    house = House(load_settings())
    house.__dict__["matcher"] = Matcher.load(encoder=SlowEncoder(float(sys.argv[1])))
    worker = Worker(house)
    serve_signals(worker)
    worker.run()
    house.close()


if __name__ == "__main__":
    main()
