"""/challenges/new and C/edit: posting step by step; C/move: what its owner or the county does with it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from jieti.domain.permissions import Permission
from jieti.web.challenges.blueprint import blueprint
from jieti.web.posting import files, live, moves, versions, wizard
from jieti.web.posting.desk import Desk
from jieti.web.security import public, requires

DESK = Desk("challenge")
POST = Permission.POST_CHALLENGE


@blueprint.get("/new")
@requires(POST)
def new() -> ResponseReturnValue:
    return wizard.start(DESK)


@blueprint.post("/new")
@requires(POST)
def create() -> ResponseReturnValue:
    return wizard.create(DESK)


@blueprint.get("/<ref>/edit/<step>")
@requires(POST)
def edit(ref: str, step: str) -> ResponseReturnValue:
    return wizard.show_step(DESK, ref, step)


@blueprint.post("/<ref>/edit/<step>")
@requires(POST)
def send(ref: str, step: str) -> ResponseReturnValue:
    return wizard.send_step(DESK, ref, step)


@blueprint.post("/<ref>/edit/<step>/autosave")
@requires(POST)
def autosave(ref: str, step: str) -> ResponseReturnValue:
    return wizard.autosave(DESK, ref, step)


@blueprint.post("/<ref>/edit/<step>/preview")
@requires(POST)
def preview(ref: str, step: str) -> ResponseReturnValue:
    return live.answer(DESK, ref, step)


@blueprint.get("/<ref>/edit/<step>/conflict")
@requires(POST)
def conflict(ref: str, step: str) -> ResponseReturnValue:
    return wizard.show_conflict(DESK, ref, step)


@blueprint.post("/<ref>/edit/<step>/conflict")
@requires(POST)
def settle(ref: str, step: str) -> ResponseReturnValue:
    return wizard.settle_conflict(DESK, ref, step)


@blueprint.post("/<ref>/files")
@requires(POST)
def upload(ref: str) -> ResponseReturnValue:
    return files.upload(DESK, ref)


@blueprint.post("/<ref>/discard")
@requires(POST)
def discard(ref: str) -> ResponseReturnValue:
    return wizard.discard(DESK, ref)


@blueprint.get("/<ref>/move")
@requires(Permission.SIGNED_IN)
def before_move(ref: str) -> ResponseReturnValue:
    return moves.show_move(DESK, ref)


@blueprint.post("/<ref>/move")
@requires(Permission.SIGNED_IN)
def move(ref: str) -> ResponseReturnValue:
    return moves.make_move(DESK, ref)


@blueprint.get("/<ref>/versions/<int:number>")
@public
def version(ref: str, number: int) -> ResponseReturnValue:
    return versions.show_version(DESK, ref, number)
