"""Sending the public sites to a phone that keeps them: the index, one block, or all of it in one file."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from locator.atlas import Atlas
from locator.typed import BEIJING
from web import contract, current, reader
from web.compact_copy import Copy, Offline, Part
from web.pairs import pairs_of

_KEPT_S = 31_536_000
_BINARY = "application/octet-stream"
_MADE = "offline_blocks"
_REFUSED = contract.response(contract.Problem, "application/problem+json")

api = APIBlueprint("offline", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="offline")],
                   abp_responses={400: _REFUSED, 503: _REFUSED})


def copy() -> Copy:
    """Return today's copy of the newest atlas."""
    held = current.held()
    return held.derived("offline", _after_the_last).on(held.trust(current.now().astimezone(BEIJING)))


def _after_the_last(atlas: Atlas) -> Offline:
    """Return an atlas's copy; its blocks, and not the atlas, are kept for the next one's."""
    made = Offline(atlas, current_app.extensions.get(_MADE, {}))
    current_app.extensions[_MADE] = made.made
    return made


def _file() -> dict[Any, Any]:
    return {200: {"description": "Bytes, as web/compact.py says.", "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}}}}


@api.get("/offline", responses=_file())
def whole() -> Response:
    """All public sites' essentials in one compact file: docs/offline.md says how to read it."""
    reader.only_known(pairs_of(request))
    return _sent(copy().whole(), "public, no-cache")


@api.get("/offline/index", responses={200: {"description": "What the file consists of.",
                                            "content": {"application/json": {"schema": {"type": "object"}}}}})
def index() -> Response:
    """The parts of that file by their digests: ask for those you do not have."""
    reader.only_known(pairs_of(request))
    return _sent(Part.of(copy().index), "public, no-cache", "application/json")


@api.get("/offline/blocks/<digest>", responses=_file() | {404: _REFUSED},
         openapi_extensions={"parameters": contract.parameters((), path=("digest",))})
def block(digest: str) -> Response:
    """One part; it never changes, so it may be kept for ever."""
    reader.only_known(pairs_of(request))
    return _sent(copy().part(digest), f"public, max-age={_KEPT_S}, immutable")


def _sent(part: Part, cache: str, content_type: str = _BINARY) -> Response:
    """Send a part in the best way the asker takes."""
    encoding, content = _encoded(part, request.accept_encodings.values())
    response = Response(content, 200, {"Cache-Control": cache, "Vary": "Accept-Encoding"}, content_type=content_type)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.set_etag(part.digest + encoding)
    response.make_conditional(request)
    # the server dates what it sends, and a second date beside its own is none that a phone could hold its clock to
    del response.headers["Date"]
    return response


def _encoded(part: Part, accepted: Iterable[str]) -> tuple[str, bytes]:
    taken = {name.lower() for name in accepted}
    if "br" in taken:
        return "br", part.packed
    if "gzip" in taken:
        return "gzip", gzip.compress(part.content(), 6, mtime=0)
    return "", part.content()
