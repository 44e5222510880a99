"""The nearest of many straight segments to each of many points, exactly, in a plane of metres.

Every segment is cut into pieces of at most `PIECE_M`. A piece lies within half its length of its middle, so
of the segments whose pieces' middles are not among the k nearest ones none is nearer than the k-th middle less
that half: where the best of the k is nearer still, it is the nearest of all. Where it is not, k grows.

Source of the bound: the triangle inequality; of the tree: pykdtree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pykdtree.kdtree import KDTree

from locator.arrays import Metres, Rows

PIECE_M = 40.0
_FIRST, _MORE = 8, 3
"""Middles looked at first, and by how much more where they do not settle it."""
_AT_ONCE = 1 << 18
"""Pairs of a point and a piece measured together: what a processor keeps at hand."""
_ROUNDING_M = 1e-6
"""Far more than rounding does to distances of metres in a country's grid (4 nm)."""

Plane = NDArray[np.float64]
"""(n, 2) metres east and north."""


class Nearest(NamedTuple):
    """Of each point the nearest segment."""

    row: Rows
    """(n,) -1 where there is none within the limit."""
    share: NDArray[np.float64]
    """(n,) where on it the nearest spot lies: 0 at its beginning, 1 at its end; 0 where there is none."""
    metres: Metres
    """(n,) straight from the point to that spot; infinite where there is none."""


class Segments:
    """Straight segments, ready to be asked which one is nearest. A segment may be a single point."""

    def __init__(self, begins: Plane, ends: Plane) -> None:
        """Take (e, 2) beginnings and (e, 2) ends, in metres of one plane, finite."""
        self._middle = begins.mean(axis=0) if len(begins) else np.zeros(2)  # small numbers round less
        self._begins, self._ends = begins - self._middle, ends - self._middle
        self._segment, middles, longest_m = cut(self._begins, self._ends)
        run = self._ends - self._begins
        square = run[:, 0] ** 2 + run[:, 1] ** 2
        # column by column: the processor reads what it needs and no more
        self._columns = tuple(np.ascontiguousarray(column) for column in (*self._begins.T, *run.T, 1 / np.where(square > 0, square, 1.0)))
        self._half_m = longest_m / 2 + _ROUNDING_M
        self._tree = KDTree(middles) if len(middles) else None

    def nearest(self, points: Plane, *, within_m: float = np.inf) -> Nearest:
        """Return the nearest segment of each point; of equally near ones the first.

        Args:
            points: (n, 2) metres in the plane of the segments; where either is NaN there is no nearest.
            within_m: Farthest distance, inclusive.
        """
        found = Nearest(np.full(len(points), -1, np.intp), np.zeros(len(points)), np.full(len(points), np.inf))
        if self._tree is None:
            return found
        points = points - self._middle
        left, most = np.flatnonzero(np.isfinite(points).all(axis=1)), _FIRST
        while len(left):
            most = min(most, len(self._segment))
            step = max(1, _AT_ONCE // most)
            unsettled = [self._settle(points, left[at:at + step], most, within_m, found) for at in range(0, len(left), step)]
            left, most = np.concatenate(unsettled), most * _MORE
        return found

    def _settle(self, points: Plane, rows: Rows, most: int, within_m: float, found: Nearest) -> Rows:
        """Write down the nearest of a few points among their `most` nearest middles; return those it does not settle."""
        here = points[rows]
        assert self._tree is not None
        apart_m, piece = self._tree.query(here, k=most)
        apart_m, segment = apart_m.reshape(len(rows), most), self._segment[piece].reshape(len(rows), most)
        squares = self._measure(here[:, :1], here[:, 1:], segment)[1]
        least = squares.min(axis=1)
        best_m = np.sqrt(least)
        row = np.where(squares == least[:, None], segment, len(self._begins)).min(axis=1)
        settled = apart_m[:, -1] - self._half_m > np.minimum(best_m, within_m)
        if most == len(self._segment):
            settled[:] = True
        there = settled & (best_m <= within_m)
        found.row[rows[there]] = row[there]
        found.share[rows[there]] = self._measure(here[there, 0], here[there, 1], row[there])[0]
        found.metres[rows[there]] = best_m[there]
        unsettled: Rows = rows[~settled]
        return unsettled

    def _measure(self, x: Metres, y: Metres, segment: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (share, square metres) of each point's nearest spot on a segment of its own."""
        begin_x, begin_y, run_x, run_y, inverse = (column[segment] for column in self._columns)
        off_x, off_y = x - begin_x, y - begin_y
        share = np.clip((off_x * run_x + off_y * run_y) * inverse, 0.0, 1.0)
        off_x -= run_x * share
        off_y -= run_y * share
        # an end that two segments share is equally far from both, whichever of their ends it is
        last = np.nonzero(share == 1.0)
        end, whose = self._ends[segment[last]], last[0]
        off_x[last], off_y[last] = x.ravel()[whose] - end[:, 0], y.ravel()[whose] - end[:, 1]
        return share, off_x * off_x + off_y * off_y


def cut(begins: Plane, ends: Plane) -> tuple[Rows, Plane, float]:
    """Return the pieces of segments, each at most `PIECE_M` long: (p,) segments, (p, 2) middles, and the longest's metres."""
    run = ends - begins
    length_m = np.hypot(run[:, 0], run[:, 1])
    pieces = np.maximum(np.ceil(length_m / PIECE_M), 1).astype(np.intp)
    segment = np.repeat(np.arange(len(begins)), pieces)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    middles: Plane = begins[segment] + run[segment] * ((nth + 0.5) / pieces[segment])[:, None]
    return segment, middles, float((length_m / pieces).max(initial=0.0))
