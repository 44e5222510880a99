"""Where nobody is served, or too few sites serve: the gaps of an area, most people first, and the emptiest circle; rows told as an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from locator import circles, earth, gaps, pockets, tiers
from locator.afoot import TOLERANCE_M, Afoot
from locator.arrays import Bits, LonLat, Rows
from locator.atlas import Atlas
from locator.demand import Demand
from locator.errors import BadCount, BadValue
from locator.gaps import Gap
from locator.ground import Ground, basis_of
from locator.lines import areas_asked, source
from locator.names import Place
from locator.outlines import OutlineOf
from locator.pool import pool
from locator.questions import CoverageQuestion
from locator.reached import covered_by
from locator.shares import Parts
from locator.words import Words

MOST_HOSTS = 5
MOST_AREAS = 5
LEAST_PEOPLE, LEAST_M2 = 1.0, 10_000.0
"""A gap with fewer people and less ground is counted, not listed, beside any that is larger."""

AreaOf = Callable[[LonLat], Sequence[str | None]]
"""Gives the deepest area of each of (n, 2) points."""


@dataclass(frozen=True, slots=True)
class GapsQuestion:
    """Where in an area is no suitable site within reach, or are there fewer than so many?"""

    of: CoverageQuestion
    top: int | None = None
    """So many gaps, those with most people; None: all."""
    tolerance_m: float | None = None
    """How far drawn edges may be from the true ones; None: `gaps.TOLERANCE_M`, and along streets `afoot.TOLERANCE_M`, never finer than that."""

    def __post_init__(self) -> None:
        if self.of.fold > 1 and self.of.week:  # whoever two sites reach, but never at one hour, stands on no ground of discs
            raise BadValue("fold", self.of.fold, zh="同时够得着几个站点的地方每小时都不同，问整周时不画；请只问某一时刻，或只看一个站点",
                           en="where several sites are within reach at once changes by the hour, and is not drawn of a whole week: "
                              "ask about an instant, or about one site")
        if self.top is not None and (isinstance(self.top, bool) or not isinstance(self.top, int) or self.top < 1):
            raise BadCount("top", self.top, zh="应为 1 以上的整数", en="must be a whole number from 1")
        if self.tolerance_m is not None and not 0 < self.tolerance_m < math.inf:
            raise BadValue("tolerance", self.tolerance_m, zh="应为大于 0 的米数", en="must be metres above 0")

    def tolerance_by(self, basis: str) -> float:
        """Return the tolerance of an answer by its basis."""
        if basis == "network":
            return max(self.tolerance_m or 0.0, TOLERANCE_M)
        return gaps.TOLERANCE_M if self.tolerance_m is None else self.tolerance_m


class Told(NamedTuple):
    """One gap, as it is told: what a `Pocket` says, and where it stands among the others."""

    rank: int
    gap: Gap
    basis: str
    polygon: shapely.Polygon
    farthest: tuple[float, float]
    middle: tuple[float, float]
    people: float
    people_if_unknown_open: float | None
    areas: tuple[tuple[int, float], ...]
    area_code: str
    """The deepest area of its farthest point, within the area that it is a gap of."""
    nearest: Mapping[str, Any] | None
    """To its farthest point the nearest site, of several the `nth`; None where there are not so many."""
    hosts: tuple[Place, ...]
    """Landmarks inside it, nearest to the middle of its people first."""
    names: tuple[tuple[str, Words, float], ...] = ()
    """The deepest areas that its people are in, those with most first, with how many; without people that of its farthest point."""

    @property
    def is_large(self) -> bool:
        """Whether it is worth a line."""
        return self.people >= LEAST_PEOPLE or self.gap.area_m2 >= LEAST_M2


@dataclass(frozen=True, slots=True)
class GapsAnswer:
    """The gaps of an area."""

    question: GapsQuestion
    as_of: datetime
    area: str
    gaps: tuple[Told, ...]
    count: int
    """Of all gaps, also those beyond `top` and those too small for a line."""
    smaller: tuple[Told, ...]
    """Those too small for a line: below both `LEAST_PEOPLE` and `LEAST_M2`; none where there are no others."""
    people: float
    """Of all gaps."""
    circle: Mapping[str, Any] | None
    """The emptiest of the area, with no site inside also where several are asked for; None where there is none: without sites, or an outline."""
    circles: tuple[tuple[str, Words, Mapping[str, Any]], ...]
    """The emptiest of each area of the tier that has one, and of the area: its code, its name, and the circle."""
    basis: str
    """As of `CoverageAnswer`."""
    estimated_people: float | None
    """Along streets: people of the area, covered or not, whom no street is near, for whom the straight line was taken; else None."""
    estimated_m2: float | None
    """The same of ground."""
    tolerance_m: float
    """How far drawn edges may be from the true ones: what was asked for, or more along very many streets."""
    demand: Demand
    notes: tuple[Words, ...] = ()
    """What is to be said of all of it: of hours, as of `pool.Pool`; of areas that are not drawn."""

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape; geometries are GeoJSON in WGS-84."""
        estimated = {} if self.estimated_m2 is None else {"estimated_people": self.estimated_people, "estimated_km2": self.estimated_m2 / 1e6}
        shapes = _geojson([told.polygon for told in self.gaps])
        return {"query": {**self.question.of.as_dict(), "top": self.question.top, "tolerance_m": self.tolerance_m},
                "gaps": [_plain(told, shape, language) for told, shape in zip(self.gaps, shapes, strict=True)],
                "count": self.count, "people": self.people, "smaller": self._smaller(), "basis": self.basis, **estimated,
                "emptiest_circle": self.circle,
                "emptiest_circles": [{"code": code, "name": words.in_language(language), **circle} for code, words, circle in self.circles],
                "demand_source": source(self.demand, language), "as_of": self.as_of.isoformat(),
                "notes": [note.in_language(language) for note in self.notes]}


    def _smaller(self) -> dict[str, Any]:
        return {"count": len(self.smaller), "people": sum(one.people for one in self.smaller),
                "area_km2": sum(one.gap.area_m2 for one in self.smaller) / 1e6,
                "below_people": LEAST_PEOPLE, "below_km2": LEAST_M2 / 1e6}


