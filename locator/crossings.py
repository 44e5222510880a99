"""Where an outline crosses the boundary of a union of discs.

A point is worked out once, where an edge crosses a circle, and decides alone on both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from locator import discs
from locator.arrays import Bits, Rows
from locator.discs import Degenerate, Union

Floats = NDArray[np.float64]
_TAU = 2 * np.pi


class Crossings(NamedTuple):
    """Where the outline enters a disc or leaves it, outside every other disc; along its rings in order."""

    edge: Rows
    along: Floats
    """(x,) share of the edge."""
    enters: Bits
    arc: Rows
    """(x,) the exposed arc that is crossed."""
    turn: Floats
    """(x,) radians from that arc's start."""


def crossings_of(start: Floats, end: Floats, union: Union) -> Crossings:
    """Return where edges cross exposed arcs.

    Raises:
        Degenerate: If an edge or a corner only touches a circle.
    """
    seen = np.unique(union.arcs.disc)
    half = np.hypot(*(end - start).T) / 2
    nearby = cKDTree(union.centres[seen]).query_ball_point((start + end) / 2, union.radius_m + half)
    counts = np.fromiter(map(len, nearby), np.intp, len(nearby))
    edge = np.repeat(np.arange(len(start)), counts)
    disc = seen[np.fromiter((one for some in nearby for one in some), np.intp, counts.sum())]
    from_centre, to_centre = start[edge] - union.centres[disc], end[edge] - union.centres[disc]
    begins_in, ends_in = inside(from_centre, union.radius_m), inside(to_centre, union.radius_m)
    way = to_centre - from_centre
    square = (way * way).sum(axis=1)
    along = -(from_centre * way).sum(axis=1) / square
    depth = along * along - ((from_centre * from_centre).sum(axis=1) - union.radius_m**2) / square
    passes = (along > 0) & (along < 1)
    touch = discs.TOUCH * union.radius_m**2
    at_corner = np.abs((from_centre * from_centre).sum(axis=1) - union.radius_m**2) < touch
    if at_corner.any() or (passes & (np.abs(depth * square) < touch)).any():
        raise Degenerate
    through = ~begins_in & ~ends_in & (depth > 0) & passes
    apart = np.sqrt(np.maximum(depth, 0.0))
    enters = np.flatnonzero((~begins_in & ends_in) | through)
    leaves = np.flatnonzero((begins_in & ~ends_in) | through)
    pair = np.concatenate([enters, leaves])
    share = np.clip(np.concatenate([along[enters] - apart[enters], along[leaves] + apart[leaves]]), 0.0, 1.0)
    entering = np.arange(len(pair)) < len(enters)
    at = from_centre[pair] + way[pair] * share[:, None]
    arc, turn = _arc_at(union, disc[pair], np.mod(np.arctan2(at[:, 1], at[:, 0]), _TAU))
    kept = np.flatnonzero(arc >= 0)
    kept = kept[np.lexsort((share[kept], edge[pair][kept]))]
    return Crossings(edge[pair][kept], share[kept], entering[kept], arc[kept], turn[kept])


def inside(from_centre: Floats, radius_m: float) -> Bits:
    """Return (n,) whether a disc holds points, each given from its centre; one on the circle is held."""
    return np.asarray((from_centre * from_centre).sum(axis=1) <= radius_m**2)


def _arc_at(union: Union, disc: Rows, angle: Floats) -> tuple[Rows, Floats]:
    """Return (q,) the exposed arc of a disc at an angle, -1 where it is hidden, and how far along the arc that is."""
    arcs = union.arcs
    count = len(arcs.disc)
    both, told = np.concatenate([arcs.disc, disc]), np.concatenate([arcs.start, angle])
    order = np.lexsort((np.arange(len(both)) >= count, told, both))
    passed = np.where(order < count, order, -1)
    latest = np.empty(len(both), np.intp)
    latest[order] = np.maximum.accumulate(passed)  # arcs are in this order themselves
    latest = latest[count:]
    last = np.searchsorted(arcs.disc, disc, side="right") - 1
    own = (latest >= 0) & (arcs.disc[latest] == disc)
    arc = np.where(own, latest, last)  # before the first start only an arc that goes past the whole turn can be
    turn = np.mod(angle - arcs.start[arc], _TAU)
    hidden = (turn >= arcs.sweep[arc]) | (arcs.disc[arc] != disc)
    return np.where(hidden, -1, arc), turn
