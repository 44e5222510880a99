"""In which of many regions each of many points lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from locator.arrays import Rows
from locator.ranges import spread

_RIM_M, _STRETCH = 2.0, 0.0008
_POINTS_A_TILE = 128


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
    if not len(points) or not len(regions):
        return found
    order, begin, tiles = _tiled(points)
    end = np.append(begin[1:], len(order))
    tree = shapely.STRtree(tiles)
    which, tile = tree.query(regions, predicate="intersects")
    whole = np.isin(which * len(tiles) + tile, np.array([len(tiles), 1]) @ tree.query(regions, predicate="contains_properly"))
    for number, within, cut in zip(range(len(regions)), _grouped(which[whole], tile[whole], len(regions)),
                                   _grouped(which[~whole], tile[~whole], len(regions)), strict=True):
        found[order[spread(begin[within], end[within])]] = number
        some = order[spread(begin[cut], end[cut])]
        some = some[found[some] < 0]
        if len(some):
            shapely.prepare(regions[number])
            found[some[shapely.intersects_xy(regions[number], points[some])]] = number
    rest = np.flatnonzero(found < 0)
    if rim_m > 0 and len(rest):
        point, region_row = shapely.STRtree(regions).query_nearest(shapely.points(points[rest]), max_distance=rim_m, all_matches=False)
        found[rest[point]] = region_row
    return found


def _tiled(points: NDArray[np.float64]) -> tuple[Rows, Rows, NDArray[np.object_]]:
    """Return the points by square tiles, where each tile's begin, and (t,) the tiles; no tile is empty."""
    x, y = np.ascontiguousarray(points.T)
    west, south = float(x.min()), float(y.min())
    ground = max(float(x.max()) - west, 1.0) * max(float(y.max()) - south, 1.0)
    side = max(float(np.sqrt(ground * _POINTS_A_TILE / len(points))), 1.0)
    column, row = ((along / side).astype(np.int32) for along in (x - west, y - south))
    keys = row.astype(np.int64) * (int(column.max()) + 1) + column
    order = np.argsort(keys, kind="stable")
    begin = np.flatnonzero(np.diff(keys[order], prepend=-1))
    left, low = west + column[order[begin]] * side, south + row[order[begin]] * side
    slack = 1e-6 * side  # of rounding
    return order, begin, shapely.box(left - slack, low - slack, left + side + slack, low + side + slack)


def _grouped(which: Rows, tiles: Rows, count: int) -> list[Rows]:
    order = np.argsort(which, kind="stable")
    return np.split(tiles[order], np.searchsorted(which[order], np.arange(1, count)))
