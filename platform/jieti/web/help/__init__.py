"""`/help`: how it works for each of the three sides, how matching and figures come about, accessibility."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.web.security import public

blueprint = Blueprint("help", __name__)

TOPICS = {
    "enterprise": _l("企业怎么出题"),
    "researcher": _l("科研人员怎么解题"),
    "county": _l("科技局和技术经纪人怎么助题"),
    "figures": _l("数字怎么算的"),
}
"""Topics under /help/<topic>, each with a template of its own; matching and accessibility have URLs of their own."""


def _page(name: str, title: str) -> str:
    crumbs = [(_("帮助"), url_for("help.index")), (title, None)]
    return render_template(f"help/{name}.html", topic=name, heading=title, crumbs=crumbs)


@blueprint.get("/help", endpoint="index")
@public
def index() -> ResponseReturnValue:
    return render_template("help/index.html", topics=TOPICS)


@blueprint.get("/help/<topic>", endpoint="topic")
@public
def topic(topic: str) -> ResponseReturnValue:
    if topic not in TOPICS:
        abort(404)
    return _page(topic, str(TOPICS[topic]))


@blueprint.get("/help/matching", endpoint="matching")
@public
def matching() -> ResponseReturnValue:
    return _page("matching", _("匹配怎么算的"))


@blueprint.get("/accessibility", endpoint="accessibility")
@public
def accessibility() -> ResponseReturnValue:
    return _page("accessibility", _("无障碍"))
