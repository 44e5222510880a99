"""One's own account: password, second factor, sessions, tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pyotp
import segno
from flask import Blueprint, Response, request, session, url_for
from markupsafe import Markup

from geodata.registry.signing import Session
from locator.errors import BadValue, NotThere, Refusal
from locator.permissions import ROLES, SCOPES
from web import auth, current, gate
from web.signin import new_password, page, said, see

bp = Blueprint("account", __name__, url_prefix="/account")

DAYS = (7, 30, 90, 365)
"""How long a token may last."""
_NEW_SECRET = "second_factor"  # noqa: S105 - a key of the cookie: a secret that is being set up


@bp.get("")
@auth.required()
def mine() -> Response:
    """Show who one is, and everything one may change about it."""
    return _mine()


@bp.post("/password")
@auth.required()
def password() -> Response:
    """Change the password; every session ends, and this browser gets a new one."""
    try:
        person = prove_again()
        registry, now = current.registry(), current.now()
        registry.accounts.choose_password(person.account, new_password(person.name), now)
    except Refusal as refusal:
        return _mine(refusal)
    auth.record("password", person.name)
    auth.sign_in(person.account)
    return see(url_for("account.mine"))


@bp.get("/second-factor")
@auth.required()
def second_factor() -> Response:
    """Show a new secret, as a picture and as text, to be proved with its first code."""
    session[_NEW_SECRET] = pyotp.random_base32()
    return _setting_up()


@bp.post("/second-factor")
@auth.required()
def second_factor_on() -> Response:
    """Ask for an authenticator's code from now on; show the recovery codes, once."""
    secret = session.get(_NEW_SECRET, "")
    try:
        person = prove_again()
        step = gate.step_of(secret, said("code"), current.now().timestamp())
        if step is None:
            raise BadValue("code", None, zh="验证码不对；请看时钟是否准确", en="the code does not fit; is the clock of your device right?")
    except Refusal as refusal:
        return _setting_up(refusal)
    codes = current.registry().accounts.set_second_factor(person.account, secret, step=step)
    session.pop(_NEW_SECRET)
    auth.record("second_factor", person.name, outcome="on")
    return page("accounts/recovery.html", codes=codes)


@bp.post("/second-factor/off")
@auth.required()
def second_factor_off() -> Response:
    """Ask for the password alone from now on."""
    try:
        person = prove_again()
    except Refusal as refusal:
        return _mine(refusal)
    current.registry().accounts.set_second_factor(person.account, None)
    auth.record("second_factor", person.name, outcome="off")
    return see(url_for("account.mine"))


@bp.post("/sessions/end")
@auth.required()
def end_sessions() -> Response:
    """End every other session, or the one named."""
    person, key = _person(), said("key")
    ours = current.registry().sessions.of(person.account, current.now())
    mine = _session(person)
    current.registry().sessions.end(*(s.key for s in ours if s.key != mine.key and key in ("", s.key)))
    auth.record("session_end", person.name)
    return see(url_for("account.mine"))


@bp.post("/tokens")
@auth.required()
def add_token() -> Response:
    """Make a token for a program; show it, once."""
    try:
        if said("scope") not in SCOPES:
            raise BadValue("scope", said("scope"), zh=f"应为 {'、'.join(SCOPES)} 之一", en=f"must be one of {', '.join(SCOPES)}")
        if said("days") not in map(str, DAYS):
            raise BadValue("days", said("days"), zh=f"应为 {'、'.join(map(str, DAYS))} 之一", en=f"must be one of {', '.join(map(str, DAYS))}")
        person = prove_again()
    except Refusal as refusal:
        return _mine(refusal)
    now = current.now()
    token = current.registry().tokens.add(person.account, label=said("label") or "-", scope=said("scope"), area=None,
                                          until=now + timedelta(days=int(said("days"))), at=now)
    auth.record("token_add", token[:9], area=person.account.area)
    return _mine(token=token)


@bp.post("/tokens/<int:number>/revoke")
@auth.required()
def revoke_token(number: int) -> Response:
    """End a token of one's own."""
    person = _person()
    token = next((t for t in current.registry().tokens.all(person.account) if t.id == number), None)
    if token is None:
        raise NotThere("token", number, zh="您没有这个令牌", en="you have no such token")
    current.registry().tokens.revoke(number, current.now())
    auth.record("token_revoke", token.prefix)
    return see(url_for("account.mine"))


def prove_again() -> auth.Person:
    """Return who asks, if they gave their password a short while ago or give it now, in the field `present`.

    Raises:
        BadValue: If it is wrong or missing.
        TooMany: If it was wrong too often.
    """
    person = _person()
    session_, now = _session(person), current.now()
    if not session_.proved(now):
        try:
            gate.prove(person.name, request.form.get("present", "")[:300])
        except BadValue:
            raise BadValue("present", None, zh="当前密码不对", en="your present password is wrong") from None
        current.registry().sessions.prove(session_, now)
    return person


def is_fresh() -> bool:
    """Return whether a change needs no password now."""
    return _session(_person()).proved(current.now())


def _person() -> auth.Person:
    return cast(auth.Person, auth.user())


def _session(person: auth.Person) -> Session:
    return cast(Session, person.session)


def _mine(*refusals: Refusal, token: str = "") -> Response:
    person, now, registry = _person(), current.now(), current.registry()
    return page("accounts/mine.html", *refusals, account=person.account, role=ROLES[person.account.role], fresh=is_fresh(), now=now,
                this=_session(person).key, sessions=registry.sessions.of(person.account, now), token=token, scopes=tuple(SCOPES),
                days=DAYS, recovery_left=registry.accounts.recovery_codes_left(person.account),
                tokens=[t for t in registry.tokens.all(person.account) if t.revoked_at is None and t.until > now])


def _setting_up(*refusals: Refusal) -> Response:
    secret = session.get(_NEW_SECRET) or pyotp.random_base32()
    session[_NEW_SECRET] = secret
    address = pyotp.TOTP(secret).provisioning_uri(_person().name, issuer_name="暖心驿站")
    picture = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, svgclass="qr", lineclass=None, omitsize=True)
    grouped = " ".join(secret[i:i + 4] for i in range(0, len(secret), 4))
    return page("accounts/second_factor.html", *refusals, picture=Markup(picture), secret=grouped, fresh=is_fresh())  # noqa: S704 - segno's own drawing
