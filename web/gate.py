"""The decisions of signing in: password, lockout, second factor. Views ask it; it knows no page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import pyotp
from flask import current_app, request

from geodata.passwords import Passwords
from geodata.registry.accounts import Account, name_of
from locator.errors import BadValue, Refusal, TooMany
from web import auth, current
from web.throttle import Throttle

if TYPE_CHECKING:
    from datetime import timedelta

STEP_S = 30
DRIFT_STEPS = 1
"""A code of the step before or after counts too: clocks differ."""


def passwords() -> Passwords:
    """Return what makes and checks this process's hashes."""
    state = current_app.extensions["auth"]
    if "passwords" not in state:
        state["passwords"] = current_app.extensions["settings"].passwords or Passwords()
    return cast(Passwords, state["passwords"])


def _throttle() -> Throttle:
    return cast(Throttle, current_app.extensions["auth"].setdefault("throttle", Throttle()))


def prove(said_name: str, password: str) -> Account:
    """Return the account of a name and its password.

    A name that nobody goes by, a stopped account and one without a password take as long and are told
    the same as a wrong password; so does a locked one, only that it says how long.

    Raises:
        BadValue: If they do not belong together.
        TooMany: If the name is locked, or the address must wait.
        Busy: If too many are signing in at once.
    """
    registry, now = current.registry(), current.now()
    address = request.remote_addr or ""
    _throttle().check(address, time.monotonic())
    try:
        name = name_of(said_name)
    except Refusal:
        name = "-"  # no account can be called that
    locked = registry.attempts.locked_for(name, now)
    if locked:
        raise _locked(locked)
    account = registry.accounts.find(name)
    good = passwords().verify(account.password if account else None, password)
    if account is None or account.disabled or not good:
        _failed(name, account, address)
        raise BadValue("password", None, zh="账号或密码不对", en="the name and the password do not belong together")
    if account.password is not None and passwords().outdated(account.password):
        registry.accounts.rehash(account, passwords().hash(password))
    if not account.second_factor:
        registry.attempts.succeeded(name)
    return account


def prove_code(account: Account, said: str) -> None:
    """Use up an authenticator's code, or a recovery code.

    Raises:
        BadValue: If it is neither, or was used before.
        TooMany: If the account is locked.
    """
    registry, now = current.registry(), current.now()
    locked = registry.attempts.locked_for(account.name, now)
    if locked:
        raise _locked(locked)
    step = step_of(account.totp_secret or "", said, now.timestamp())
    if (step is not None and registry.accounts.use_step(account, step)) or registry.accounts.use_recovery_code(account, said):
        registry.attempts.succeeded(account.name)
        return
    _failed(account.name, account, request.remote_addr or "")
    raise BadValue("code", None, zh="验证码不对、已过期或已用过", en="the code is wrong, too old, or was used already")


def step_of(secret: str, said: str, at_s: float) -> int | None:
    """Return the step of 30 s whose code was said, the newest that fits; None if there is none about now."""
    digits = "".join(c for c in said if c.isdigit())
    now = int(at_s) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(now + DRIFT_STEPS, now - DRIFT_STEPS - 1, -1):
        if secret and pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            return step
    return None


def _failed(name: str, account: Account | None, address: str) -> None:
    _throttle().failed(address, time.monotonic())
    locked = current.registry().attempts.failed(name, current.now())
    # what a stranger typed is not written down: it may be a password
    known, area = (account.name, account.area) if account else ("", None)
    auth.record("sign_in", known, area=area, outcome="refused")
    if locked:
        auth.record("lock", known, area=area, outcome=f"{int(locked.total_seconds())} s")


def _locked(left: timedelta) -> TooMany:
    seconds = max(1, int(left.total_seconds()) + 1)
    return TooMany("account", None, zh=f"失败次数太多，请过 {seconds} 秒再试",
                   en=f"too many failures; try again in {seconds} seconds", wait_s=seconds)
