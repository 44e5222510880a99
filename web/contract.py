"""What the API answers with: models that the published contract is made from and tests hold answers to.

No request is validated by these: `reader` reads requests, and reports in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from flask_openapi3.models.schema import Schema
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from web import import_contract
from web.params import Param

State = Literal["open", "closed", "unknown"]
Facilities = dict[str, Literal["yes", "no", "limited"]]
Confidence = Literal["high", "fair", "low", "doubtful"]


SECURITY: dict[str, Any] = {"bearer": {
    "type": "http", "scheme": "bearer",
    "description": "A token of an account, `nx_...`, from its page or `nuanxin token add`; never in an address."}}
"""How programs say who they are, for routes that ask."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldError(_Model):
    """One thing that is wrong with a request."""

    field: str
    value: str | None
    message: str
    file: str | None = Field(default=None, description="of a file's row: the file")
    line: str | None = Field(default=None, description="of a file's row: its line, as people see it")
    column: str | None = Field(default=None, description="of a file's cell: its header")


class Problem(_Model):
    """RFC 9457: why a request was refused."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]


class Point(_Model):
    """A GeoJSON point, longitude first."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class Reported(_Model):
    """What several workers on one day, or an administrator, say of a site."""

    type: Literal["locked", "moved", "gone", "wrong", "missing_facility"]
    facility: str | None = Field(description="of missing_facility: which")
    on: str = Field(description="the day it was last seen so")
    message: str


class NearProperties(_Model):
    """One site, seen from where and when it was asked; coordinates in the answer's datum."""

    id: str
    name: str
    kind: str
    lon: float
    lat: float
    distance_m: float = Field(description="along the WGS-84 geodesic")
    walk_m: float | None = Field(description="along the walking network, when asked for")
    minutes: float
    minutes_basis: Literal["network", "straight", "estimate"]
    state: State
    state_reason: str | None
    state_on_arrival: State
    changes_at: str | None
    mode: str | None = Field(description="how one gets in now: staffed, code, unattended, staff_only")
    facilities: Facilities = Field(description="an absent code is unknown, never no")
    eligibility: str | None
    address: str | None
    accuracy_m: float | None
    verified_on: str | None
    confidence: Confidence = Field(description="in the record, by a written rule: docs/trust.md")
    confidence_reasons: list[str]
    reported: list[Reported]
    demo: bool = Field(description="true: an invented or approximate demonstration record")


class NearFeature(_Model):
    """One site as GeoJSON."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: NearProperties


class NearestAnswer(_Model):
    """The nearest suitable sites, ascending by distance."""

    type: Literal["FeatureCollection"]
    query: dict[str, Any]
    as_of: str
    datum: str
    version: int = Field(description="the registry's version this was read at")
    features: list[NearFeature]


class SiteRecord(BaseModel):
    """The public part of a record; absent knowledge is null."""

    model_config = ConfigDict(extra="allow")
    id: str
    name: str
    kind: str
    lon: float | None
    lat: float | None
    facilities: Facilities
    status: Literal["active", "suspended", "closed"]
    demo: bool
    confidence: Confidence | None = Field(default=None, description="in the record now; of a record asked for by itself")
    confidence_reasons: list[str] = Field(default=[], description="likewise")
    reported: list[Reported] = Field(default=[], description="likewise")


class PossibleDuplicate(_Model):
    """A site that another record may be."""

    id: str | None = Field(description="null: an internal site of another area")
    name: str
    verdict: Literal["same", "likely", "possible"]
    distance_m: float | None
    reasons: str


class FullRecord(SiteRecord):
    """A whole record, internal fields too; its ETag is its version."""

    status: str  # type: ignore[assignment]
    version: int
    warnings: list[FieldError]
    possible_duplicates: list[PossibleDuplicate] = Field(description="other sites that what was just written may be, best first")


class SitesAnswer(_Model):
    """One page of the registry's public part, by id."""

    version: int
    datum: Literal["wgs84"]
    sites: list[SiteRecord]
    removed: list[str] = Field(description="with since: ids that are no longer public")
    next: str | None = Field(description="give it back as cursor for the next page")


class PublicChange(_Model):
    """One change of one public field."""

    field: str
    before: Any
    after: Any


class PublicRevision(_Model):
    """One version of a record, without who made it."""

    version: int
    at: str
    action: str
    changes: list[PublicChange]


class HistoryAnswer(_Model):
    """Every public version of a record, oldest first."""

    id: str
    revisions: list[PublicRevision]


class SearchAnswer(_Model):
    """Sites and places, best first; WGS-84."""

    query: dict[str, Any]
    datum: Literal["wgs84"]
    results: list[dict[str, Any]]


class VocabularyAnswer(_Model):
    """Codes by section, and needs in plain words."""

    sections: dict[str, list[dict[str, Any]]]
    needs: list[dict[str, Any]]


class AreasAnswer(_Model):
    """Administrative areas; a parent precedes nothing in particular."""

    areas: list[dict[str, Any]]


class PlacesAnswer(_Model):
    """Landmarks to search by and to find one's way on a map; WGS-84."""

    places: list[dict[str, Any]]


class Ready(_Model):
    """What this process answers from."""

    ready: bool
    version: int
    sites: int
    as_of: str
    age_s: float | None
    demo: bool


class Health(_Model):
    """The process is alive."""

    ok: bool


MODELS: tuple[type[BaseModel], ...] = (
    Problem, NearestAnswer, SiteRecord, FullRecord, SitesAnswer, HistoryAnswer, SearchAnswer, VocabularyAnswer, AreasAnswer, PlacesAnswer,
    Ready, Health, *import_contract.MODELS)
_REF = "#/components/schemas/{model}"


@cache  # the models do not change while a process lives, and describing them is most of what making an application costs
def components(more: tuple[type[BaseModel], ...] = ()) -> Mapping[str, Schema]:
    """Return the OpenAPI component of every model and of every part of one; `more` are those of rooms above this one."""
    _, schema = models_json_schema([(model, "serialization") for model in (*MODELS, *more)], ref_template=_REF)
    return {name: Schema(**part) for name, part in schema["$defs"].items()}


def response(model: type[BaseModel], content_type: str = "application/json") -> dict[str, Any]:
    """Return the OpenAPI response that carries a model."""
    return {"description": (model.__doc__ or "").strip(),
            "content": {content_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}}


def parameters(params: tuple[Param, ...], *, path: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return OpenAPI parameters of a route: its path's names, then its query's."""
    described: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path]
    described += [{"name": param.name, "in": "query", "required": param.required,
                   "description": f"{param.words.en}。{param.words.zh}", "schema": _schema(param)} for param in params]
    return described


def body(params: tuple[Param, ...]) -> dict[str, Any]:
    """Return the OpenAPI request body of a POST that takes the same names as a query string; null is absence."""
    schema = {
        "type": "object", "additionalProperties": False,
        "required": [p.name for p in params if p.required],
        "properties": {p.name: _schema(p) if p.required else {"anyOf": [*_in_body(p), {"type": "null"}]} for p in params},
    }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _in_body(param: Param) -> list[dict[str, Any]]:
    return [_schema(param), dict(param.schema)] if param.many else [_schema(param)]


def _schema(param: Param) -> dict[str, Any]:
    return {"type": "array", "items": dict(param.schema)} if param.many else dict(param.schema)
