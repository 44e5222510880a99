"""What reports look like in the published contract: what is sent, what is answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.photos import MOST_BYTES, MOST_PIXELS, MOST_PIXELS_WHOLE
from geodata.registry.report_rows import STATES
from geodata.registry.reports import LONGEST_WHY
from geodata.reporting import LONGEST_NOTE, OLDEST
from locator import questions
from locator.quality import TYPES
from locator.words import Words
from web import params, values
from web.contract import Confidence, Reported
from web.params import Param

A_PAGE = 50
_Type = Literal["locked", "moved", "gone", "wrong", "missing_facility", "rating"]
_State = Literal["open", "confirmed", "rejected", "expired"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReportAnswer(_Model):
    """A report as it was taken, and the confidence in its site now."""

    id: int
    site_id: str
    type: _Type
    facility: str | None
    rating: int | None
    at: str
    state: _State
    repeated: bool = Field(description="it was there already: sent again, or said by the same phone today")
    undo_until: str = Field(description="until then it can be taken back by its key")
    confidence: Confidence
    confidence_reasons: list[str]
    reported: list[Reported]


class FullReport(_Model):
    """A report as the administrators of its site's area see it."""

    id: int
    site_id: str
    type: _Type
    facility: str | None
    rating: int | None
    note: str | None
    at: str = Field(description="when it was so")
    came: str = Field(description="when it came in")
    filed_by: str | None = Field(description="the account that filed it for a caller")
    state: _State
    decided_at: str | None
    decided_by: str | None
    reason: str | None = Field(description="of the decision")


class ReportsAnswer(_Model):
    """A page of reports, the newest first."""

    reports: list[FullReport]
    next: str | None = Field(description="give it back as cursor for the next page")


MODELS = (ReportAnswer, FullReport, ReportsAnswer)

LISTED = (
    Param("state", {"type": "string", "enum": list(STATES)}, Words("状态，任一即可", "states, any of them"), many=True),
    Param("type", {"type": "string", "enum": list(TYPES)}, Words("类型，任一即可", "types, any of them"), many=True),
    Param("site_id", {"type": "string"}, Words("只看这个站点", "of this site alone")),
    Param("limit", {"type": "integer", "minimum": 1, "maximum": questions.MOST_ANSWERS, "default": A_PAGE}, Words("一页几条", "how many a page")),
    Param("cursor", {"type": "string"}, Words("上一页给出的 next", "the `next` of the page before")),
    params.LANG,
)

_MADE_UP = {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"}
_FIELDS: dict[str, dict[str, Any]] = {
    "type": {"type": "string", "enum": list(TYPES)},
    "facility": {"type": "string", "description": "of missing_facility: which; a code or a name of the vocabulary's"},
    "rating": {"type": "integer", "minimum": 1, "maximum": 5, "description": "of a rating"},
    "note": {"type": "string", "maxLength": LONGEST_NOTE, "description": "for the administrators of the area alone"},
    "at": {"type": "string", "format": "date-time", "description": "when it was so: not in the future, at most 7 days ago; now by default"},
    "seconds_ago": {"type": "integer", "minimum": 0, "maximum": int(OLDEST.total_seconds()),
                    "description": "how long ago it was so, in place of `at`, from a clock that may be wrong"},
    "token": {**_MADE_UP, "description": "what the phone made up once for itself; kept only as a hash that is another one tomorrow"},
    "key": {**_MADE_UP, "description": "what the phone made up for this report: sent again it is the same one"},
}


def _schema(*, nulls: bool) -> dict[str, Any]:
    def one(name: str) -> dict[str, Any]:
        return {"anyOf": [_FIELDS[name], {"type": "null"}]} if nulls and name != "type" else _FIELDS[name]

    return {"type": "object", "additionalProperties": False, "required": ["type"], "properties": {name: one(name) for name in _FIELDS}}


def _with_photo(schema: dict[str, Any]) -> dict[str, Any]:
    most = f"JPEG of at most {MOST_PIXELS // 1_000_000} megapixels, PNG or WebP of {MOST_PIXELS_WHOLE // 1_000_000}; {MOST_BYTES >> 20} MB"
    photo = {"type": "string", "format": "binary", "description": most}
    return {**schema, "properties": {**schema["properties"], "photo": photo}}


BODY: dict[str, Any] = {"required": True, "content": {
    "application/json": {"schema": _schema(nulls=True)},
    "application/x-www-form-urlencoded": {"schema": _schema(nulls=False)},
    "multipart/form-data": {"schema": _with_photo(_schema(nulls=False))}}}


def reason_body(*, required: bool) -> dict[str, Any]:
    """Return the request body of a decision."""
    schema = {"type": "object", "additionalProperties": False, "required": ["reason"] if required else [],
              "properties": {"reason": {"type": "string", "minLength": 1 if required else 0, "maxLength": LONGEST_WHY}}}
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def limit(field: str, text: str) -> int:
    """Return how many a page."""
    found = values.count(field, text)
    questions.check_count(field, found, most=questions.MOST_ANSWERS)
    return found