def _geojson(polygons: Sequence[shapely.Polygon]) -> list[dict[str, Any]]:
    """Return what `shapely.geometry.mapping` says of polygons; all of their points are read at once."""
    if not polygons:
        return []
    _, points, (rings, shapes) = shapely.to_ragged_array(polygons)
    listed = points.tolist()
    closed = [listed[begin:end] for begin, end in pairwise(rings.tolist())]
    return [{"type": "Polygon", "coordinates": closed[begin:end]} for begin, end in pairwise(shapes.tolist())]


def _plain(told: Told, shape: Mapping[str, Any], language: str) -> dict[str, Any]:
    (lon, lat), far = told.farthest, told.gap.farthest_m
    hours = {} if told.people_if_unknown_open is None else {"people_if_unknown_open": told.people_if_unknown_open}
    return {"rank": told.rank, "people": told.people, **hours, "area_km2": told.gap.area_m2 / 1e6, "lon": lon, "lat": lat,
            "farthest_m": far if np.isfinite(far) else None, "farthest_basis": told.basis, "area_code": told.area_code,
            "areas": [{"code": code, "name": words.in_language(language), "people": people} for code, words, people in told.names],
            "nearest_site": told.nearest, "hosts": [{"code": place.code, "name": place.words.in_language(language), "category": place.category,
                       "lon": place.lon, "lat": place.lat} for place in told.hosts],
            "geometry": shape}


