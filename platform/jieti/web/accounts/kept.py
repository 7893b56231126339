"""Nothing typed is lost when a session has ended: a form sent by somebody signed out waits until they have signed in.

The fields go into a sealed file under `var/kept/`, bound to the browser's session, for a day; after signing in, a page
offers to send them again, with a fresh token. Only a form of this site is kept (Origin or Referer): a forged one from
elsewhere would otherwise need no more than the victim's sign-in. Files that were attached cannot be kept.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.permissions import Permission
from jieti.services.mail import Sealer
from jieti.web.context import house
from jieti.web.security import requires

blueprint = Blueprint("kept", __name__)

LONGEST = 1_000_000  # characters of one form
MOST = 500  # forms at a time: a flood of them fills no disk
AGE = 24 * 3600  # s
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def _folder() -> Path:
    return house().settings.var / "kept"


def _sealer() -> Sealer:
    return Sealer(house().settings.secret_key, "kept forms")


def _of_this_site() -> bool:
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc == request.host


def _tidy(folder: Path) -> int:
    """Remove what is too old; how many are left."""
    left = 0
    for path in folder.glob("*.kept"):
        if path.stat().st_mtime < time.time() - AGE:
            path.unlink(missing_ok=True)
        else:
            left += 1
    return left


def keep_form() -> str | None:
    """Keep the request's form; the address where it can be sent again, or None where it is not kept."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if not fields or not _of_this_site() or sum(len(value) for _field, value in fields) > LONGEST:
        return None
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _tidy(folder) >= MOST:
        return None
    key = secrets.token_urlsafe(16)
    content = {"path": request.full_path.rstrip("?"), "fields": json.dumps(fields), "files": str(len(request.files))}
    (folder / f"{key}.kept").write_text(_sealer().seal(content))
    session["kept"] = key
    return url_for("kept.show", key=key)


def sign_in_first() -> ResponseReturnValue:
    """The answer to somebody signed out: sign in, then come back, with what was typed. Scripts get 401."""
    if request.headers.get("X-Autosave") or request.headers.get("X-Requested-With") == "fetch":
        return Response(_("登录已失效，请先登录。"), 401, mimetype="text/plain")
    if request.method == "POST":
        back = keep_form() or request.path
    else:
        back = request.full_path.rstrip("?")
    return redirect(url_for("security.login", next=back), 303 if request.method == "POST" else 302)


@blueprint.get("/account/kept/<key>")
@requires(Permission.SIGNED_IN)
def show(key: str) -> ResponseReturnValue:
    """For the browser that sent the form, once it is signed in."""
    path = _folder() / f"{key}.kept"
    if session.get("kept") != key or not _KEY.fullmatch(key) or not path.exists():
        abort(404)
    try:
        content = _sealer().unseal(path.read_text())
    except InvalidToken:
        abort(404)
    return render_template(
        "accounts/kept.html",
        action=content["path"],
        fields=json.loads(content["fields"]),
        files=int(content["files"]),
    )
