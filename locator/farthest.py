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

from locator.arrays import Bits, Metres, Rows

Floats = NDArray[np.float64]
Polygons = NDArray[np.object_]
TOLERANCE_M = 1.0
_FEW, _FINEST_M = 8, 0.005
"""So many of a region's boxes are cut on although they hold no more than the tolerance, until their corners are so near: most
points are right to a centimetre."""
_AT_ONCE = 1 << 16
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
        kept = kept[_meet(regions, owner[kept], middle[kept], half)]
        owner, middle, reach_m, metres = owner[kept], middle[kept], reach_m[kept], metres[kept]
        inside = shapely.intersects_xy(regions[owner], middle)
        _take(best, best_m, owner[inside], middle[inside], metres[inside])
        last = reach_m <= _FINEST_M
        ends = np.flatnonzero(last & ~inside)  # some spot of the region is in the box all the same
        spots = shapely.get_coordinates(shapely.shortest_line(regions[owner[ends]], shapely.points(middle[ends])))[::2]
        _take(best, best_m, owner[ends], spots, _nth_m(tree, spots, nth))
        kept = ~last & _worth_it(owner, metres + reach_m, best_m)
        half = half / 2
        middle = (middle[kept, None] + _QUARTERS * half[owner[kept], None]).reshape(-1, 2)
        owner = np.repeat(owner[kept], len(_QUARTERS))
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


def _meet(regions: Polygons, owner: Rows, middle: Floats, half: Floats) -> Bits:
    """Return (b,) whether some spot of its region is in a box."""
    found = np.empty(len(owner), bool)
    for begin in range(0, len(owner), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        own = half[owner[some]]
        found[some] = shapely.intersects(regions[owner[some]], shapely.box(*(middle[some] - own).T, *(middle[some] + own).T))
    return found


def _worth_it(owner: Rows, most_m: Metres, best_m: Metres) -> Bits:
    """Return (b,) which boxes are looked at further: all that may hold more than the tolerance, and of a region's others the first few."""
    order = np.lexsort((-most_m, owner))
    first = np.empty(len(owner), bool)
    first[order] = np.arange(len(order)) - np.searchsorted(owner[order], owner[order]) < _FEW
    return np.asarray((most_m > best_m[owner]) & (first | (most_m > best_m[owner] + TOLERANCE_M)))