def uncovered(question: GapsQuestion, atlas: Atlas, ground: Ground, now: datetime, *, outline_of: OutlineOf, area_of: AreaOf,
              no_way_in: Bits | None = None, tell: Callable[[int, int], None] | None = None) -> GapsAnswer:
    """Return the parts of an area that no suitable site reaches, or fewer than `fold` do, those with most people first, then the largest.

    Where a tier is asked for, a gap ends at the borders of that tier's areas, as far as they are drawn: see `tiers`; otherwise it may cross them.

    With hours, unknown ones count as closed. A walk goes along streets where there are some, by the rule of `reached.reached`: see `afoot`.

    Args:
        question: What is asked.
        atlas: The sites.
        ground: The people.
        now: With an offset.
        outline_of: As in `coverage`.
        area_of: The deepest area of a point.
        no_way_in: As in `pool.pool`.
        tell: Told, along streets, how many areas are done and of how many; what it raises comes out.

    Raises:
        NotThere: If the area is none, or neither it nor any of the tier has an outline.
    """
    asked = question.of
    codes, whole = areas_asked(asked, atlas.areas)
    found = pool(asked, atlas, now, no_way_in=no_way_in)
    lonlat, rows, basis = atlas.sites.lonlat[found.rows], found.rows[found.sure], basis_of(asked, ground)
    bare, *perhaps = (~bits for bits in covered_by(asked, ground, lonlat, [found.sure, found.maybe] if found.hourly else [found.sure]))
    still = perhaps[0] if found.hourly else None
    afoot = None
    if ground.walking is not None and basis == "network":
        afoot = Afoot(ground.walking.network, lonlat[found.sure], asked.longest_m, asked.fold)
    asked_of = tiers.tracts(codes, whole, bare, ground.demand, atlas.areas, outline_of)
    estimated_m2, tolerance_m = 0.0, question.tolerance_by(basis)
    if afoot is None:
        who = [pockets.who(ground.demand, ground.on_grid(one.outline.epsg), one.rows, still) for one in asked_of]
        left = pockets.within([one.outline for one in asked_of], lonlat[found.sure], asked.straight_m, who, fold=asked.fold,
                              tolerance_m=tolerance_m)
    else:
        left = []
        for done, (_, outline, some) in enumerate(asked_of):
            if tell is not None:
                tell(done, len(asked_of))
            area = ground.footing(outline, question.tolerance_by(basis))
            tolerance_m = max(tolerance_m, area.tolerance_m)
            own, beyond_m2 = pockets.on_foot(area, afoot, pockets.who(ground.demand, ground.on_grid(afoot.network.epsg), some, still))
            left.append(own)
            estimated_m2 += beyond_m2
    told = [Told(0, *pocket, one.code, None, ()) for one, own in zip(asked_of, left, strict=True) for pocket in own]
    told.sort(key=lambda one: (-one.people, -one.gap.area_m2))
    listed = [one for one in told if one.is_large] or told
    smaller = [one for one in told if not one.is_large] if len(listed) < len(told) else []
    shown = [one._replace(rank=rank) for rank, one in enumerate(listed[:question.top], 1)]
    shown = [one._replace(area_code=code) for one, code in zip(shown, _area_codes(shown, area_of, ground.demand, atlas), strict=True)]
    shown = [one._replace(hosts=hosts, nearest=_nearest(one.gap, rows, atlas, asked.fold), names=_names(one, ground.demand, atlas))
             for one, hosts in zip(shown, _hosts(shown, atlas), strict=True)]
    empty = circles.circles([*codes, whole], rows, atlas, outline_of)
    return GapsAnswer(question, asked.at or now, whole, tuple(shown), len(told), tuple(smaller), sum(one.people for one in told),
                      empty.get(whole), tuple((code, atlas.areas.told_apart(code), circle) for code, circle in empty.items()), basis,
                      None if afoot is None else _people_off(ground, tiers.ground_of(codes, whole, outline_of)),
                      None if afoot is None else estimated_m2, tolerance_m, ground.demand,
                      (*found.notes, *tiers.notes(codes, whole, asked_of, atlas.areas)))


def _names(one: Told, demand: Demand, atlas: Atlas) -> tuple[tuple[str, Words, float], ...]:
    deepest: dict[str, float] = {}
    for place, people in one.areas:
        code = demand.area_sets[place][0]
        deepest[code] = deepest.get(code, 0.0) + people
    most = sorted(deepest.items(), key=lambda pair: -pair[1])[:MOST_AREAS] or [(one.area_code, 0.0)]
    return tuple((code, atlas.areas.told_apart(code), people) for code, people in most)


def _area_codes(shown: Sequence[Told], area_of: AreaOf, demand: Demand, atlas: Atlas) -> list[str]:
    """Return the deepest area of each gap's farthest point; where that is on an outer border, of the middle of its people.

    Where neither is in an area under the one asked about, which an area of one's own has none of, it is the one that most of its people are in.
    """
    points = np.array([(one.farthest, one.middle) for one in shown]).reshape(-1, 2)
    finest = area_of(points)
    within = {code: atlas.areas.subtree(code) for code in {one.area_code for one in shown}}
    return [next((code for code in finest[2 * place:2 * place + 2] if code in within[one.area_code]), _names(one, demand, atlas)[0][0])
            for place, one in enumerate(shown)]


def _people_off(ground: Ground, inside: Sequence[str]) -> float | None:
    """Return the people of areas whom no street is near."""
    if ground.walking is None:
        return None
    parts = Parts([inside], ground.demand)
    return float(parts.sums(np.where(ground.walking.points.found, 0.0, ground.demand.people))[0])


def _nearest(gap: Gap, rows: Rows, atlas: Atlas, nth: int) -> dict[str, Any] | None:
    if gap.row < 0:
        return None
    row, value = int(rows[gap.row]), atlas.sites.value
    return {"id": value("id", row), "name": value("name", row), "distance_m": gap.farthest_m, "nth": nth}


def _hosts(shown: Sequence[Told], atlas: Atlas) -> list[tuple[Place, ...]]:
    """Return landmarks inside each gap, at one of which a site might be: nearest to the middle of the gap's people first."""
    at = np.array([(place.lon, place.lat) for place in atlas.places]).reshape(-1, 2)
    gap, place = shapely.STRtree(shapely.points(at)).query(np.array([told.polygon for told in shown], object), predicate="intersects")
    metres = earth.geodesic_m(np.array([told.middle for told in shown]).reshape(-1, 2)[gap], at[place]) if len(gap) else np.empty(0)
    order = np.lexsort((place, metres, gap))
    ends = np.searchsorted(gap[order], np.arange(len(shown) + 1)).tolist()
    return [tuple(atlas.places[one] for one in place[order][begin:end][:MOST_HOSTS].tolist()) for begin, end in pairwise(ends)]
