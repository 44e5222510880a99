"""What the writing half of the API takes, for the published contract; `geodata.editing` reads it."""

from __future__ import annotations

from typing import Any

from geodata.said import SAID

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_DAY = {"type": "string", "format": "date"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    **{key: {"type": "number", "minimum": -180, "maximum": 180} for key in ("lon", "source_lon", "entrance_lon")},
    **{key: {"type": "number", "minimum": -90, "maximum": 90} for key in ("lat", "source_lat", "entrance_lat")},
    **{key: {"type": "number", "minimum": 0} for key in ("accuracy_m", "capacity", "area_m2")},
    **dict.fromkeys(("verified_on", "next_check_on"), _DAY),
    **{key: {"type": "array", "items": _TEXT} for key in ("aliases", "photos")},
    "datum": {"type": "string", "description": "wgs84, gcj02, bd09 or cgcs2000: what the pairs are in; wgs84 by default"},
    "coordinates": {"type": "string", "description": "instead of lon and lat: a pair in any usual form, or a map's link"},
    "entrance": {"type": "string", "description": "likewise, instead of entrance_lon and entrance_lat"},
    "opening_hours": {"type": "string", "description": "an OSM expression, or Chinese text that can be read as one"},
    "facilities": {"type": "object", "additionalProperties": {"anyOf": [_TEXT, {"type": "null"}]},
                   "description": "code to yes, no or limited; null: unknown; codes not named stay as they are"},
    "basis": {"type": "object", "additionalProperties": {"anyOf": [_TEXT, {"type": "null"}]}},
    "slots": {"type": "array", "items": {"type": "object", "properties": {"hours": _TEXT, "mode": _TEXT}, "required": ["hours", "mode"]}},
}
_REASON = {"type": "string", "description": "why; kept with the change"}
IF_MATCH: dict[str, Any] = {"name": "If-Match", "in": "header", "required": True, "schema": _TEXT,
                            "description": "the ETag of the record that the change was made from"}


def said_body(*, reason: bool) -> dict[str, Any]:
    """Return the request body that states a site's fields; `reason` says whether a reason must be given."""
    fields = {name: {"anyOf": [_SCHEMAS.get(name, _TEXT), {"type": "null"}]} for name in SAID}
    required = ["reason"] if reason else ["name", "kind"]
    return _body({**fields, **{name: fields[name]["anyOf"][0] for name in required if name in fields}, "reason": _REASON}, required)


def action_body(*, verify: bool) -> dict[str, Any]:
    """Return the request body of an action."""
    more: dict[str, Any] = {"how": {"type": "string", "description": "a code of verified_how; visit by default"}, "next_check_on": _DAY}
    return _body({"reason": _REASON, **(more if verify else {})}, ["reason"])


def _body(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema}}}
