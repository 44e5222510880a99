"""The web's Mercator square cut into cells, zoom by zoom: which sites of a box stand in which cell.

At zoom z the square is 256 · 2^z pixels wide and a cell is 64 of them. A site's cell at the deepest zoom is
computed once; at every other zoom it is a shift of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, LonLat, Rows
from locator.errors import BadCount, BadValue

DEEPEST_ZOOM = 22
MOST_CELLS = 4096
"""Cells that one box may have room for: a screen of 4,096 by 4,096 pixels."""

_CELL_BITS = 2  # a tile of 256 pixels has four cells a side, 64 pixels each
_BITS = DEEPEST_ZOOM + _CELL_BITS
_SIDE = 1 << _BITS


class Box(NamedTuple):
    """Degrees; every edge belongs to it."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Cells:
    """The sites of a box, cell by cell, in the order of a Z through the square."""

    rows: Rows
    """(m,) rows of the table, each once."""
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    """(m,) each, degrees in the datum of the grid."""
    starts: Rows
    """(c,) where each cell's sites begin in the others; no cell is empty."""

    @property
    def counts(self) -> Rows:
        """(c,) sites in each cell, 1 or more; their sum is m."""
        return np.diff(self.starts, append=len(self.rows))


class Grid:
    """Where the sites of a table stand in the square. Beyond the square, at 85.06 degrees, the outermost cells go on to the poles.

    They are kept in Z-order, in which the sites of any cell of any zoom stand side by side.
    """

    def __init__(self, lonlat: LonLat) -> None:
        """Take (n, 2) degrees in the datum that boxes will be in; NaN stands in no box."""
        x, y = _deepest(lonlat[:, 0], lonlat[:, 1])
        along = _spread(x) | _spread(y) << 1
        self._order = np.argsort(along, kind="stable")
        self._along = along[self._order]
        self._lon, self._lat = lonlat[self._order, 0], lonlat[self._order, 1]

    def cells(self, box: Box, *, zoom: int, among: Bits) -> Cells:
        """Return the sites of a box by cell.

        Args:
            box: In the datum of the grid.
            zoom: 0 to `DEEPEST_ZOOM`.
            among: (n,) the sites that count.

        Raises:
            BadCount: If there is no such zoom.
            BadValue: If the box has room for more than `MOST_CELLS` cells.
        """
        check_room(box, zoom)
        lon, lat = self._lon, self._lat
        inside = among[self._order] & (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        found = np.flatnonzero(inside)
        cell = self._along[found] >> 2 * (_BITS - _CELL_BITS - zoom)
        begins = np.ones(len(cell), bool)
        begins[1:] = cell[1:] != cell[:-1]
        return Cells(self._order[found], lon[found], lat[found], np.flatnonzero(begins))


def check_room(box: Box, zoom: int) -> None:
    """Refuse a zoom that does not exist, and a box with room for more than `MOST_CELLS` cells at it.

    Raises:
        BadCount: If there is no such zoom.
        BadValue: If the box has room for too many.
    """
    if not 0 <= zoom <= DEEPEST_ZOOM:
        raise BadCount("zoom", zoom, zh=f"应为 0 到 {DEEPEST_ZOOM} 的整数", en=f"must be a whole number from 0 to {DEEPEST_ZOOM}")
    x, y = _deepest(np.array([box.west, box.east]), np.array([box.north, box.south]))
    shift = _BITS - _CELL_BITS - zoom
    (left, right), (top, bottom) = (x >> shift).tolist(), (y >> shift).tolist()
    cells = (right - left + 1) * (bottom - top + 1)
    if cells > MOST_CELLS:
        raise BadValue("bbox", ",".join(map(str, box)), zh=f"在 {zoom} 级有 {cells} 格，最多 {MOST_CELLS} 格：请缩小范围或降低级别",
                       en=f"{cells} cells at zoom {zoom}, at most {MOST_CELLS}: give a smaller box or a lower zoom")


def _deepest(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the columns and lines of the deepest cells; 0 for NaN, which no box holds."""
    across = (lon + 180.0) / 360.0
    # the square ends long before, and at the pole the tangent does
    down = 0.5 - np.arcsinh(np.tan(np.radians(np.clip(lat, -89.9, 89.9)))) / (2 * np.pi)
    x, y = (np.clip(np.nan_to_num(np.floor(share * _SIDE)), 0, _SIDE - 1).astype(np.int64) for share in (across, down))
    return x, y


def _spread(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers of up to 32 bits with a zero before each bit."""
    for step, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333), (1, 0x5555555555555555)):
        numbers = (numbers | numbers << step) & mask
    return numbers
