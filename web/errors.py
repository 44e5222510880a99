"""Exception → status, and one shape for every refusal: RFC 9457 for programs, a page for people."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

import orjson
from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from locator import errors as refusals
from locator.errors import Refusal
from locator.words import Words
from web import logs
from web.i18n import gettext, language

STATUS: dict[type[Refusal], int] = {
    refusals.NotThere: 404,
    refusals.SignInNeeded: 401,
    refusals.Forbidden: 403,
    refusals.TooMany: 429,
    refusals.Busy: 503,
    refusals.NotBuilt: 501,
    refusals.Conflict: 409,
    refusals.Unavailable: 503,
    Refusal: 400,
}
"""The status of a refusal is that of the nearest class above it."""


UNREADABLE = Words("登记库现在读不出来", "the registry cannot be read just now")
"""All that a stranger is told: what a driver says names machines, files and accounts."""


class Refused(Exception):
    """One request, all that is wrong with it."""

    def __init__(self, found: Iterable[Refusal]) -> None:
        """Take every refusal, in the order of the request."""
        self.refusals = tuple(found)
        super().__init__(*self.refusals)


class NotReady(Exception):
    """There is no atlas to ask yet; `reason` may be said to the asker."""

    def __init__(self, reason: Words | None = None) -> None:
        """Say why in one sentence; None while the first atlas is being made."""
        super().__init__(reason)
        self.reason = reason


def status_of(refusal: Refusal) -> int:
    """Return the status a refusal is answered with."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def problem(status: int, detail: str, found: Iterable[Refusal] = ()) -> Response:
    """Return an ``application/problem+json`` answer; `errors` is always there, even when empty."""
    body = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "errors": [{"field": r.field, "value": None if r.value is None else r.shown_value(),
                    "message": r.words.in_language(language())} for r in found],
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, content_type="application/problem+json")


def title_of(status: int) -> str:
    """Return a few plain words for a status."""
    titles = {
        400: gettext("The request cannot be used as it is"),
        401: gettext("Please sign in"),
        403: gettext("You may not do this"),
        404: gettext("There is nothing here"),
        409: gettext("Somebody else changed this in the meantime"),
        405: gettext("This address does not take that method"),
        413: gettext("The request is too large"),
        415: gettext("The request is in a format that is not read here"),
        429: gettext("Too many attempts, please wait a little"),
        500: gettext("Something went wrong on our side"),
        501: gettext("This registry does not have that part yet"),
        503: gettext("Starting up, please try again in a moment"),
    }
    return titles.get(status) or HTTPStatus(status).phrase


def wants_problem() -> bool:
    """Return whether this request's errors are for a program."""
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))


def answer(status: int, detail: str, found: Iterable[Refusal] = ()) -> Response:
    """Return a refusal in the shape that whoever asked can read."""
    found = tuple(found)
    if wants_problem():
        return problem(status, detail, found)
    page = render_template("error.html", status=status, title=title_of(status), detail=detail, refusals=found)
    return Response(page, status, {"Cache-Control": "no-store"})


def init_app(app: Flask) -> None:
    """Answer every exception in the one shape."""

    @app.errorhandler(Refusal)
    def refusal(error: Refusal) -> Response:
        return refused(Refused([error]))

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        current_app.extensions["metrics"].refused(error.refusals)
        status = max(map(status_of, error.refusals)) if len(error.refusals) == 1 else 400
        detail = " ".join(r.words.in_language(language()) for r in error.refusals[:1])
        return answer(status, detail, error.refusals)

    @app.errorhandler(NotReady)
    def not_ready(error: NotReady) -> Response:
        response = answer(503, error.reason.in_language(language()) if error.reason else title_of(503))
        response.headers["Retry-After"] = "2"
        return response

    @app.errorhandler(refusals.Unavailable)
    def unavailable(error: refusals.Unavailable) -> Response:
        current_app.logger.error("%s", error.sentence("en"), extra=logs.about())
        return not_ready(NotReady(UNREADABLE))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # a redirect is an answer
            return current_app.make_response(error.get_response())
        response = answer(status, title_of(status))
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "www-authenticate"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        logs.fault(error)
        return answer(500, title_of(500))
