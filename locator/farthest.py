"""Where a region is farthest from its k-th nearest site.

The metres to the k-th nearest site change by no more than one moves. So no spot of a box has more of them than its middle
has and the way from there to a corner; boxes that cannot hold more than some spot of the region has are left, the others cut
in four, until none can hold `TOLERANCE_M` more. An exact diagram of the k-th nearest sites would be far dearer.

Source of the method: branch and bound over a Lipschitz function, Piyavskii (1972).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from locator.arrays import Metres, Rows

Floats = NDArray[np.float64]
Polygons = NDArray[np.object_]
TOLERANCE_M = 1.0
_FINEST_M = 0.005
"""Where a few boxes are left they are cut on until their corners are so near: most points are right to a centimetre."""
_FEW = 8
"""Of a region's boxes of a quarter of the tolerance, and again of each half as large: leaving the others costs at most twice
what their middles are from their corners, so all of it together no more than the tolerance."""
_EQUAL = 1e-9
_QUARTERS = np.array([(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)])
"""Where the middles of a box's quarters are, in halves of their sides."""


def farthest(regions: Polygons, tree: cKDTree, nth: int) -> Floats:
    """Return of each region a point from which no other of it is `TOLERANCE_M` farther from its n-th nearest site.

    Args:
        regions: (r,) valid polygons, metres on a plane.
        tree: Of all sites, at least `nth`; equal ones count one by one.
        nth: From 1.

    Returns:
        (r, 2) points; each in its region, or on its border but for rounding.
    """
    shapely.prepare(regions)
    best, best_m = _corners(regions, tree, nth)
    bounds = shapely.bounds(regions).reshape(-1, 4)
    half = (bounds[:, 2:] - bounds[:, :2]) / 2
    owner, middle = np.arange(len(regions)), (bounds[:, :2] + bounds[:, 2:]) / 2
    while len(owner):
        reach_m, metres = np.hypot(*half[owner].T), _nth_m(tree, middle, nth)
        kept = np.flatnonzero(metres + reach_m > best_m[owner])
        own = half[owner[kept]]
        kept = kept[shapely.intersects(regions[owner[kept]], shapely.box(*(middle[kept] - own).T, *(middle[kept] + own).T))]
        kept = kept[_worth_it(owner[kept], metres[kept] + reach_m[kept], reach_m[kept])]
        owner, middle, reach_m, metres = owner[kept], middle[kept], reach_m[kept], metres[kept]
        inside = shapely.intersects_xy(regions[owner], middle)
        _take(best, best_m, owner[inside], middle[inside], metres[inside])
        last = reach_m <= _FINEST_M
        ends = np.flatnonzero(last & ~inside)  # some spot of the region is in the box all the same
        spots = shapely.get_coordinates(shapely.shortest_line(regions[owner[ends]], shapely.points(middle[ends])))[::2]
        _take(best, best_m, owner[ends], spots, _nth_m(tree, spots, nth))
        owner, middle = owner[~last], middle[~last]
        half = half / 2
        middle = (middle[:, None] + _QUARTERS * half[owner][:, None]).reshape(-1, 2)
        owner = np.repeat(owner, len(_QUARTERS))
    return best


def nth_nearest(tree: cKDTree, points: Floats, nth: int) -> Rows:
    """Return (p,) the n-th nearest of the sites in a tree to each of (p, 2) points, at none of which n of them stand.

    Those equally far but for rounding are taken by row.
    """
    metres = _nth_m(tree, points, nth)
    closer, all_of_them = (tree.query_ball_point(points, metres * share) for share in (1 - _EQUAL, 1 + _EQUAL))
    return np.fromiter((sorted(set(some) - set(near))[nth - 1 - len(near)] for near, some in zip(closer, all_of_them, strict=True)),
                       np.intp, len(points))


def _nth_m(tree: cKDTree, points: Floats, nth: int) -> Metres:
    return np.asarray(tree.query(points, k=[nth])[0][:, 0])


def _corners(regions: Polygons, tree: cKDTree, nth: int) -> tuple[Floats, Metres]:
    """Return the farthest corner of each region."""
    points, owner = shapely.get_coordinates(regions, return_index=True)
    best, best_m = np.empty((len(regions), 2)), np.full(len(regions), -np.inf)
    _take(best, best_m, owner, points, _nth_m(tree, points, nth))
    return best, best_m


def _take(best: Floats, best_m: Metres, owner: Rows, points: Floats, metres: Metres) -> None:
    """Put the farthest of some points in the place of what is less far; of those equally far the first."""
    order = np.lexsort((np.arange(len(owner)), -metres, owner))
    first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    first = first[metres[first] > best_m[owner[first]]]
    best[owner[first]], best_m[owner[first]] = points[first], metres[first]


def _worth_it(owner: Rows, most_m: Metres, reach_m: Metres) -> Rows:
    """Return which boxes are looked at further: all, and of a region whose boxes are small enough already the most promising few."""
    order = np.lexsort((-most_m, owner))
    begin = np.searchsorted(owner[order], owner[order])
    fine = reach_m[order] <= TOLERANCE_M / 4
    return np.sort(order[~fine | (np.arange(len(order)) - begin < _FEW)])
