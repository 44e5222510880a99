"""In which of many regions each of many points lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from locator.arrays import Rows

_RIM_M, _STRETCH = 2.0, 0.0008


def grid_rim_m(radius_m: float) -> float:
    """Return how far outside a gap that was drawn on the grid a point may lie that is beyond a radius by the geodesic."""
    return _RIM_M + _STRETCH * radius_m


def of_points(points: NDArray[np.float64], regions: Sequence[shapely.Polygon], *, rim_m: float = 0.0) -> Rows:
    """Return in which region each point lies.

    Args:
        points: (n, 2) metres.
        regions: Polygons on the same plane that do not overlap; a point on the border of two lies in the first.
        rim_m: A point in none belongs to the nearest region that is no farther than this.

    Returns:
        (n,) positions in `regions`; -1: in none.
    """
    found = np.full(len(points), -1, np.intp)
    order = np.argsort(points[:, 0], kind="stable")
    x, y = points[order, 0], points[order, 1]
    left = np.ones(len(points), bool)
    for number, region in enumerate(regions):
        west, south, east, north = region.bounds
        first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
        near = first + np.flatnonzero(left[first:last] & (y[first:last] >= south) & (y[first:last] <= north))
        if len(near):
            shapely.prepare(region)
            own = near[shapely.intersects_xy(region, x[near], y[near])]
            found[order[own]] = number
            left[own] = False
    rest = order[left]
    if rim_m > 0 and len(rest) and len(regions):
        point, region_row = shapely.STRtree(regions).query_nearest(shapely.points(points[rest]), max_distance=rim_m, all_matches=False)
        found[rest[point]] = region_row
    return found
