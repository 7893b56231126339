"""gunicorn's entry: `gunicorn jieti.wsgi:app`. The encoder is loaded here, before the first request."""

from __future__ import annotations

from jieti.factory import create_app

app = create_app()
app.extensions["jieti.house"].warm_up()
