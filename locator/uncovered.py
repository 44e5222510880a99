"""Where nobody is served: the gaps of an area, most people first, and the emptiest circle; rows and metres told as an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import shapely

from locator import coverage, earth, emptiest, gaps
from locator.arrays import Bits, LonLat, Rows
from locator.atlas import Atlas
from locator.coverage import CoverageQuestion, Ground, Outline, OutlineOf, areas_asked, pool
from locator.demand import Demand
from locator.errors import BadCount, BadValue, NotThere
from locator.gaps import Gap
from locator.names import Place

MOST_HOSTS = 5
_RIM_M = 2.0
"""A point that is not covered by the geodesic may lie so far outside a gap that was drawn on the grid, and 0.08 % of the radius more."""

AreaOf = Callable[[LonLat], Sequence[str | None]]
"""Gives the deepest area of each of (n, 2) points."""


@dataclass(frozen=True, slots=True)
class GapsQuestion:
    """Where in an area is no suitable site within reach?"""

    of: CoverageQuestion
    top: int | None = None
    """So many gaps, those with most people; None: all."""
    tolerance_m: float = gaps.TOLERANCE_M

    def __post_init__(self) -> None:
        if self.of.fold != 1:
            raise BadValue("fold", self.of.fold, zh="服务盲区按一个站点计算；多重覆盖请看 coverage",
                           en="gaps are figured for one site; for more see coverage")
        if self.top is not None and (isinstance(self.top, bool) or not isinstance(self.top, int) or self.top < 1):
            raise BadCount("top", self.top, zh="应为 1 以上的整数", en="must be a whole number from 1")


class Told(NamedTuple):
    """One gap, as it is told."""

    rank: int
    gap: Gap
    """Metres on the grid; `row` among the sites that count."""
    polygon: shapely.Polygon
    """WGS-84 degrees."""
    farthest: tuple[float, float]
    """(longitude, latitude) WGS-84."""
    middle: tuple[float, float]
    """Of its people; where it has none, `farthest`."""
    people: float
    people_if_unknown_open: float | None
    """Of them who stay uncovered where unknown hours are open; None where hours do not count."""
    area_code: str
    """The deepest area of its farthest point, within the area that it is a gap of."""
    nearest: Mapping[str, Any] | None
    hosts: tuple[Place, ...]
    """Landmarks inside it, nearest to the middle of its people first."""


@dataclass(frozen=True, slots=True)
class GapsAnswer:
    """The gaps of an area."""

    question: GapsQuestion
    as_of: datetime
    area: str
    gaps: tuple[Told, ...]
    count: int
    """Of all gaps, also those beyond `top`."""
    people: float
    """Of all gaps."""
    circle: Mapping[str, Any] | None
    query: Mapping[str, Any]
    demand: Demand

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape; geometries are GeoJSON in WGS-84."""
        return {"query": {**self.query, "top": self.question.top, "tolerance_m": self.question.tolerance_m},
                "gaps": [_plain(told, language) for told in self.gaps], "count": self.count, "people": self.people,
                "emptiest_circle": self.circle, "demand_source": coverage.source(self.demand, language), "as_of": self.as_of.isoformat()}


def _plain(told: Told, language: str) -> dict[str, Any]:
    lon, lat = told.farthest
    hours = {} if told.people_if_unknown_open is None else {"people_if_unknown_open": told.people_if_unknown_open}
    far = told.gap.farthest_m
    return {"rank": told.rank, "people": told.people, **hours, "area_km2": told.gap.area_m2 / 1e6, "lon": lon, "lat": lat,
            "farthest_m": far if np.isfinite(far) else None, "area_code": told.area_code, "nearest_site": told.nearest,
            "hosts": [{"code": place.code, "name": place.words.in_language(language), "category": place.category,
                       "lon": place.lon, "lat": place.lat} for place in told.hosts],
            "geometry": shapely.geometry.mapping(told.polygon)}


def uncovered(question: GapsQuestion, atlas: Atlas, ground: Ground, now: datetime, *, outline_of: OutlineOf, area_of: AreaOf,
              no_way_in: Bits | None = None) -> GapsAnswer:
    """Return the parts of an area that no suitable site reaches, those with most people first, then the largest.

    Where a tier is asked for, a gap ends at the borders of that tier's areas; otherwise it may cross them.

    With hours, unknown ones count as closed. A walk without a network is the straight line that it leads along.

    Args:
        question: What is asked.
        atlas: The sites.
        ground: The people.
        now: With an offset.
        outline_of: As in `coverage`.
        area_of: The deepest area of a point.
        no_way_in: As in `coverage.pool`.

    Raises:
        NotThere: If the area is none, or has no outline.
    """
    asked = question.of
    codes, whole = areas_asked(asked, atlas)
    found = pool(asked, atlas, now, no_way_in=no_way_in)
    lonlat, rows = atlas.sites.lonlat[found.rows], found.rows[found.sure]
    bare = ~ground.strips.covered(lonlat[found.sure], asked.straight_m) if len(rows) else np.ones(len(ground.demand), bool)
    still = bare & ~ground.strips.covered(lonlat[found.maybe], asked.straight_m) if found.hourly and found.maybe.any() else bare
    told: list[Told] = []
    for code in codes:
        outline = outline_of(code)
        if outline is None and len(codes) > 1:
            continue  # one of several that has no outline has no gaps; asked for alone it is refused
        told += _of_area(question, code, _drawn(outline, code, atlas), atlas, ground, rows, (bare, still if found.hourly else None))
    told.sort(key=lambda one: (-one.people, -one.gap.area_m2))
    shown = [one._replace(rank=rank) for rank, one in enumerate(told[:question.top], 1)]
    shown = [one._replace(area_code=code) for one, code in zip(shown, _area_codes(shown, area_of, atlas), strict=True)]
    shown = [one._replace(hosts=_hosts(one, atlas), nearest=_nearest(one.gap, rows, atlas)) for one in shown]
    return GapsAnswer(question, asked.at or now, whole, tuple(shown), len(told), sum(one.people for one in told),
                      _circle(outline_of(whole), rows, atlas), asked.as_dict(), ground.demand)


