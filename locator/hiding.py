"""Which of many equal circles lie hidden in the discs about others, as far as a few nearest neighbours tell.

Where one neighbour stops hiding a circle another must go on; so it is enough to look at the spots where their parts end.
Nothing is said of what is hidden by less than rounding could take away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pykdtree.kdtree import KDTree

from locator.arrays import Bits, Rows

Floats = NDArray[np.float64]
_NEAREST = 8
"""So many neighbours hide most circles whole."""
_SURELY = np.float32(1e-4)
"""By how much of a square radius, half of it, a spot must lie in a disc to be hidden without a closer look; rounding leaves 1e-6."""
_LEAST = np.float32(1e-12)
"""Of square radii: of centres that are nearer to each other nothing is said."""
_AT_ONCE = 1 << 15
"""Neighbours looked at together: what a processor keeps at hand."""


def distinct(points: Floats) -> tuple[Floats, Rows]:
    """Return the different ones of (n, 2) points, those farthest west first, then south, and how many there are of each."""
    order, first = _in_order(points)
    return points[order[first]], np.diff(np.append(np.flatnonzero(first), len(points)))


def _in_order(points: Floats) -> tuple[Rows, Bits]:
    order = np.lexsort((points[:, 1], points[:, 0]))
    some = points[order]
    return order, np.append(True, (some[1:] != some[:-1]).any(axis=1))[:len(some)]


def hidden(centres: Floats, radius_m: float) -> Bits:
    """Return (n,) circles that surely lie within other discs: no such centre is the nearest of all to a point beyond the radius.

    From such a point the way to the centre enters the disc at a spot that another centre is nearer to.
    """
    order, first = _in_order(centres)
    each = centres[order[first]]
    found = np.zeros(len(centres), bool)
    if len(each):
        found[order] = by_nearest(np.arange(len(each)), KDTree(each), each, radius_m, _NEAREST)[np.cumsum(first) - 1]
    return found


def by_nearest(which: Rows, tree: KDTree, centres: Floats, radius_m: float, many: int) -> Bits:
    """Return (w,) whether a circle's nearest neighbours surely hide all of it: where the part that one hides ends, another hides it.

    All is seen from the circle's own centre. A spot of the circle is in the disc about b where spot . b >= b . b / 2.
    """
    near = tree.query(centres[which], k=many + 1, distance_upper_bound=2 * radius_m)[1].reshape(len(which), -1)[:, 1:]
    some = np.flatnonzero(near[:, 0] < len(centres))
    found = np.zeros(len(which), bool)
    step = max(_AT_ONCE // many, 1)
    for begin in range(0, len(some), step):
        own = some[begin:begin + step]
        others = near[own].T
        others = np.where(others < len(centres), others, others[0])  # fewer: the first again
        away = (centres[others] - centres[which[own]]) / radius_m
        x, y = np.ascontiguousarray(away[..., 0], np.float32), np.ascontiguousarray(away[..., 1], np.float32)
        square = x * x + y * y
        clear = square.min(axis=0) > _LEAST
        up = np.sqrt(np.maximum(1 / np.maximum(square, _LEAST) - np.float32(0.25), 0))
        spot_x, spot_y, enough = x / 2 - y * up, y / 2 + x * up, square / 2 + _SURELY
        for at_x, at_y in zip(spot_x, spot_y, strict=True):
            clear &= (x * at_x + y * at_y > enough).any(axis=0)
        found[own] = clear
    return found
