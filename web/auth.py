"""Who asks, and whether they may.

A view says what it needs: ``@auth.required(Permission.EDIT_SITES)``, and inside, for the place it is
about, ``auth.check(permission, areas)`` or ``auth.check_site_write(before, after)``. Views that do not
ask pay nothing: there is no hook on every request, and without our cookie no session is read.

A person is signed in by a session kept in the registry, named by a signed cookie; a program by
``Authorization: Bearer nx_...``. What a cookie may do it may only do with the form's CSRF field (or
the header ``X-CSRFToken``); a bearer token needs none, for no browser sends it by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from locator import permissions
from locator.errors import Forbidden, SignInNeeded, TooMany
from locator.permissions import Grant, Permission
from web import current, errors, i18n, proxies
from web.cookies import COOKIE, QuietSessions
from web.settings import Settings

if TYPE_CHECKING:
    from geodata.registry.accounts import Account
    from geodata.registry.signing import Session, Token
    from locator.sites import Site

P = ParamSpec("P")
R = TypeVar("R")

_BEARER = "Bearer "
_csrf = CSRFProtect()  # its `protect` is called by `required`; its hook on every request is not wanted
_logins = LoginManager()


@dataclass(frozen=True, slots=True)
class Access:
    """What a view asks of whoever calls it; the table of permissions in the tests reads it."""

    permission: Permission | None
    """None: any account, by a session; tokens are refused."""
    before_accounts: bool = False
    """Open to everybody on this machine alone while no account was made: for trying the product out."""


class Person(UserMixin):  # type: ignore[misc]
    """Somebody known: an account, by a session or a token."""

    def __init__(self, account: Account, *, session: Session | None = None, token: Token | None = None, session_id: str = "") -> None:
        """Know an account by one of the two."""
        self.account = account
        self.session = session
        self.token = token
        self._session_id = session_id

    @property
    def name(self) -> str:
        """The account's name: the `who` of commits and of the audit log."""
        return self.account.name

    @property
    def grant(self) -> Grant:
        """What they may do, and where."""
        return self.account.grant if self.token is None else self.token.grant

    def get_id(self) -> str:
        """Return what the cookie names: the session, never the account."""
        return self._session_id


# --- who ----------------------------------------------------------------------------------------------

def user() -> Person | None:
    """Return who asks; None for a stranger. Costs a stranger two look-ups in a dictionary.

    Raises:
        SignInNeeded: If a bearer token is given that is not good: never quietly taken for a stranger.
    """
    environ = request.environ
    if current_app.extensions["settings"].only == "public":
        return None
    if COOKIE not in environ.get("HTTP_COOKIE", "") and not _bearer():
        return None
    person = current_user._get_current_object()  # noqa: SLF001 - documented by werkzeug
    return person if isinstance(person, Person) else None


def pending() -> Session | None:
    """Return the session of somebody who gave their password and still owes the second factor."""
    session_id = cookie.get("_user_id")
    found = current.registry().sessions.find(session_id, current.now()) if session_id else None
    return found if found and found.pending else None


def _bearer() -> str | None:
    said = request.environ.get("HTTP_AUTHORIZATION", "")
    return said[len(_BEARER):].strip() if said[:len(_BEARER)].lower() == _BEARER.lower() else None


@_logins.user_loader  # type: ignore[untyped-decorator, unused-ignore]
def _by_session(session_id: str) -> Person | None:
    if _bearer() is not None:  # a token that is shown is what counts, whatever cookie comes along
        return None
    found = current.registry().sessions.find(session_id, current.now())
    return None if found is None or found.pending else Person(found.account, session=found, session_id=session_id)


@_logins.request_loader  # type: ignore[untyped-decorator, unused-ignore]
def _by_token(_: Any) -> Person | None:
    said = _bearer()
    if said is None:
        return None
    found = current.registry().tokens.find(said, current.now())
    if found is None:
        raise SignInNeeded("Authorization", None, zh="令牌无效、已过期或已撤销", en="the token is unknown, expired or revoked")
    return Person(found.account, token=found)


def sign_in(account: Account, *, pending: bool = False) -> None:
    """Begin a session for an account; whatever cookie there was is replaced."""
    sign_out()
    session_id = current.registry().sessions.open(account, current.now(), pending=pending)
    login_user(Person(account, session_id=session_id))


