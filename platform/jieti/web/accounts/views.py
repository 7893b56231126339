"""A person's own pages: profile, looks, signing in, and how they come to an organisation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from jieti.domain.errors import Invalid
from jieti.domain.permissions import Permission
from jieti.domain.vocabulary import Membership, OrganisationKind
from jieti.services.accounts_settings import OwnAccount
from jieti.services.organisations import Organisations
from jieti.services.organisations_input import ROLES_OF_KIND
from jieti.web import words
from jieti.web.context import committing, identity, uow
from jieti.web.problems import attach
from jieti.web.security import requires

blueprint = Blueprint("account", __name__, url_prefix="/account")


class ProfileForm(FlaskForm):
    name = StringField(_l("姓名"), validators=[InputRequired(_l("请填写姓名。"))])
    title = StringField(_l("职务或职称"))
    phone = StringField(_l("联系电话"))


@blueprint.get("/start")
@requires(Permission.SIGNED_IN)
def start() -> ResponseReturnValue:
    """After signing in: to today's work; who has no organisation yet, to choosing one."""
    if identity().organisation_id is None:
        return redirect(url_for("account.organisation"))
    return redirect("/today")


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    user = OwnAccount(uow(), identity()).user()
    form = ProfileForm(obj=user)
    if form.validate_on_submit():
        try:
            with committing() as work:
                OwnAccount(work, identity()).change_profile(
                    name=form.name.data or "", title=form.title.data or "", phone=form.phone.data or ""
                )
            flash(_("已保存资料。"), "good")
            return redirect(url_for(".show"), 303)
        except Invalid as invalid:
            attach(form, invalid.problems)
    page = render_template("accounts/profile.html", form=form, user=user, organisation=user.organisation)
    return page, 422 if form.errors else 200


@blueprint.get("/security")
@requires(Permission.SIGNED_IN)
def security() -> ResponseReturnValue:
    user = OwnAccount(uow(), identity()).user()
    return render_template(
        "accounts/security.html",
        user=user,
        two_factor=bool(user.tf_totp_secret and user.tf_primary_method),
        codes_left=len(user.mf_recovery_codes or []),
    )


@blueprint.get("/display")
@requires(Permission.SIGNED_IN)
def display() -> ResponseReturnValue:
    return render_template("accounts/display.html")


@blueprint.get("/organisation")
@requires(Permission.SIGNED_IN)
def organisation() -> ResponseReturnValue:
    """Choosing a kind, looking for one's organisation, joining or registering it; or waiting; or being in one."""
    user = OwnAccount(uow(), identity()).user()
    kind = request.args.get("kind", "")
    text = request.args.get("q", "").strip()
    chosen = OrganisationKind(kind) if kind in set(OrganisationKind) else None
    found = Organisations(uow(), identity()).search(text, chosen) if chosen and text else []
    return render_template(
        "accounts/organisation.html",
        user=user,
        organisation=user.organisation,
        waiting=user.organisation is not None and user.membership == Membership.PENDING.value,
        refused=user.organisation is not None and user.membership == Membership.REJECTED.value,
        kinds=words.ORGANISATION_KINDS,
        kind=chosen,
        q=text,
        found=found,
        roles=[r.value for r in ROLES_OF_KIND[chosen]] if chosen else [],
    )


@blueprint.post("/organisation/join")
@requires(Permission.SIGNED_IN)
def join() -> ResponseReturnValue:
    with committing() as work:
        joined = Organisations(work, identity()).request_membership(
            request.form.get("ref", ""), request.form.get("role", "")
        )
    flash(_("已申请加入%(name)s，由该单位管理员通过。", name=joined.name), "good")
    return redirect(url_for(".organisation"), 303)


@blueprint.post("/organisation/withdraw")
@requires(Permission.SIGNED_IN)
def withdraw() -> ResponseReturnValue:
    with committing() as work:
        Organisations(work, identity()).withdraw_request()
    flash(_("已撤回申请。"), "good")
    return redirect(url_for(".organisation"), 303)
