"""Members of an organisation: who waits, who is in, who is invited."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from jieti.domain.errors import Invalid, NotAllowed
from jieti.domain.permissions import Permission
from jieti.domain.vocabulary import OrganisationKind
from jieti.services.organisations_input import ROLES_OF_KIND
from jieti.services.organisations_members import Members
from jieti.web.context import committing, identity, uow
from jieti.web.idempotency import already_done, remember
from jieti.web.locale import short_locale
from jieti.web.organisations.blueprint import blueprint
from jieti.web.organisations.forms import InvitationForm
from jieti.web.problems import attach
from jieti.web.security import requires


def _page(ref: str, form: InvitationForm | None = None) -> ResponseReturnValue:
    members = Members(uow(), identity()).list(ref)
    kind = OrganisationKind(members.organisation.kind)
    form = form or InvitationForm(formdata=None, kind=kind)
    page = render_template(
        "organisations/members.html",
        members=members,
        organisation=members.organisation,
        form=form,
        roles=[r.value for r in ROLES_OF_KIND[kind]],
        me=identity().user_id,
    )
    return page, 422 if form.errors else 200


@blueprint.get("/organisations/<ref>/members")
@requires(Permission.MANAGE_MEMBERS)
def members(ref: str) -> ResponseReturnValue:
    return _page(ref)


@blueprint.post("/organisations/<ref>/invitations")
@requires(Permission.MANAGE_MEMBERS)
def invite(ref: str) -> ResponseReturnValue:
    organisation = Members(uow(), identity()).list(ref).organisation
    form = InvitationForm(kind=OrganisationKind(organisation.kind))
    if form.validate_on_submit():
        try:
            with committing() as work:
                done = already_done(work)
                if done:
                    return redirect(done, 303)
                Members(work, identity()).invite(
                    ref,
                    form.email.data or "",
                    (form.role.data or "") if "role" in form else "",
                    admin=bool(form.admin.data),
                    locale=short_locale(),
                )
                target = remember(work, url_for(".members", ref=ref))
            flash(_("已向%(email)s发出邀请，两周内有效。", email=form.email.data), "good")
            return redirect(target, 303)
        except Invalid as invalid:
            attach(form, invalid.problems)
    return _page(ref, form)


@blueprint.post("/organisations/<ref>/invitations/<invitation_ref>/withdrawal")
@requires(Permission.MANAGE_MEMBERS)
def revoke_invitation(ref: str, invitation_ref: str) -> ResponseReturnValue:
    with committing() as work:
        Members(work, identity()).revoke(ref, invitation_ref)
    flash(_("已撤回邀请。"), "good")
    return redirect(url_for(".members", ref=ref), 303)


@blueprint.post("/organisations/<ref>/members/<user_ref>")
@requires(Permission.MANAGE_MEMBERS)
def change_member(ref: str, user_ref: str) -> ResponseReturnValue:
    """Field `act`: approve, reject, appoint, dismiss, remove, or `role` with the new one in field `role`."""
    act = request.form.get("act", "")
    try:
        with committing() as work:
            name = _do(Members(work, identity()), act, ref, user_ref)
    except NotAllowed as refused:
        if refused.code != "last_admin":
            raise
        flash(_("单位至少要有一位管理员，请先请另一位成员担任。"), "bad")
        return redirect(url_for(".members", ref=ref), 303)
    sentences = {
        "approve": _("%(name)s已加入。", name=name),
        "reject": _("没有通过%(name)s的申请。", name=name),
        "appoint": _("%(name)s现在是管理员。", name=name),
        "dismiss": _("%(name)s不再是管理员。", name=name),
        "remove": _("%(name)s已移出本单位。", name=name),
        "role": _("已更改%(name)s的身份。", name=name),
    }
    flash(sentences[act], "good")
    if act == "remove" and not identity().active_member:
        return redirect(url_for("account.show"), 303)
    return redirect(url_for(".members", ref=ref), 303)


def _do(desk: Members, act: str, ref: str, user_ref: str) -> str:
    """The member's name. Raises NotAllowed for an act there is not."""
    if act == "approve":
        return desk.approve(ref, user_ref).name
    if act == "reject":
        return desk.reject(ref, user_ref).name
    if act in {"appoint", "dismiss"}:
        return desk.set_admin(ref, user_ref, act == "appoint").name
    if act == "remove":
        return desk.remove(ref, user_ref).name
    if act == "role":
        return desk.set_role(ref, user_ref, request.form.get("role", "")).name
    raise NotAllowed("unknown_act", act=act)
