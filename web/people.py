"""The accounts of one's area: made, stopped, reset and handed over by whoever manages them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request, url_for

from geodata.registry.accounts import Account, name_of
from locator.errors import Refusal
from locator.permissions import ROLES, Permission, Role, check_post
from web import auth, current
from web.account import is_fresh, prove_again
from web.signin import page, said, see

bp = Blueprint("people", __name__, url_prefix="/admin/accounts")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is handed over to the owner of an account, once."""

    account: str
    code: str
    address: str


@bp.get("")
@auth.required(Permission.MANAGE_ACCOUNTS)
def accounts() -> Response:
    """List the accounts of one's area, and offer to make one."""
    return _list()


@bp.post("")
@auth.required(Permission.MANAGE_ACCOUNTS)
def add() -> Response:
    """Make an account; show the link with which its owner chooses a password, once."""
    tree = current.atlas().areas
    try:
        name, role, area = name_of(said("name")), said("role"), tree.code(said("area"))
        check_post(role, area, tree)
        _check(role, area)
        person = prove_again()
        code = current.registry().accounts.add(name, display=said("display"), role=role, area=area, by=person.name, at=current.now())
    except Refusal as refusal:
        return _list(refusal)
    auth.record("account_add", name, area=area, outcome=role)
    return _list(invitation=_invitation(name, code))


@bp.post("/<name>/disable")
@auth.required(Permission.MANAGE_ACCOUNTS)
def disable(name: str) -> Response:
    """Stop an account at once."""
    return _change(name, "account_disable", lambda account: current.registry().accounts.disable(account, current.now()))


@bp.post("/<name>/enable")
@auth.required(Permission.MANAGE_ACCOUNTS)
def enable(name: str) -> Response:
    """Let a stopped account sign in again."""
    return _change(name, "account_enable", lambda account: current.registry().accounts.enable(account))


@bp.post("/<name>/reset")
@auth.required(Permission.MANAGE_ACCOUNTS)
def reset(name: str) -> Response:
    """Give an account's owner a new one-time link; password and second factor are gone."""
    return _change(name, "account_reset", lambda account: current.registry().accounts.reset(account, current.now()))


@bp.post("/<name>/hand-over")
@auth.required(Permission.MANAGE_ACCOUNTS)
def hand_over(name: str) -> Response:
    """Give an account to another person."""
    return _change(name, "account_hand_over", lambda account: current.registry().accounts.hand_over(
        account, display=said("display"), at=current.now()))


def _check(role: str, area: str) -> None:
    person = auth.user()
    if person is None or not person.grant.may_manage(role, area, current.atlas().areas):
        raise auth.refused(Permission.MANAGE_ACCOUNTS, area)


def _change(name: str, action: str, change: Callable[[Account], str | None]) -> Response:
    account = current.registry().accounts.named(name)
    _check(account.role, account.area)
    try:
        prove_again()
        code = change(account)
    except Refusal as refusal:
        return _list(refusal)
    auth.record(action, account.name, area=account.area)
    return see(url_for("people.accounts")) if code is None else _list(invitation=_invitation(account.name, code))


def _invitation(name: str, code: str) -> Invitation:
    root = current_app.extensions["settings"].public_url or request.host_url.rstrip("/")
    return Invitation(name, code, root + url_for("signin.invite", code=code))


def _roles() -> list[Role]:
    """Return the roles that whoever asks may appoint somewhere in their area."""
    person, tree = auth.user(), current.atlas().areas
    if person is None:
        return []
    below = [area.code for area in tree.children(person.grant.area)]
    return [role for role in ROLES.values() if any(
        person.grant.may_manage(role.code, area, tree) and len(tree.path(area)) > role.least_depth for area in (person.grant.area, *below))]


def _list(*refusals: Refusal, invitation: Invitation | None = None) -> Response:
    person, tree = auth.user(), current.atlas().areas
    grant = person.grant if person else None
    reached = [account for account in current.registry().accounts.all() if grant and grant.reaches(account.area, tree)]
    wanted = said("q").casefold().strip()
    shown = [a for a in reached if wanted in f"{a.name} {a.display}".casefold()] if wanted else reached
    managed = {a.name for a in shown if grant and grant.may_manage(a.role, a.area, tree)}
    inside = [area for area in tree if grant and grant.reaches(area.code, tree)]
    return page("accounts/people.html", *refusals, accounts=shown, managed=managed, invitation=invitation, roles=_roles(), inside=inside,
                all_roles=ROLES, fresh=is_fresh(), wanted=wanted)
