"""What coverage, gaps and comparisons answer: models for the published contract; docs/coverage.md says what the figures mean."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Answer(_Open):
    notes: list[str] = Field(description="what is to be said of all of it, if anything: days beyond the table of holidays, areas not drawn")


class People(_Open):
    """Where figures of people come from."""

    source: str
    date: str | None
    note: str = Field(description="what is even within what")
    version: str


class CoverageLine(_Open):
    """One area's figures. Where hours count, each that depends on them comes once more with `_if_unknown_open`."""

    code: str
    name: str
    people: float | None = Field(description="null: the area has no outline, so that nobody can say who lives in it")
    sites: int
    covered: float | None
    coverage_share: float | None
    area_km2: float | None
    covered_km2: float | None
    area_share: float | None
    median_m: float | None
    p90_m: float | None
    note: str | None


class CoverageAnswer(_Answer):
    """Who has a suitable site within reach, by area."""

    query: dict[str, Any]
    areas: list[CoverageLine]
    total: CoverageLine
    demand_source: People
    basis: Literal["radius", "straight", "network"] = Field(description="straight: a walk estimated from the straight line × 1.25")
    as_of: str
    version: int


class NotServed(_Open):
    """One connected part of the area that no suitable site reaches, or fewer than `fold` do."""

    rank: int
    people: float
    area_km2: float
    lon: float
    lat: float
    farthest_m: float | None = Field(description="from its farthest point to `nearest_site`")
    area_code: str = Field(description="the deepest area of its farthest point; where none lies under the area asked about, that of most people")
    areas: list[dict[str, Any]] = Field(description="the deepest areas that its people are in, those with most first: code, name, people")
    nearest_site: dict[str, Any] | None = Field(description="to its farthest point; with `fold` that is the `nth` nearest. "
                                                "null where not so many count. id, name, distance_m, nth")
    hosts: list[dict[str, Any]] = Field(description="landmarks inside it")
    geometry: dict[str, Any] = Field(description="GeoJSON, WGS-84")


class GapsAnswer(_Answer):
    """Where nobody is served, most people first."""

    query: dict[str, Any]
    gaps: list[NotServed]
    count: int = Field(description="of all, also those beyond `top` and the `smaller` ones")
    people: float = Field(description="in all of them")
    smaller: dict[str, Any] = Field(description="those with fewer people than `below_people` and less ground than `below_km2`, which `gaps` "
                                    "leaves out unless there are no others: count, people, area_km2")
    emptiest_circle: dict[str, Any] | None = Field(description="`outside_share`: how much of its ground lies outside the area")
    emptiest_circles: list[dict[str, Any]] = Field(description="the same of each area of the tier that has an outline, and of the "
                                                     "area, with its code and name")
    demand_source: People
    as_of: str


class ChangeLine(_Open):
    """One area's figures on both sides."""

    code: str
    name: str
    people: float | None
    covered_before: float | None
    covered_after: float | None
    gained: float | None
    lost: float | None
    note: str | None


class ChangeAnswer(_Answer):
    """Who gains and who loses when one side takes the place of the other; `points` are those who do."""

    query: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    areas: list[ChangeLine]
    total: ChangeLine
    points: list[dict[str, Any]]
    demand_source: People
    basis: Literal["radius", "straight", "network"]
    as_of: str


MODELS = (CoverageAnswer, GapsAnswer, ChangeAnswer)
