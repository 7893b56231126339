"""gunicorn's entry: `gunicorn jieti.wsgi:app`. The encoder is loaded here, before the first request."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported; why: see jieti.cli

from jieti.factory import create_app

app = create_app()
app.extensions["jieti.house"].warm_up()