def sign_out() -> None:
    """End the session of this browser, if there is one."""
    session_id = cookie.get("_user_id")
    if session_id:
        from geodata.registry import secrets

        current.registry().sessions.end(secrets.digest(session_id))
        logout_user()
    cookie.clear()  # the CSRF secret too: one that was planted before signing in is worth nothing after


# --- whether they may ---------------------------------------------------------------------------------

def required(permission: Permission | None = None, *, before_accounts: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only by those who may do this somewhere; None: by anybody signed in, not by tokens.

    A POST, PUT, PATCH or DELETE by cookie must carry its CSRF field. Put it under the route's decorator.
    The view still has to `check` the area it is about.

    Raises:
        SignInNeeded: If nobody is signed in: a page leads to the sign-in, the API answers 401.
        Forbidden: If the role, or the token's scope, does not allow it: 403, and an entry in the audit log.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = user()
            if person is None and not (before_accounts and is_open()):
                raise SignInNeeded("account", None, zh="请先登录", en="please sign in first")
            if person is not None and permission is None and person.token is not None:
                raise Forbidden("Authorization", None, zh="这里只接受登录的人，不接受令牌", en="this is for people signed in, not for tokens")
            if person is not None and permission is not None and not person.grant.allows(permission):
                raise refused(permission)
            if person is None or person.token is None:
                check_form()
            return view(*args, **kwargs)

        guarded.access = Access(permission, before_accounts)  # type: ignore[attr-defined]
        return guarded

    return guard


def form(view: Callable[P, R]) -> Callable[P, R]:
    """Let anybody call a view, a stranger too, but take a form of it only with its CSRF field."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        check_form()
        return view(*args, **kwargs)

    return guarded


def may(permission: Permission, area: str | None) -> bool:
    """Return whether whoever asks may do this in an area; None is no known area. For what a page offers."""
    person = user()
    return person is not None and person.grant.may(permission, area, current.atlas().areas)


def allowed(permission: Permission) -> bool:
    """Return whether whoever asks may do this anywhere at all."""
    person = user()
    return person is not None and person.grant.allows(permission)


def check(permission: Permission, areas: Iterable[str | None]) -> Person:
    """Return who asks, if they may do this in every one of some areas.

    Raises:
        SignInNeeded: If nobody is signed in.
        Forbidden: If they may not; the audit log says so.
    """
    person = user()
    if person is None:
        raise SignInNeeded("account", None, zh="请先登录", en="please sign in first")
    for area in areas:
        if not person.grant.may(permission, area, current.atlas().areas):
            raise refused(permission, area)
    return person


def check_site_write(before: Site | None, after: Site | None, *, permission: Permission = Permission.EDIT_SITES) -> Person:
    """Return who asks, if they may change a site from `before` (None: it is new) to `after` (None: it goes).

    Both the areas it leaves and those it goes to count; see `areas_of_site`.

    Raises:
        SignInNeeded: If nobody is signed in.
        Forbidden: If they may not; the audit log says so.
    """
    return check(permission, [area for site in (before, after) if site is not None for area in areas_of_site(site)])


def areas_of_site(site: Site) -> tuple[str | None, ...]:
    """Return the areas a site belongs to: its street, else its district, else where it lies; (None,) for no known area."""
    tree = current.atlas().areas
    found = permissions.areas_of(tree, district=site.district_code, street=site.street_code)
    if found != (None,) or site.lon is None or site.lat is None:
        return found
    import numpy as np  # outlines are read only for a site that states no area

    from geodata.areas import Areas

    home = current_app.extensions["settings"].home
    outlined = current.held().derived("outlined_areas", lambda _: Areas.load(home))
    lies_in = outlined.finest_of(np.array([[site.lon, site.lat]]))[0]
    return permissions.areas_of(tree, district=None, street=None, lies_in=lies_in)


def refused(permission: Permission, area: str | None = None) -> Forbidden:
    """Return the refusal of what somebody may not do, after writing it down."""
    record("refuse", permission.value, area=area, outcome="refused")
    names = current.atlas().areas
    zh, en = (f"（{names[area].words.zh}）", f" in {names[area].words.en}") if area is not None and area in names else ("", "")
    person = user()
    if person is not None and area is not None and area in names and person.grant.area in names.subtree(area) - {area}:
        own = names[person.grant.area].words  # theirs is a part of it, and nobody said which part is meant
        zh, en = f"{zh}；请写明属于{own.zh}", f"{en}; say that it belongs to {own.en}"
    may = permissions.PERMITTED[permission]
    return Forbidden("permission", permission.value, zh=f"您的账号没有这项权限：{may.zh}{zh}", en=f"your account may not {may.en}{en}")


def is_open() -> bool:
    """Return whether pages for trying the product out need no account: on this machine alone, while none was made."""
    settings: Settings = current_app.extensions["settings"]
    state = current_app.extensions["auth"]
    if settings.exposed or state["accounts"] or proxies.FORWARDED in request.environ or not _named_as_this_machine():
        return False
    if settings.atlas is not None and settings.registry is None:  # an atlas alone has no accounts
        return True
    state["accounts"] = current.registry().accounts.any()  # accounts are never deleted: once there is one, always
    return not state["accounts"]


def _named_as_this_machine() -> bool:
    """Return whether the request is for this machine by name: a foreign name that leads here is another site's page."""
    host = urlsplit(f"//{request.host}").hostname or ""
    return host in ("localhost", "127.0.0.1", "::1")


def check_form() -> None:
    """Refuse a form without its CSRF field.

    Raises:
        Forbidden: If it has none, or one of another session.
    """
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return
    current_app.session_interface.key(current_app)  # type: ignore[attr-defined]
    try:
        _csrf.protect()
    except CSRFError:
        raise Forbidden("csrf_token", None, zh="表单已失效，请返回刷新后再提交",
                        en="this form is no longer good; go back, reload it and send it again") from None


def csrf_token() -> str:
    """Return what the hidden field ``csrf_token`` of a form, or the header ``X-CSRFToken``, must hold."""
    current_app.session_interface.key(current_app)  # type: ignore[attr-defined]
    return str(generate_csrf())


def record(action: str, object: str = "", *, area: str | None = None, outcome: str = "done", account: Account | None = None) -> None:  # noqa: A002
    """Add an entry to the audit log: see `geodata.registry.audit`.

    Args:
        action: One of `geodata.registry.audit.ACTIONS`.
        object: What it was done to.
        area: Where; None is the area of the account.
        outcome: done, refused, or a word more.
        account: Whose doing it is; None is whoever asks.
    """
    if account is None:
        person = user()
        account = person.account if person else None
    current.registry().audit.record(at=current.now(), who=account.name if account else "", action=action, object=object,
                                    area=area or (account.area if account else None), outcome=outcome)


def _stranger(error: SignInNeeded) -> Response:
    """Lead people to the sign-in and back; tell programs."""
    by_people = not errors.wants_problem() and request.method in ("GET", "HEAD") and "Authorization" not in request.headers
    if by_people and "signin.login" in current_app.view_functions:
        back = request.script_root + (request.full_path if request.query_string else request.path)
        return Response("", 303, {"Location": url_for("signin.login", next=back), "Cache-Control": "no-store"})
    response = errors.answer(401, error.words.in_language(i18n.language()), [error])
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _too_many(error: TooMany) -> Response:
    response = errors.answer(errors.status_of(error), error.words.in_language(i18n.language()), [error])
    response.headers["Retry-After"] = str(error.wait_s)
    return response


def init_app(app: Flask, settings: Settings) -> None:
    """Let an app know people. The extensions' own hooks are left out: they would run on every public request."""
    app.extensions["auth"] = {"accounts": False}
    app.session_interface = QuietSessions(settings)
    app.login_manager = _logins  # type: ignore[attr-defined]
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_PROTECTION=None,
        WTF_CSRF_METHODS={"POST", "PUT", "PATCH", "DELETE"}, WTF_CSRF_FIELD_NAME="csrf_token",
        WTF_CSRF_HEADERS=["X-CSRFToken"], WTF_CSRF_TIME_LIMIT=None,  # as good as its session
        WTF_CSRF_SSL_STRICT=False)  # no page of ours sends a Referer
    app.jinja_env.globals.update(csrf_token=csrf_token)
    app.register_error_handler(SignInNeeded, _stranger)
    app.register_error_handler(TooMany, _too_many)
