"""Signing in and out, and choosing a password with a one-time code. Every page works without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for

from geodata import passwords
from geodata.registry.accounts import Account
from locator.errors import BadValue, Refusal, TooMany
from web import auth, current, errors, gate
from web.replies import PRIVATE

bp = Blueprint("signin", __name__)

LONGEST = 300


@bp.route("/login", methods=["GET", "POST"])
@auth.form
def login() -> Response:
    """Ask for the name and the password; then, of whoever has one, for the second factor."""
    back = local_path(said("next"))
    if request.method == "GET":
        return page("auth/login.html", back=back, none_yet=auth.is_open())
    try:
        account = gate.prove(said("name"), request.form.get("password", "")[:LONGEST])
    except Refusal as refusal:
        return page("auth/login.html", refusal, back=back, name=said("name"))
    if account.second_factor:
        auth.sign_in(account, pending=True)
        return see(url_for("signin.second_factor", next=back))
    return _let_in(account, back)


@bp.route("/login/code", methods=["GET", "POST"])
@auth.form
def second_factor() -> Response:
    """Ask for the authenticator's code, or a recovery code."""
    back, waiting = local_path(said("next")), auth.pending()
    if waiting is None:
        return see(url_for("signin.login", next=back))
    if request.method == "GET":
        return page("auth/code.html", back=back)
    try:
        gate.prove_code(waiting.account, said("code"))
    except Refusal as refusal:
        return page("auth/code.html", refusal, back=back)
    return _let_in(waiting.account, back)


@bp.post("/logout")
@auth.form
def logout() -> Response:
    """End the session of this browser."""
    person = auth.user()
    if person is not None:
        auth.record("sign_out", person.name)
    auth.sign_out()
    return see(url_for("signin.login"))


@bp.route("/invite", methods=["GET", "POST"])
@auth.form
def invite() -> Response:
    """Let the holder of a one-time code choose the password of their account."""
    code = said("code")
    if request.method == "GET":
        return page("auth/invite.html", code=code)
    registry = current.registry()
    try:
        account = registry.accounts.invited(code, current.now())
        if account is None:
            raise BadValue("code", None, zh="一次性代码不对、已用过或已过期，请向管理员再要一个",
                           en="the one-time code is wrong, used or too old; ask your administrator for another")
        registry.accounts.choose_password(account, new_password(account.name), current.now(), code=code)
    except Refusal as refusal:
        return page("auth/invite.html", refusal, code=code)
    auth.record("password", account.name, account=account)
    return see(url_for("signin.login"))


def new_password(name: str) -> str:
    """Return the hash of the password that a form gives twice.

    Raises:
        BadValue: If the two differ, or it will not do.
        Busy: If too many hashes are being made.
    """
    password = request.form.get("password", "")[:LONGEST]
    passwords.check(password, name=name)
    if passwords.normal(request.form.get("again", "")[:LONGEST]) != passwords.normal(password):
        raise BadValue("again", None, zh="两次输入的密码不一样", en="the two passwords differ")
    return gate.passwords().hash(password)


def said(name: str) -> str:
    """Return a field of the form, or else of the address; never longer than a name, a code or a path may be."""
    return request.form.get(name, request.args.get(name, ""))[:LONGEST]  # `values` would let the address win


def local_path(path: str) -> str:
    """Return a path of ours to go back to; anything that might lead elsewhere is the account's page."""
    parts = urlsplit(path)
    local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if local and not parts.scheme and not parts.netloc else url_for("account.mine")


def see(address: str) -> Response:
    """Answer a form: go there, with a GET."""
    answer = redirect(address, 303)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[return-value]


def page(template: str, *refusals: Refusal, **shown: object) -> Response:
    """Return a page of forms; with refusals, their status and their words above the form."""
    status = max(map(errors.status_of, refusals), default=200)
    answer = Response(render_template(template, refusals=refusals, **shown), status, PRIVATE)
    waits: Sequence[int] = [r.wait_s for r in refusals if isinstance(r, TooMany)]
    if waits:
        answer.headers["Retry-After"] = str(max(waits))
    return answer


def _let_in(account: Account, back: str) -> Response:
    registry, now = current.registry(), current.now()
    registry.accounts.signed_in(account, now)
    auth.sign_in(account)
    auth.record("sign_in", account.name, account=account)
    return see(back)
