"""Where nobody is served: the gaps of an area, most people first, and the emptiest circle; rows and metres told as an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import afoot, earth, emptiest, gaps, regions
from locator.afoot import Afoot
from locator.arrays import Bits, LonLat, Rows
from locator.atlas import Atlas
from locator.demand import Demand
from locator.errors import BadCount, BadValue, NotThere
from locator.gaps import Gap
from locator.ground import Ground, basis_of
from locator.lines import areas_asked, source
from locator.names import Place
from locator.outlines import Outline, OutlineOf
from locator.pool import pool
from locator.questions import CoverageQuestion
from locator.reached import covered
from locator.shares import Parts

MOST_HOSTS = 5
Floats = NDArray[np.float64]

AreaOf = Callable[[LonLat], Sequence[str | None]]
"""Gives the deepest area of each of (n, 2) points."""


@dataclass(frozen=True, slots=True)
class GapsQuestion:
    """Where in an area is no suitable site within reach?"""

    of: CoverageQuestion
    top: int | None = None
    """So many gaps, those with most people; None: all."""
    tolerance_m: float | None = None
    """How far drawn edges may be from the true ones; None: `gaps.TOLERANCE_M`, and along streets `afoot.TOLERANCE_M`, never finer than that."""

    def __post_init__(self) -> None:
        if self.of.fold != 1:
            raise BadValue("fold", self.of.fold, zh="服务盲区按一个站点计算；多重覆盖请看 coverage",
                           en="gaps are figured for one site; for more see coverage")
        if self.top is not None and (isinstance(self.top, bool) or not isinstance(self.top, int) or self.top < 1):
            raise BadCount("top", self.top, zh="应为 1 以上的整数", en="must be a whole number from 1")
        if self.tolerance_m is not None and not 0 < self.tolerance_m < math.inf:
            raise BadValue("tolerance", self.tolerance_m, zh="应为大于 0 的米数", en="must be metres above 0")

    def tolerance_by(self, basis: str) -> float:
        """Return the tolerance of an answer by its basis."""
        if basis == "network":
            return max(self.tolerance_m or 0.0, afoot.TOLERANCE_M)
        return gaps.TOLERANCE_M if self.tolerance_m is None else self.tolerance_m


class Told(NamedTuple):
    """One gap, as it is told."""

    rank: int
    gap: Gap
    """Metres on the grid; `row` among the sites that count; `farthest_m` by `basis`."""
    basis: str
    """Of the metres to its farthest point: straight; network: on foot along streets; estimate: on foot, the straight line times the detour."""
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
    basis: str
    """As of `CoverageAnswer`."""
    estimated_people: float | None
    """Along streets: people of the area, covered or not, whom no street is near, for whom the straight line was taken; else None."""
    estimated_m2: float | None
    """The same of ground."""
    demand: Demand

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape; geometries are GeoJSON in WGS-84."""
        estimated = {} if self.estimated_m2 is None else {"estimated_people": self.estimated_people, "estimated_km2": self.estimated_m2 / 1e6}
        tolerance_m = self.question.tolerance_by(self.basis)
        return {"query": {**self.question.of.as_dict(), "top": self.question.top, "tolerance_m": tolerance_m},
                "gaps": [_plain(told, language) for told in self.gaps], "count": self.count, "people": self.people, "basis": self.basis, **estimated,
                "emptiest_circle": self.circle, "demand_source": source(self.demand, language), "as_of": self.as_of.isoformat()}


def _plain(told: Told, language: str) -> dict[str, Any]:
    lon, lat = told.farthest
    hours = {} if told.people_if_unknown_open is None else {"people_if_unknown_open": told.people_if_unknown_open}
    far = told.gap.farthest_m
    return {"rank": told.rank, "people": told.people, **hours, "area_km2": told.gap.area_m2 / 1e6, "lon": lon, "lat": lat,
            "farthest_m": far if np.isfinite(far) else None, "farthest_basis": told.basis, "area_code": told.area_code, "nearest_site": told.nearest,
            "hosts": [{"code": place.code, "name": place.words.in_language(language), "category": place.category,
                       "lon": place.lon, "lat": place.lat} for place in told.hosts],
            "geometry": shapely.geometry.mapping(told.polygon)}


