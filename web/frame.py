"""What stands around every page: the language link, the banner, the date of the data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request

from locator.typed import BEIJING
from web import i18n, phrases
from web.params import Pairs

_YEAR_S = 31_536_000


def with_query(path: str, pairs: Pairs) -> str:
    """Return an address with a query, or the path alone when there is none."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def in_language(tag: str) -> str:
    """Return the address asked for, in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return with_query(request.path, [*kept, ("lang", tag)])


def _around() -> dict[str, Any]:
    keeper = current_app.extensions["atlas"]
    held = keeper.held if keeper.wait(0) else None
    return {"phrases": phrases, "endpoints": current_app.view_functions, "in_language": in_language,
            "demo": held is not None and held.atlas.has_demo,
            "as_of": held.atlas.as_of.astimezone(BEIJING) if held else None}


def _remember_language(response: Response) -> Response:
    """Keep a language that was chosen by its link; nothing else is ever kept."""
    if "lang=" in request.environ.get("QUERY_STRING", "") and (response.content_type or "").startswith("text/html"):
        chosen = i18n.known(request.args.get("lang", ""))
        if chosen:
            response.set_cookie(i18n.COOKIE, chosen, max_age=_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


def init_app(app: Flask) -> None:
    """Give every page of an app its frame."""
    app.context_processor(_around)
    app.after_request(_remember_language)
