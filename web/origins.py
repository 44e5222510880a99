"""Is a form ours? Anonymous forms have no session to hold them to, so the browser is asked where they come from.

==================================== =========================================================
what the browser says                what is done
==================================== =========================================================
Sec-Fetch-Site: same-origin, none    taken
Sec-Fetch-Site: anything else        refused, unless its Origin may use the API's scripts
Origin: ours, or one that may        taken
Origin: another                      refused
Origin: null (no Referer is sent)    taken with the seal of a page of ours, good once for a day; also
                                     JSON, and what a script marks by `ASKED_FIRST`
neither                              taken: no browser, or none that a page could lead astray
==================================== =========================================================
"""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from locator.errors import Forbidden
from web.cookies import installation_key

_SEALED_FOR_S = 86_400
_JSON = "application/json"
ASKED_FIRST = "X-Report"
"""A header that a script of another site's page may not send without asking us first; it is told no."""


def check(seal: str = "", sealed: str = "") -> None:
    """Refuse what another site's page sends through its visitors' browsers.

    Args:
        seal: What the form says to prove that it is ours.
        sealed: What `sealed_for` was given for that form.

    Raises:
        Forbidden: If it is another's.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site in ("same-origin", "none") or origin in _may():
        return
    if site is None and (origin is None or (origin == "null" and (_asked_first() or holds(seal, sealed)))):
        return
    raise Forbidden("Origin", origin, zh="这个表单不是从本站的页面提交的；请打开站点页面再试",
                    en="this form was not sent from a page of ours; open the place's page and try again")


def sealed_for(what: str) -> str:
    """Return a seal that proves for a day that a form with `what` in it is ours."""
    return str(_serializer().dumps(what))


def _may() -> tuple[str, ...]:
    settings = current_app.extensions["settings"]
    ours = (settings.public_url,) if settings.public_url else ()
    return (request.host_url.rstrip("/"), *ours, *settings.cors_origins)


def _asked_first() -> bool:
    """Return whether a browser had to ask before sending this from another's page, and was told no."""
    return request.mimetype == _JSON or ASKED_FIRST in request.headers


def holds(seal: str, what: str) -> bool:
    """Return whether a seal is ours, was made of `what`, and is not older than a day."""
    try:
        return bool(what) and _serializer().loads(seal, max_age=_SEALED_FOR_S) == what
    except BadData:
        return False


def _serializer() -> URLSafeTimedSerializer:
    settings, kept = current_app.extensions["settings"], current_app.extensions
    if "seal_key" not in kept:  # read by itself: a public page has nothing to do with sessions
        kept["seal_key"] = settings.secret_key or installation_key(settings.home)
    return URLSafeTimedSerializer(kept["seal_key"], salt="form-of-a-page")