def uncovered(question: GapsQuestion, atlas: Atlas, ground: Ground, now: datetime, *, outline_of: OutlineOf, area_of: AreaOf,
              no_way_in: Bits | None = None) -> GapsAnswer:
    """Return the parts of an area that no suitable site reaches, those with most people first, then the largest.

    Where a tier is asked for, a gap ends at the borders of that tier's areas; otherwise it may cross them.

    With hours, unknown ones count as closed. A walk goes along streets where there are some, by the rule of `reached.reached`: see `afoot`.

    Args:
        question: What is asked.
        atlas: The sites.
        ground: The people.
        now: With an offset.
        outline_of: As in `coverage`.
        area_of: The deepest area of a point.
        no_way_in: As in `pool.pool`.

    Raises:
        NotThere: If the area is none, or has no outline.
    """
    asked = question.of
    codes, whole = areas_asked(asked, atlas.areas)
    found = pool(asked, atlas, now, no_way_in=no_way_in)
    lonlat, rows, basis = atlas.sites.lonlat[found.rows], found.rows[found.sure], basis_of(asked, ground)
    bare = ~covered(asked, ground, lonlat[found.sure])
    still = bare & ~covered(asked, ground, lonlat[found.maybe]) if found.hourly else None
    on_foot = None
    if ground.walking is not None and basis == "network":
        on_foot = Afoot(ground.walking.network, lonlat[found.sure], asked.longest_m, question.tolerance_by(basis))
    told: list[Told] = []
    estimated_m2 = 0.0
    for code in codes:
        outline = outline_of(code)
        if outline is None and len(codes) > 1:
            continue  # one of several that has no outline has no gaps; asked for alone it is refused
        inside = np.flatnonzero(bare & ground.demand.within(atlas.areas.subtree(code)))
        outline = _drawn(outline, code, atlas)
        if on_foot is None:
            left = _straight(question, outline, lonlat[found.sure], ground.demand.lonlat[inside])
        else:
            outline = _moved(outline, on_foot.network.epsg)
            left = _on_foot(on_foot, outline, ground.demand.lonlat[inside])
            estimated_m2 += left.estimated_m2
        told += _of_area(code, outline, left, ground.demand, inside, still)
    told.sort(key=lambda one: (-one.people, -one.gap.area_m2))
    shown = [one._replace(rank=rank) for rank, one in enumerate(told[:question.top], 1)]
    shown = [one._replace(area_code=code) for one, code in zip(shown, _area_codes(shown, area_of, atlas), strict=True)]
    shown = [one._replace(hosts=_hosts(one, atlas), nearest=_nearest(one.gap, rows, atlas)) for one in shown]
    return GapsAnswer(question, asked.at or now, whole, tuple(shown), len(told), sum(one.people for one in told),
                      _circle(outline_of(whole), rows, atlas), basis, _people_off(ground, codes, outline_of, atlas),
                      None if on_foot is None else estimated_m2, ground.demand)


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


class _Left(NamedTuple):
    """The gaps of one area."""

    gaps: Sequence[Gap]
    bases: Sequence[str]
    of_point: Rows
    """(p,) in which of them each of its people who are not covered stands, -1: in none."""
    points: Floats
    """(p, 2) where these are on the outline's grid."""
    estimated_m2: float


def _straight(question: GapsQuestion, outline: Outline, sites: LonLat, people: LonLat) -> _Left:
    radius_m = question.of.straight_m
    found = gaps.gaps(outline.geometry, _on_grid(sites, outline), radius_m, tolerance_m=question.tolerance_by("straight"))
    points = _on_grid(people, outline)
    which = regions.of_points(points, [gap.polygon for gap in found], rim_m=regions.grid_rim_m(radius_m))
    return _Left(found, ["straight"] * len(found), which, points, 0.0)


def _on_foot(on_foot: Afoot, outline: Outline, people: LonLat) -> _Left:
    points = _on_grid(people, outline)
    left = on_foot.gaps(outline.geometry, points)
    return _Left([one.gap for one in left.gaps], ["network" if one.along_streets else "estimate" for one in left.gaps], left.of_point,
                 points, left.estimated_m2)


def _moved(outline: Outline, epsg: int) -> Outline:
    """Return an outline on another grid."""
    if outline.epsg == epsg:
        return outline
    return Outline(shapely.transform(outline.geometry, lambda points: earth.on_grid(earth.off_grid(points, epsg=outline.epsg), epsg=epsg)), epsg)


def _people_off(ground: Ground, codes: Sequence[str], outline_of: OutlineOf, atlas: Atlas) -> float | None:
    """Return the people of areas whom no street is near."""
    if ground.walking is None:
        return None
    parts = Parts([frozenset().union(*(atlas.areas.subtree(code) for code in codes if outline_of(code) is not None))], ground.demand)
    return float(parts.sums(np.where(ground.walking.points.found, 0.0, ground.demand.people))[0])


def _of_area(code: str, outline: Outline, left: _Left, demand: Demand, inside: Rows, still: Bits | None) -> list[Told]:
    """Return the gaps of one area, unranked.

    `inside` are those of its people who are not covered, `still` tells who is not even where unknown hours are open.
    """
    weights, points = demand.people[inside], left.points
    found = []
    for number, (gap, basis) in enumerate(zip(left.gaps, left.bases, strict=True)):
        own = left.of_point == number
        people = float(weights[own].sum())
        closed = None if still is None else float(weights[own & still[inside]].sum())
        middle = np.average(points[own], axis=0, weights=weights[own]) if people else np.array(gap.farthest)
        [farthest, at] = earth.off_grid(np.array([gap.farthest, middle]), epsg=outline.epsg).tolist()
        found.append(Told(0, gap, basis, _degrees(gap.polygon, outline), (farthest[0], farthest[1]), (at[0], at[1]), people, closed, code, None, ()))
    return found


def _on_grid(lonlat: LonLat, outline: Outline) -> Any:
    return earth.on_grid(lonlat, epsg=outline.epsg) if len(lonlat) else np.empty((0, 2))


def _degrees(polygon: shapely.Polygon, outline: Outline) -> shapely.Polygon:
    return shapely.transform(polygon, lambda points: np.round(earth.off_grid(points, epsg=outline.epsg), 7))


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
