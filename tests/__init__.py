"""The tests. Imported before everything else of theirs: NumPy reads this once, when it is imported."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
