"""The names and values of a request: of its query string and, where it has one, its body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson
from flask import Request

from locator.errors import BadValue
from web import params

Pairs = Sequence[tuple[str, str]]

MOST_PARAMETERS = 200
_LISTS = frozenset(p.name for p in params.NEAREST if p.many)
"""What may be a list in a JSON body; only `nearest` takes a body."""
_TEXTS = frozenset(p.name for p in params.NEAREST if p.schema.get("type") == "string")


def pairs_of(request: Request) -> Pairs:
    """Return the names and values of a request, from its query string and, for a POST, its body.

    A JSON body is an object of the same names; a list in it is a repeated parameter, null is absence.
    """
    pairs = asked_in(request)
    if request.method != "POST":
        return pairs
    if request.mimetype == "application/x-www-form-urlencoded":
        pairs = [*pairs, *request.form.items(multi=True)]
    else:
        pairs = [*pairs, *_pairs_of_json(request.get_data(cache=False))]
    if len(pairs) > MOST_PARAMETERS:
        raise _too_many()
    return pairs


def asked_in(request: Request) -> Pairs:
    """Return the names and values of a request's query string, whatever its body brings."""
    said = request.environ.get("QUERY_STRING", "")
    if not said.isascii():  # sent unescaped: WSGI hands the bytes on as Latin-1
        said = said.encode("latin-1").decode("utf-8", "replace")
    return pairs_in(said)


def pairs_in(query: str) -> Pairs:
    """Return the names and values of a query string, as `urllib.parse.parse_qsl` reads it.

    Raises:
        BadValue: If there are too many.
    """
    if query.count("&") >= MOST_PARAMETERS:
        raise _too_many()
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True, errors="replace")
    return [(name, value) for name, _, value in [part.partition("=") for part in query.split("&") if part]]


def _too_many() -> BadValue:
    return BadValue("query", None, zh=f"参数不应超过 {MOST_PARAMETERS} 个", en=f"at most {MOST_PARAMETERS} parameters")


def object_in(body: bytes) -> dict[str, Any]:
    """Return a JSON body's object.

    Raises:
        BadValue: If it is anything else; says where it stops being JSON.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadValue("body", None, zh=f"不是 JSON：第 {error.lineno} 行第 {error.colno} 列",
                       en=f"not JSON: line {error.lineno}, column {error.colno}") from None
    if not isinstance(given, dict):
        raise BadValue("body", None, zh="应为一个 JSON 对象", en="must be a JSON object")
    return given


def _pairs_of_json(body: bytes) -> Pairs:
    given = object_in(body or b"{}")
    return [(name, _plain(name, one)) for name, value in given.items() for one in _values(name, value)]


def _values(name: str, value: Any) -> list[Any]:
    """Return the values of one member of a body: null is none."""
    if not isinstance(value, list):
        return [] if value is None else [value]
    if name not in _LISTS:
        raise BadValue(name, orjson.dumps(value).decode(), zh="只能给一个值，不能是列表", en="must be one value, not a list")
    return value


def _plain(name: str, value: Any) -> str:
    """Return a value of a body as a query string would write it."""
    if isinstance(value, bool) and name not in _TEXTS:
        return "true" if value else "false"
    if isinstance(value, str) or (isinstance(value, int | float) and name not in _TEXTS):
        return str(value)
    raise BadValue(name, orjson.dumps(value).decode(), zh="应为文字、数字或它们的列表，与接口说明一致",
                   en="must be a text, a number or a list of them, as the contract says")
