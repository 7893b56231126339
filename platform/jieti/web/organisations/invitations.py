"""The page behind the link of an invitation: join with the account one has, or make one."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import login_user

from jieti.domain.errors import Invalid, NotAllowed, NotVisible
from jieti.services.invitation_links import InvitationLinks
from jieti.services.organisations_invitations import Invitations
from jieti.web.accounts.setup import START
from jieti.web.context import committing, house, identity, uow
from jieti.web.organisations.blueprint import blueprint
from jieti.web.organisations.forms import NewMemberForm
from jieti.web.problems import attach
from jieti.web.security import public


def _ref(token: str) -> str:
    ref = InvitationLinks(house().settings.secret_key).ref(token)
    if ref is None:
        raise NotVisible("invitation", token)
    return ref


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    ref = _ref(token)
    desk = Invitations(uow(), identity())
    try:
        offer = desk.open(ref)
    except NotVisible:
        return render_template("organisations/invitation_over.html"), 404
    who = identity()
    known = desk.has_account(offer)
    form = NewMemberForm()
    if form.validate_on_submit() and not who.signed_in and not known:
        problems, password = current_app.extensions["security"].password_util.validate(
            form.password.data, False, email=offer.email
        )
        if problems:
            form.password.errors = problems
        else:
            try:
                with committing() as work:
                    user = Invitations(work, who).accept_as_new(ref, name=form.name.data or "", password=password)
                login_user(user, authn_via=["invitation"])
                flash(_("欢迎加入%(name)s。", name=offer.organisation.name), "good")
                return redirect(START, 303)
            except Invalid as invalid:
                attach(form, invalid.problems)
    page = render_template(
        "organisations/invitation.html",
        form=form,
        offer=offer,
        token=token,
        known=known,
        mine=who.signed_in and who.email.lower() == offer.email,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/invitations/<token>/acceptance")
@public
def accept_invitation(token: str) -> ResponseReturnValue:
    """For the signed-in owner of the invited address."""
    if not identity().signed_in:
        return redirect(url_for("security.login", next=url_for(".invitation", token=token)), 303)
    try:
        with committing() as work:
            Invitations(work, identity()).accept(_ref(token))
    except NotAllowed as refused:
        if refused.code == "has_organisation":
            flash(_("您已经在另一家单位，请先请那里的管理员把您移出。"), "bad")
        else:
            flash(_("邀请发给另一个邮箱，请用那个账号登录。"), "bad")
        return redirect(url_for(".invitation", token=token), 303)
    flash(_("已加入单位。"), "good")
    return redirect(START, 303)
