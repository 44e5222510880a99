"""What a union of equal discs looks like from outside: its arcs, which of them follow which, its exact area.

On a circle every other disc nearer than twice the radius hides one interval of angles; what no interval
hides is boundary. Where an arc ends, the disc that hides the rest carries the boundary on, so the arcs are
chained by the numbers of discs, not by coordinates. The area is Green's theorem over the arcs: no polygon
stands between the discs and the figure. Method: Aurenhammer, "Improved algorithms for discs and balls using
power diagrams", J. Algorithms 9 (1988), for equal radii without the diagram.

Three circles through one point have no order of their own there, and two that touch share a point and no arc.
Where that happens the centres are moved by up to `NUDGE_M`, the same way every time, the radius grows by as much
as keeps touching discs together, and everything is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pykdtree.kdtree import KDTree
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from locator import hiding
from locator.arrays import Bits, Rows
from locator.errors import BadRadius

NUDGE_M = 1e-6
"""A boundary of a million metres encloses a few square metres more for it."""

Floats = NDArray[np.float64]
_TAU = 2 * np.pi
_NEAREST_FIRST = (8, 16)
"""So many neighbours hide most circles whole; only the others are asked for more, and at last for all of theirs."""
TRIES = 4
"""So often are centres nudged."""
TOUCH = 1e-12
"""Boundaries that come so close, as a share of the radius, touch."""


class Degenerate(ArithmeticError):
    """Boundaries meet in a point where rounding cannot say which comes first; `nudged` centres do not."""


class Arcs(NamedTuple):
    """The boundary of a union, counterclockwise about each centre, by disc and then by `start`."""

    disc: Rows
    """(a,) whose circle."""
    start: Floats
    """(a,) radians within [0, 2 pi)."""
    sweep: Floats
    """(a,) radians within (0, 2 pi]."""
    before: Rows
    """(a,) the disc that hides what is before the start; -1 of a whole circle."""
    after: Rows
    """(a,) the disc that hides what is after the end; -1 of a whole circle."""


@dataclass(frozen=True)
class Union:
    """Equal discs, none of them twice, and what is seen of them."""

    centres: Floats
    """(n, 2) metres on a plane."""
    radius_m: float
    arcs: Arcs
    following: Rows
    """(a,) the arc that goes on where each ends; a whole circle follows itself."""
    tree: cKDTree
    """Of the centres."""
    fold: int = 1
    """More: what is seen of the ground that at least so many discs cover, see `folds`."""
    counts: Rows | None = None
    """(n,) how many discs are about each centre, where it takes more than one."""

    @property
    def parted(self) -> Rows:
        """The arcs whose follower does not begin where they end: what went on between is left out of this union."""
        arcs, following = self.arcs, self.following
        return np.flatnonzero((arcs.after >= 0) & ((arcs.after != arcs.disc[following]) | (arcs.before[following] != arcs.disc)))

    def covers(self, points: Floats) -> Bits:
        """Return (p,) which of (p, 2) points lie in the union, or in so many discs; one on the boundary does."""
        if not len(self.centres):
            return np.zeros(len(points), bool)
        if self.counts is not None:
            near = self.tree.query_ball_point(points, self.radius_m)
            return np.array([self.counts[some].sum() >= self.fold for some in near], bool)
        return np.asarray(self.tree.query(points)[0] <= self.radius_m)

    @cached_property
    def area_m2(self) -> float:
        """The area of the union, exact but for rounding; overlaps count once."""
        return float(swept_m2(self.centres[self.arcs.disc] - self._middle, self.radius_m, self.arcs.start, self.arcs.sweep).sum())

    @cached_property
    def perimeter_m(self) -> float:
        """The length of the boundary, holes included."""
        return float(self.arcs.sweep.sum() * self.radius_m)

    @property
    def _middle(self) -> Floats:
        return self.centres.mean(axis=0) if len(self.centres) else np.zeros(2)


def union(centres: Floats, radius_m: float) -> Union:
    """Return the union of the closed discs about (n, 2) centres in metres; n may be 0, centres may be equal.

    Discs that touch in a point share no boundary: each stays a whole circle there.

    Raises:
        BadRadius: If the radius is not a positive, finite number of metres.
    """
    check_radius(radius_m)
    for tried, radius in nudged(hiding.distinct(np.asarray(centres, np.float64).reshape(-1, 2))[0], radius_m):
        try:
            return exactly(tried, radius)
        except Degenerate:
            continue
    raise AssertionError("nudged centres still meet in one point")  # pragma: no cover - no three of millions do by chance


def check_radius(radius_m: float) -> None:
    """Refuse a radius that is not a positive, finite number of metres."""
    if not 0 < radius_m < np.inf:
        raise BadRadius("radius", radius_m, zh="应为大于 0 的米数", en="must be metres above 0")


def nudged(centres: Floats, radius_m: float) -> Iterator[tuple[Floats, float]]:
    """Yield centres and radius as they are, then, some times, each centre moved by up to `NUDGE_M` each way.

    The radius then grows by twice that, so that what touched or overlapped still does.
    """
    yield centres, radius_m
    for seed in range(TRIES):
        yield centres + np.random.default_rng(seed).uniform(-NUDGE_M, NUDGE_M, centres.shape), radius_m + 2 * NUDGE_M


def swept_m2(centres: Floats, radius_m: float, start: Floats, sweep: Floats) -> Floats:
    """Return (a,) what each arc adds to the area it goes round counterclockwise: half of x dy - y dx along it."""
    end = start + sweep
    across, up = np.cos(end) - np.cos(start), np.sin(end) - np.sin(start)
    return np.asarray(0.5 * radius_m * (radius_m * sweep + centres[:, 0] * up - centres[:, 1] * across))


def exactly(centres: Floats, radius_m: float) -> Union:
    """Return the union of discs none of which is there twice.

    Raises:
        Degenerate: If two of them touch, or three circles meet in a point of the boundary.
    """
    tree = tree_of(centres)
    arcs = _exposed(centres, radius_m, tree)
    own = np.flatnonzero(arcs.before < 0)
    following = np.empty(len(arcs.disc), np.intp)
    following[own] = own
    met = np.flatnonzero(arcs.before >= 0)
    begins = arcs.disc[met] * len(centres) + arcs.before[met]
    goes_on = arcs.after[met] * len(centres) + arcs.disc[met]
    order = np.argsort(begins)
    place = np.searchsorted(begins, goes_on, sorter=order)
    place = order[np.minimum(place, max(len(order) - 1, 0))]
    if not np.array_equal(begins[place], goes_on) or len(np.unique(place)) < len(place):
        raise Degenerate
    following[met] = met[place]
    return Union(centres, radius_m, arcs, following, tree)


def tree_of(points: Floats) -> cKDTree:
    """Return a tree of (n, 2) points: one that is quickly made, and asked as quickly where points are not all in a heap."""
    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def _exposed(centres: Floats, radius_m: float, tree: cKDTree) -> Arcs:
    """Return the arcs that no other disc hides."""
    count = len(centres)
    if not count:
        nobody = np.empty(0, np.intp)
        return Arcs(nobody, np.empty(0), np.empty(0), nobody, nobody)
    reach = 2 * radius_m * (1 + TOUCH)
    open_to, nearest = np.arange(count), KDTree(centres)
    for many in _NEAREST_FIRST:
        open_to = open_to[~hiding.by_nearest(open_to, nearest, centres, radius_m, many)]
    pairs = cKDTree(centres[open_to]).sparse_distance_matrix(tree, reach, output_type="ndarray")
    disc, other = open_to[pairs["i"]], pairs["j"].astype(np.intp)
    return _left(open_to, disc[disc != other], other[disc != other], centres, radius_m)


def _left(discs: Rows, disc: Rows, other: Rows, centres: Floats, radius_m: float) -> Arcs:
    """Return what is left of the circles of `discs` where, for each pair, `other` hides its part of `disc`."""
    away = centres[other] - centres[disc]
    distance = np.hypot(away[:, 0], away[:, 1])
    if (distance > 2 * radius_m * (1 - TOUCH)).any():
        raise Degenerate
    half = np.arccos(distance / (2 * radius_m))
    begin = np.mod(np.arctan2(away[:, 1], away[:, 0]) - half, _TAU)
    begin[begin >= _TAU] = 0.0  # a tiny negative angle comes back as a whole turn
    end = begin + 2 * half
    over = end > _TAU
    disc, other = np.concatenate([disc, disc[over]]), np.concatenate([other, other[over]])
    begin, end = np.concatenate([begin, np.zeros(over.sum())]), np.concatenate([np.minimum(end, _TAU), end[over] - _TAU])
    order = _grouped(disc, np.argsort(begin), len(centres))
    disc, other, begin, end = disc[order], other[order], begin[order], end[order]
    hid = np.zeros(len(centres), bool)
    hid[disc] = True
    alone = discs[~hid[discs]]
    whole = Arcs(alone, np.zeros(len(alone)), np.full(len(alone), _TAU), np.full(len(alone), -1), np.full(len(alone), -1))
    if not len(disc):
        return whole
    # the interval that reaches farthest so far, of each circle: ranks instead of angles, so that nothing is rounded
    rank = np.empty(len(end), np.int64)
    by_rank = np.argsort(end, kind="stable")
    rank[by_rank] = np.arange(len(end))
    first = np.flatnonzero(np.concatenate([[True], disc[1:] != disc[:-1]]))
    last = np.append(first[1:], len(disc)) - 1
    group = np.repeat(np.arange(len(first)), last - first + 1) * len(end)
    farthest = by_rank[np.maximum.accumulate(rank + group) - group]
    between = np.flatnonzero((disc[1:] == disc[:-1]) & (begin[1:] > end[farthest[:-1]])) + 1
    held, goes = farthest[between - 1], between
    round_again = first[begin[first] + _TAU > end[farthest[last]]]
    held = np.concatenate([held, farthest[last][begin[first] + _TAU > end[farthest[last]]]])
    goes = np.concatenate([goes, round_again])
    start, sweep = end[held], begin[goes] - end[held]
    sweep[sweep <= 0] += _TAU
    start[start >= _TAU] -= _TAU
    found = Arcs(disc[goes], start, sweep, other[held], other[goes])
    both = [np.concatenate([ours, theirs]) for ours, theirs in zip(found, whole, strict=True)]
    order = np.lexsort((both[1], both[0]))
    return Arcs(*(column[order] for column in both))


def _grouped(group: Rows, order: Rows, count: int) -> Rows:
    """Return an order of rows by their group, a number below `count`, and within a group as they stand in `order`: counted, not sorted."""
    table = coo_array((order, (group[order], np.arange(len(order)))), shape=(count, len(order))).tocsr()
    return np.asarray(table.data)
