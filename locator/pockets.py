"""The gaps of one area with the people in them: who is not covered is given, and each stands in one gap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import earth, gaps, regions
from locator.afoot import Afoot, Footing
from locator.arrays import Bits, Codes, LonLat, Rows
from locator.demand import Demand
from locator.gaps import Gap
from locator.outlines import Outline

Floats = NDArray[np.float64]
_DECIMALS = 7
"""Of degrees: a centimetre."""
_HAIR_DEG = 1e-8
"""A millimetre."""


class Pocket(NamedTuple):
    """A gap, and who is in it."""

    gap: Gap
    """Metres on the grid; `row` among the sites that count; `farthest_m` by `basis`."""
    basis: str
    """Of the metres to its farthest point: straight; network: on foot along streets; estimate: on foot, the straight line times the detour."""
    polygon: shapely.Polygon
    """WGS-84 degrees; valid, with all of the gap's ground."""
    farthest: tuple[float, float]
    """(longitude, latitude) WGS-84."""
    middle: tuple[float, float]
    """Of its people; where it has none, `farthest`."""
    people: float
    people_if_unknown_open: float | None
    """Of them who stay uncovered where unknown hours are open; None where hours do not count."""
    areas: tuple[tuple[int, float], ...]
    """Of its people by the areas they lie in, most first: the position in `Demand.area_sets`, and how many."""


class Who(NamedTuple):
    """The people of an area who are not covered, by column."""

    at: Floats
    """(p, 2) metres on the grid of what is asked about them."""
    people: Floats
    areas: Codes
    """(p,) as `Demand.areas`."""
    still: Bits | None
    """(p,) who is not even where unknown hours are open; None where hours do not count."""


def who(demand: Demand, at: Floats, rows: Rows, still: Bits | None) -> Who:
    """Return some rows of a demand; `at`, where its points are on a grid, and `still` are of all of it."""
    return Who(at[rows], demand.people[rows], demand.areas[rows], None if still is None else still[rows])


def within(outlines: Sequence[Outline], sites: LonLat, radius_m: float, people: Sequence[Who], *, fold: int,
           tolerance_m: float) -> list[list[Pocket]]:
    """Return the gaps that a radius leaves of each of some areas, the largest first.

    Args:
        outlines: The areas, on one grid.
        sites: (s, 2) degrees.
        radius_m: As for `gaps.gaps`.
        people: Of each area those within the radius of fewer than `fold` sites by the geodesic.
        fold: As for `gaps.gaps`.
        tolerance_m: As for `gaps.gaps`.
    """
    if not outlines:
        return []
    epsg, rim_m = outlines[0].epsg, regions.grid_rim_m(radius_m)
    found = gaps.gaps_of([outline.geometry for outline in outlines], on_grid(sites, epsg), radius_m, fold=fold, tolerance_m=tolerance_m)
    return [_peopled(own, ["straight"] * len(own), regions.of_points(some.at, [gap.polygon for gap in own], rim_m=rim_m), some, epsg)
            for own, some in zip(found, people, strict=True)]


def on_foot(area: Footing, afoot: Afoot, people: Who) -> tuple[list[Pocket], float]:
    """Return the gaps of a walk along streets, the largest first, and the area's ground that no street is near, square metres."""
    epsg = afoot.network.epsg
    left = afoot.gaps(area, people.at)
    bases = ["network" if one.along_streets else "estimate" for one in left.gaps]
    return _peopled([one.gap for one in left.gaps], bases, left.of_point, people, epsg), left.estimated_m2


def on_grid(lonlat: LonLat, epsg: int) -> Floats:
    """Return (n, 2) metres on a grid; n may be 0."""
    return earth.on_grid(lonlat, epsg=epsg) if len(lonlat) else np.empty((0, 2))


def _peopled(found: Sequence[Gap], bases: Sequence[str], which: Rows, people: Who, epsg: int) -> list[Pocket]:
    if not found:
        return []
    inside = which >= 0
    which, points, weights = which[inside], people.at[inside], people.people[inside]
    sums = np.bincount(which, weights, minlength=len(found))
    closed = [None] * len(found) if people.still is None else np.bincount(which, weights * people.still[inside], minlength=len(found)).tolist()
    farthest = np.array([gap.farthest for gap in found])
    here = farthest[0]  # about a point near by, so that the products keep their digits
    moments = np.column_stack([np.bincount(which, weights * (along - about), minlength=len(found))
                               for along, about in zip(points.T, here, strict=True)])
    middle = np.divide(moments, sums[:, None], out=farthest - here, where=sums[:, None] > 0) + here
    far, mid = (earth.off_grid(some, epsg=epsg).tolist() for some in (farthest, middle))
    polygons = _in_degrees([gap.polygon for gap in found], epsg)
    return [Pocket(gap, basis, polygon, (at[0], at[1]), (among[0], among[1]), count, left, own) for gap, basis, polygon, at, among, count, left, own
            in zip(found, bases, polygons, far, mid, sums.tolist(), closed, _by_area(which, people.areas[inside], weights, len(found)), strict=True)]


def _in_degrees(polygons: Sequence[shapely.Polygon], epsg: int) -> NDArray[np.object_]:
    """Return polygons in degrees, each valid and whole: with seven decimals; where a part is narrower than those, with every digit.

    A gap is connected, so it is one polygon: where part of it is narrower than any digit, all of it is a millimetre wider.
    """
    exact = shapely.transform(polygons, lambda corners: earth.off_grid(corners, epsg=epsg))
    found: NDArray[np.object_] = shapely.transform(exact, lambda corners: np.round(corners, _DECIMALS))
    narrow = np.flatnonzero(~shapely.is_valid(found))
    found[narrow] = exact[narrow]
    pinched = narrow[~shapely.is_valid(found[narrow])]
    found[pinched] = shapely.buffer(found[pinched], _HAIR_DEG, join_style="mitre")
    return found


def _by_area(which: Rows, areas: Codes, weights: Floats, count: int) -> list[tuple[tuple[int, float], ...]]:
    """Return the people of each gap by area."""
    many = int(areas.max(initial=0)) + 1
    keys, place = np.unique(which * many + areas, return_inverse=True)
    sums = np.bincount(place, weights, minlength=len(keys))
    gap, area = keys // many, keys % many
    order = np.lexsort((area, -sums, gap))
    ends = np.searchsorted(gap[order], np.arange(count + 1)).tolist()
    pairs = list(zip(area[order].tolist(), sums[order].tolist(), strict=True))
    return [tuple(pair for pair in pairs[begin:end] if pair[1] > 0) for begin, end in pairwise(ends)]
