"""The blueprint object of the challenges' pages; the views are in the modules that this package's `__init__` imports."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("challenges", __name__, url_prefix="/challenges")
