"""Where nobody is reached, or by too few: what equal discs leave of areas, as exact regions bounded by arcs and edges.

A point exactly on a radius is covered, so gaps are open: two that touch in a point are two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from locator import discs, emptiest, farthest, rings, shells
from locator.arrays import Rows
from locator.emptiest import Corners
from locator.errors import BadValue
from locator.shells import Polygons
from locator.united import United

Floats = NDArray[np.float64]
TOLERANCE_M = 1.0
_ON_EDGE_M = 1e-6
_FIRST_LOOK = 256


class Gap(NamedTuple):
    """A connected part of an area from which no site is within the radius, or fewer than k are."""

    polygon: shapely.Polygon
    """For drawing: corners exact, arcs replaced by chords no farther from them than the tolerance."""
    area_m2: float
    """Of the exact region."""
    farthest: tuple[float, float]
    """Its point that is farthest from every site, of several sites from the k-th nearest, metres."""
    farthest_m: float
    """How far the nearest site, or the k-th nearest, is from there; infinite where there is none."""
    row: int
    """Which site that is, of several equally far but for rounding the smallest; -1 where there is none."""


def gaps(outline: shapely.Geometry, sites: Floats, radius_m: float, *, fold: int = 1, tolerance_m: float = TOLERANCE_M) -> list[Gap]:
    """Return the connected parts of an area from which fewer than `fold` sites are within a radius, the largest first.

    Args:
        outline: A valid polygon or multipolygon, metres on a plane; holes are not part of it.
        sites: (n, 2) metres on the same plane, in the area or outside it; n may be 0.
        radius_m: Of every site; a point exactly so far away is covered.
        fold: At least 1; equal sites count one by one. Of more than 1 the farthest point is one of those from which no other of
            the gap is more than `farthest.TOLERANCE_M` farther; of 1 it is exact.
        tolerance_m: How far a polygon's chords may be from the arcs that they stand for.

    Returns:
        The gaps; none where everything is covered or the area is empty. Parts of less than 0.001 square metres, which rounding
        leaves where a boundary touches another, are none.

    Raises:
        BadRadius: If the radius is not positive metres.
        BadValue: If the tolerance is not positive metres, or the outline is not valid.
    """
    return gaps_of([outline], sites, radius_m, fold=fold, tolerance_m=tolerance_m)[0]


def gaps_of(outlines: Sequence[shapely.Geometry], sites: Floats, radius_m: float, *, fold: int = 1,
            tolerance_m: float = TOLERANCE_M) -> list[list[Gap]]:
    """Return the `gaps` of each of some areas, on one plane; what they share is worked out once."""
    united, regions = _regions(outlines, sites, radius_m, fold, tolerance_m)
    tree = discs.tree_of(united.sites)
    inner = None
    if fold == 1 and united.suspects is not None and len(united.suspects) and any(len(polygons) for polygons, _ in regions):
        inner = emptiest.vertices(united.suspects, united.box, tree, beyond_m=radius_m)
    found = []
    for outline, region in zip(united.outlines, regions, strict=True):
        own = _told(*region, outline, tree, radius_m, fold, inner)
        x, y = united.middle.tolist()
        found.append([gap._replace(polygon=polygon, farthest=(gap.farthest[0] + x, gap.farthest[1] + y))
                      for gap, polygon in zip(own, _moved(region[0], united), strict=True)])
    return found


def polygons(outline: shapely.Geometry, sites: Floats, radius_m: float, *, fold: int = 1, tolerance_m: float = TOLERANCE_M) -> Polygons:
    """Return (g,) the polygons of `gaps` alone, in their order: the farthest point of each can take longer than they do."""
    united, [(found, _)] = _regions([outline], sites, radius_m, fold, tolerance_m)
    return _moved(found, united)


def _regions(outlines: Sequence[shapely.Geometry], sites: Floats, radius_m: float, fold: int,
             tolerance_m: float) -> tuple[United, list[tuple[Polygons, Floats]]]:
    """Return areas and discs about one middle, and of each area the polygons of its gaps, the largest first, and their exact areas."""
    if not 0 < tolerance_m < np.inf:
        raise BadValue("tolerance", tolerance_m, zh="应为大于 0 的米数", en="must be metres above 0")
    united = United(outlines, sites, radius_m, fold=fold)
    found = []
    for rings_of_it in united.each(partial(rings.rings, tolerance_m=tolerance_m)):
        some, areas = (np.empty(0, object), np.empty(0)) if rings_of_it is None else shells.put_together(*rings_of_it)
        order = np.lexsort((*shapely.bounds(some).reshape(-1, 4).T[::-1], -areas))
        found.append((some[order], areas[order]))
    return united, found


def _moved(polygons: Polygons, united: United) -> Polygons:
    """Return polygons about the middle where they are on the plane."""
    return np.asarray(shapely.transform(polygons, lambda points: points + united.middle), object)


def _told(polygons: Polygons, areas: Floats, outline: shapely.Geometry, tree: cKDTree, radius_m: float, fold: int,
          inner: Corners | None) -> list[Gap]:
    """Return the gaps of one area, each with its farthest point; `inner` as in `emptiest.corners`."""
    if not len(polygons):
        return []
    if tree.n < fold:
        return [Gap(polygon, area, _any_point(polygon), float("inf"), -1) for polygon, area in zip(polygons.tolist(), areas.tolist(), strict=True)]
    if fold == 1:
        at = _farthest_corners(polygons, emptiest.corners(outline, tree, beyond_m=radius_m, inner=inner))
        rows = emptiest.first_of_nearest(tree, at)
    else:
        at = farthest.farthest(polygons, tree, fold)
        rows = farthest.nth_nearest(tree, at, fold)
    metres = np.hypot(*(at - tree.data[rows]).T)
    return [Gap(polygon, area, (x, y), far, row) for polygon, area, (x, y), far, row
            in zip(polygons.tolist(), areas.tolist(), at.tolist(), metres.tolist(), rows.tolist(), strict=True)]


def _farthest_corners(polygons: Polygons, corners: Corners) -> Floats:
    """Return (p, 2) the farthest of some points in each polygon."""
    order = np.argsort(-corners.metres, kind="stable")
    best = _first_in(polygons, corners.points[order])
    return np.array([corners.points[order[place]] if place < len(order) else _any_point(polygon)  # too thin for a corner to lie in its chords
                     for polygon, place in zip(polygons.tolist(), best.tolist(), strict=True)])


def _first_in(polygons: Polygons, points: Floats) -> Rows:
    """Return (p,) the first of (n, 2) points in each polygon; n where none is.

    A point where an outline's edge was cut lies on that edge but for rounding.
    """
    best = np.full(len(polygons), len(points))
    waiting, begin, size = np.arange(len(polygons)), 0, _FIRST_LOOK
    while len(waiting) and begin < len(points):  # large gaps have most of the points, and one of the first
        some = shapely.points(points[begin:begin + size])
        region, point = shapely.STRtree(some).query(polygons[waiting], predicate="dwithin", distance=_ON_EDGE_M)
        np.minimum.at(best, waiting[region], begin + point)
        waiting, begin, size = waiting[best[waiting] == len(points)], begin + size, size * 4
    return best


def _any_point(polygon: shapely.Polygon) -> tuple[float, float]:
    at = polygon.representative_point()
    return at.x, at.y
