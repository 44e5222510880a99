"""JSON answers: those to a position, which nobody may keep, and those from the catalogue, which anybody may."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, request

from web import packing

GEOJSON = "application/geo+json"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY
PRIVATE = {"Cache-Control": "private, no-store"}


def personal(body: Any, content_type: str = "application/json") -> Response:
    """Return an answer to one asker: no cache may keep it."""
    return written(orjson.dumps(body, option=_OPTIONS), content_type)


def written(body: bytes, content_type: str) -> Response:
    """Return finished bytes to one asker: no cache may keep them."""
    return Response(body, 200, PRIVATE, content_type=content_type)


def called(answer: Response, name: str, plain: str, *, attached: bool) -> Response:
    """Give an answer a file name in any script, and one of plain letters for programs that know no other; return it.

    Args:
        answer: The file.
        name: What people call it.
        plain: Of ASCII letters.
        attached: It is saved, not shown.
    """
    answer.headers.set("Content-Disposition", "attachment" if attached else "inline", filename=plain)
    answer.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(name, safe='')}"
    return answer


def catalogue(body: Any, content_type: str = "application/json", *, max_age_s: int = 0, version: int | None = None) -> Response:
    """Return an answer that is the same for everybody, with an ETag; 304 where the asker already has it."""
    return tagged(orjson.dumps(body, option=_OPTIONS), content_type, max_age_s=max_age_s, version=version)


def tagged(body: bytes, content_type: str, *, max_age_s: int = 0, version: int | None = None, shared: bool = True,
           lasting: bool = False) -> Response:
    """Return finished bytes with an ETag, which begins with the record's version where there is one; 304 where the asker has them.

    Args:
        body: The bytes.
        content_type: What they are.
        max_age_s: For how long a browser need not ask again.
        version: Of the one record they tell.
        shared: False where only those signed in may ask; then the browser alone keeps them.
        lasting: Nearly every edition of the atlas gives the same bytes: they are compressed once, as small as it gets.
    """
    encoding = packing.taken(request.headers.get("Accept-Encoding", "")) if lasting else ""
    response = Response(packing.packed(body, encoding), 200, content_type=content_type)
    tag = blake2b(body, digest_size=12).hexdigest() + (encoding and f":{encoding}")  # as Flask-Compress tells them apart
    response.set_etag(tag if version is None else f"{version}.{tag}")
    response.headers["Cache-Control"] = f"{'public' if shared else 'private'}, {f'max-age={max_age_s}' if max_age_s else 'no-cache'}"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding" if lasting else "Accept-Language"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.make_conditional(request)
    return response