def _area_codes(shown: Sequence[Told], area_of: AreaOf, atlas: Atlas) -> list[str]:
    """Return the deepest area of each gap's farthest point; where that is on an outer border, of the middle of its people."""
    points = np.array([(one.farthest, one.middle) for one in shown]).reshape(-1, 2)
    finest = area_of(points)
    within = [atlas.areas.subtree(one.area_code) for one in shown]
    return [next((code for code in finest[2 * place:2 * place + 2] if code in within[place]), one.area_code)
            for place, one in enumerate(shown)]


def _drawn(outline: Outline | None, code: str, atlas: Atlas) -> Outline:
    if outline is None:
        zh, en = atlas.areas[code].words
        raise NotThere("area", code, zh=f"{zh}没有边界，不能计算盲区；可先用 nuanxin areas load 载入",
                       en=f"{en} has no outline, so its gaps cannot be figured; load one with nuanxin areas load")
    return outline


def _of_area(question: GapsQuestion, code: str, outline: Outline, atlas: Atlas, ground: Ground, rows: Rows,
             uncovered: tuple[Bits, Bits | None]) -> list[Told]:
    """Return the gaps of one area, unranked; `uncovered` is who is not covered, and who is not even where unknown hours are open."""
    bare, still = uncovered
    radius_m = question.of.straight_m
    regions = gaps.gaps(outline.geometry, _on_grid(atlas.sites.lonlat[rows], outline), radius_m, tolerance_m=question.tolerance_m)
    inside = np.flatnonzero(bare & ground.demand.within(atlas.areas.subtree(code)))
    points, weights = _on_grid(ground.demand.lonlat[inside], outline), ground.demand.people[inside]
    which = _gap_of(points, regions, _RIM_M + 0.0008 * radius_m)
    found = []
    for number, gap in enumerate(regions):
        own = which == number
        people = float(weights[own].sum())
        left = None if still is None else float(weights[own & still[inside]].sum())
        middle = np.average(points[own], axis=0, weights=weights[own]) if people else np.array(gap.farthest)
        [farthest, at] = earth.off_grid(np.array([gap.farthest, middle]), epsg=outline.epsg).tolist()
        found.append(Told(0, gap, _degrees(gap.polygon, outline), (farthest[0], farthest[1]), (at[0], at[1]), people, left, code, None, ()))
    return found


def _on_grid(lonlat: LonLat, outline: Outline) -> Any:
    return earth.on_grid(lonlat, epsg=outline.epsg) if len(lonlat) else np.empty((0, 2))


def _degrees(polygon: shapely.Polygon, outline: Outline) -> shapely.Polygon:
    return shapely.transform(polygon, lambda points: np.round(earth.off_grid(points, epsg=outline.epsg), 7))


def _gap_of(points: Any, regions: Sequence[Gap], rim_m: float) -> Rows:
    """Return (n,) in which gap each point lies, -1: in none; one just beside a gap's chords or rim belongs to it."""
    found = np.full(len(points), -1, np.intp)
    order = np.argsort(points[:, 0], kind="stable")
    x, y = points[order, 0], points[order, 1]
    left = np.ones(len(points), bool)
    for number, gap in enumerate(regions):
        west, south, east, north = gap.polygon.bounds
        first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
        near = first + np.flatnonzero(left[first:last] & (y[first:last] >= south) & (y[first:last] <= north))
        if len(near):
            shapely.prepare(gap.polygon)
            own = near[shapely.intersects_xy(gap.polygon, x[near], y[near])]
            found[order[own]] = number
            left[own] = False
    rest = order[left]
    if len(rest) and regions:
        point, gap_row = shapely.STRtree([gap.polygon for gap in regions]).query_nearest(shapely.points(points[rest]), max_distance=rim_m)
        found[rest[point]] = gap_row
    return found


def _nearest(gap: Gap, rows: Rows, atlas: Atlas) -> dict[str, Any] | None:
    if gap.row < 0:
        return None
    row, value = int(rows[gap.row]), atlas.sites.value
    return {"id": value("id", row), "name": value("name", row), "distance_m": gap.farthest_m}


def _hosts(told: Told, atlas: Atlas) -> tuple[Place, ...]:
    """Return landmarks inside a gap, at one of which a site might be: nearest to the middle of the gap's people first."""
    if not atlas.places:
        return ()
    at = np.array([(place.lon, place.lat) for place in atlas.places])
    inside = np.flatnonzero(shapely.intersects_xy(told.polygon, at))
    metres = earth.geodesic_m(np.tile(told.middle, (len(inside), 1)), at[inside])
    return tuple(atlas.places[place] for place in inside[np.argsort(metres, kind="stable")][:MOST_HOSTS].tolist())


def _circle(outline: Outline | None, rows: Rows, atlas: Atlas) -> dict[str, Any] | None:
    if outline is None:
        return None
    found = emptiest.emptiest(outline.geometry, _on_grid(atlas.sites.lonlat[rows], outline))
    if found is None:
        return None
    [[lon, lat]] = earth.off_grid(np.array([(found.x, found.y)]), epsg=outline.epsg).tolist()
    return {"lon": lon, "lat": lat, "radius_m": found.radius_m, "nearest_site": atlas.sites.value("id", int(rows[found.row]))}
