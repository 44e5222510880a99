"""JSON answers: those to a position, which nobody may keep, and those from the catalogue, which anybody may."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

GEOJSON = "application/geo+json"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY
PRIVATE = {"Cache-Control": "private, no-store"}


def personal(body: Any, content_type: str = "application/json") -> Response:
    """Return an answer to one asker: no cache may keep it."""
    return written(orjson.dumps(body, option=_OPTIONS), content_type)


def written(body: bytes, content_type: str) -> Response:
    """Return finished bytes to one asker: no cache may keep them."""
    return Response(body, 200, PRIVATE, content_type=content_type)


def catalogue(body: Any, content_type: str = "application/json", *, max_age_s: int = 0, version: int | None = None) -> Response:
    """Return an answer that is the same for everybody, with an ETag; 304 where the asker already has it."""
    return tagged(orjson.dumps(body, option=_OPTIONS), content_type, max_age_s=max_age_s, version=version)


def tagged(body: bytes, content_type: str, *, max_age_s: int = 0, version: int | None = None, shared: bool = True) -> Response:
    """Return finished bytes with an ETag, which begins with the record's version where there is one; 304 where the asker has them.

    `shared`: False where only those signed in may ask; then the browser alone keeps them.
    """
    response = Response(body, 200, content_type=content_type)
    tag = blake2b(body, digest_size=12).hexdigest()
    response.set_etag(tag if version is None else f"{version}.{tag}")
    response.headers["Cache-Control"] = f"{'public' if shared else 'private'}, {f'max-age={max_age_s}' if max_age_s else 'no-cache'}"
    response.headers["Vary"] = "Accept-Language"
    response.make_conditional(request)
    return response
