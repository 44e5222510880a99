"""What a server tells its operator: one JSON object a line on standard error, and never whom it served.

A line has the time, the level, the event, and where it is about a request its id, method, route (the
template: an address may name somebody), status and milliseconds. No query, body, cookie, position or
address of a visitor is ever written; of an exception, its kind and its frames.
"""

from __future__ import annotations

import logging
import os
import traceback
from time import perf_counter
from typing import Any

import orjson
import structlog
from flask import Flask, Request, Response, current_app, g, request
from structlog.typing import EventDict, WrappedLogger

from web.proxies import TRUSTED
from web.settings import Settings

log = logging.getLogger("nuanxin.requests")
ID = "X-Request-ID"
_LONGEST_ID = 64


def frames_only(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and its frames: what it says may hold a position or a name."""
    event.pop("message", None)  # another handler's, the event once more
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[0] is not None:
        event["fault"] = found[0].__name__
        event["frames"] = frames_of(found[1])
    return event


def frames_of(error: BaseException | None) -> list[str]:
    """Return where an exception was raised, outermost first."""
    return [] if error is None else [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def _json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def formatter() -> logging.Formatter:
    """Return what turns a record into its line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(),
                           structlog.processors.TimeStamper(fmt="iso", utc=True)],
        processors=[frames_only, structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(_json)])


class Formatter(logging.Formatter):
    """The same, for a logging configuration that names a class."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take nothing: a line has one form."""
        super().__init__()
        self._made = formatter()

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        return self._made.format(record)


def to_standard_error(level: str) -> None:
    """Send every line of this process to standard error; for a server's process, never for a library's user."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)


def request_id(asked: Request | None = None) -> str:
    """Return this request's id: the one a trusted proxy gave it, else a new one."""
    found: str | None = g.get("request_id")
    if found is None:
        environ = (asked or request).environ
        said = str(environ.get("HTTP_X_REQUEST_ID", "")) if environ.get(TRUSTED) else ""
        usable = 0 < len(said) <= _LONGEST_ID and said.isascii() and said.replace("-", "").isalnum()
        found = g.request_id = said if usable else os.urandom(8).hex()
    return found


def about() -> dict[str, Any]:
    """Return what a line about this request may say."""
    return {"request_id": request_id(), "method": _method(request), "route": route_of(request)}


def route_of(asked: Request) -> str:
    """Return a request's route as it is written in the code; empty where there is none."""
    return asked.url_rule.rule if asked.url_rule is not None else ""


def _method(asked: Request) -> str:
    return asked.method if asked.method.isalpha() and len(asked.method) <= 10 else "?"


def init_app(app: Flask, settings: Settings) -> None:
    """Write a line a request, where settings ask for it; give every failed one its id."""

    @app.after_request
    def failed(response: Response) -> Response:
        if response.status_code >= 500:
            response.headers[ID] = request_id()
        return response

    if not settings.log_requests:
        return

    @app.after_request
    def tell(response: Response) -> Response:
        begun = g.get("started")
        response.headers[ID] = request_id()
        took = None if begun is None else round((perf_counter() - begun) * 1000, 2)
        log.info("request", extra={**about(), "status": response.status_code, "ms": took})
        return response


def fault(error: BaseException) -> None:
    """Tell of a fault of ours in this request."""
    told = about()
    current_app.logger.error("%s at %s %s", type(error).__name__, told["method"], told["route"], extra={
        **told, "fault": type(error).__name__, "frames": frames_of(error)})
