"""What of a plane lies in at least k of equal discs, from outside: its arcs, and which of them follow which.

Its boundary is made of those parts of circles that k - 1 other discs cover: on one side of them k cover, on the other
k - 1. Where such a part ends another circle crosses, and carries the boundary on: the one that comes in where this one
goes in deeper than k, the one that goes out where this one comes out shallower. Discs about one centre are one circle that
counts several times. Everything else is as in `discs`, whose `Union` it is with k = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from locator import discs
from locator.arrays import Bits, Rows
from locator.discs import Arcs, Degenerate, Union

Floats = NDArray[np.float64]
_TAU = 2 * np.pi
_NEAREST_FIRST = 8
"""For each of the k: so many neighbours cover most circles deeper than that everywhere."""
_SURELY = 1e-9
_AT_ONCE = 1 << 14


class _Events(NamedTuple):
    """Where other discs begin and end to cover circles, by circle, then by angle."""

    disc: Rows
    other: Rows
    begins: Bits
    angle: Floats
    deep: Rows
    """(e,) how many other discs cover the circle from there to the next of its events."""


def exactly(centres: Floats, radius_m: float, fold: int, counts: Rows) -> Union:
    """Return what at least `fold` discs cover.

    Args:
        centres: (n, 2) metres, none of them twice.
        radius_m: Of every disc.
        fold: At least 2.
        counts: (n,) how many discs are about each centre.

    Raises:
        Degenerate: If two of them touch, or three circles meet in a point of the boundary.
    """
    tree = cKDTree(centres)
    blocks = np.array_split(np.arange(len(centres)), -(-len(centres) * fold // _AT_ONCE) or 1)
    open_to = np.concatenate([some[~_deeper(some, centres, radius_m, fold, counts, tree)] for some in blocks])
    arcs, starts, ends = _arcs(_events(open_to, centres, radius_m, counts, tree), open_to, len(centres), fold, counts)
    following = np.arange(len(arcs.disc))
    met = np.flatnonzero(arcs.before >= 0)
    order = np.argsort(starts[met])
    place = np.searchsorted(starts[met], ends[met], sorter=order)
    place = order[np.minimum(place, max(len(order) - 1, 0))]
    if not np.array_equal(starts[met][place], ends[met]) or len(np.unique(place)) < len(place):
        raise Degenerate
    following[met] = met[place]
    return Union(centres, radius_m, arcs, following, tree, fold, counts)


def _deeper(which: Rows, centres: Floats, radius_m: float, fold: int, counts: Rows, tree: cKDTree) -> Bits:
    """Return (w,) which circles their nearest neighbours alone surely cover at least `fold` times everywhere."""
    many = min(_NEAREST_FIRST * fold, len(centres) - 1)
    if many < 1:
        return np.zeros(len(which), bool)
    metres, near = tree.query(centres[which], k=np.arange(2, many + 2), distance_upper_bound=2 * radius_m)
    there = near < len(centres)
    near = np.where(there, near, 0)
    away = centres[near] - centres[which, None]
    half = np.where(there, np.arccos(np.minimum(np.where(there, metres, 0.0) / (2 * radius_m), 1.0)) - _SURELY, 0.0)
    begin = np.mod(np.arctan2(away[..., 1], away[..., 0]) - half, _TAU)
    end = begin + 2 * half
    weight = np.where(there & (half > 0), counts[near], 0)
    first = np.where(end > _TAU, weight, 0).sum(axis=1)
    angle = np.concatenate([begin, np.where(end > _TAU, end - _TAU, end)], axis=1)
    step = np.concatenate([weight, -weight], axis=1)
    order = np.argsort(angle, axis=1, kind="stable")
    deep = first[:, None] + np.cumsum(np.take_along_axis(step, order, axis=1), axis=1)
    return np.asarray((deep.min(axis=1) >= fold) & (first >= fold))


def _events(which: Rows, centres: Floats, radius_m: float, counts: Rows, tree: cKDTree) -> _Events:
    pairs = cKDTree(centres[which]).sparse_distance_matrix(tree, 2 * radius_m * (1 + discs.TOUCH), output_type="ndarray") if len(which) else None
    if pairs is None:
        nobody = np.empty(0, np.intp)
        return _Events(nobody, nobody, np.empty(0, bool), np.empty(0), nobody)
    disc, other = which[pairs["i"]], pairs["j"].astype(np.intp)
    disc, other = disc[disc != other], other[disc != other]
    away = centres[other] - centres[disc]
    metres = np.hypot(away[:, 0], away[:, 1])
    if (metres > 2 * radius_m * (1 - discs.TOUCH)).any():
        raise Degenerate
    half = np.arccos(metres / (2 * radius_m))
    middle = np.arctan2(away[:, 1], away[:, 0])
    begin, end = (np.mod(angle, _TAU) for angle in (middle - half, middle + half))
    begin[begin >= _TAU] = 0.0  # a tiny negative angle comes back as a whole turn
    end[end >= _TAU] = 0.0
    at_start = np.bincount(disc, np.where(begin > end, counts[other], 0), minlength=len(centres)).astype(np.intp)
    both, others = np.concatenate([disc, disc]), np.concatenate([other, other])
    begins, angle = np.arange(len(both)) < len(disc), np.concatenate([begin, end])
    order = np.lexsort((angle, both))
    both, others, begins, angle = both[order], others[order], begins[order], angle[order]
    if ((both[1:] == both[:-1]) & (angle[1:] == angle[:-1])).any():
        raise Degenerate
    risen = np.cumsum(np.where(begins, counts[others], -counts[others]))
    first = np.flatnonzero(np.append(True, both[1:] != both[:-1])) if len(both) else np.empty(0, np.intp)
    before = np.repeat(np.append(0, risen)[first], np.diff(np.append(first, len(both))))
    return _Events(both, others, begins, angle, at_start[both] + risen - before)


def _arcs(events: _Events, which: Rows, count: int, fold: int, counts: Rows) -> tuple[Arcs, Rows, Rows]:
    """Return the arcs with, for each, a key of how it starts, and the key of how the one that follows it does; -1 of a whole circle."""
    bounds = (events.deep < fold) & (events.deep + counts[events.disc] >= fold)
    size = np.bincount(events.disc, minlength=count)
    begin = np.cumsum(size) - size
    place = np.arange(len(bounds)) - begin[events.disc]
    previous = begin[events.disc] + (place - 1) % np.maximum(size[events.disc], 1)
    starts = np.flatnonzero(bounds & ~bounds[previous])
    stops = np.flatnonzero(~bounds & bounds[previous])
    # on each circle they take turns: the stop of a start is the next one round
    stop_of = _next_round(events.disc, starts, stops, count)
    sweep = np.mod(events.angle[stop_of] - events.angle[starts], _TAU)
    always = np.bincount(events.disc, bounds, minlength=count) == size
    whole = which[always[which] & ((size[which] > 0) | (counts[which] >= fold))]
    nothing = np.full(len(whole), -1)
    columns = [np.concatenate(pair) for pair in (
        (events.disc[starts], whole), (events.angle[starts], np.zeros(len(whole))), (sweep, np.full(len(whole), _TAU)),
        (events.other[starts], nothing), (events.other[stop_of], nothing))]
    own = np.concatenate([(events.disc[starts] * count + events.other[starts]) * 2 + events.begins[starts], nothing])
    goes_on = np.concatenate([(events.other[stop_of] * count + events.disc[stop_of]) * 2 + ~events.begins[stop_of], nothing])
    order = np.lexsort((columns[1], columns[0]))
    return Arcs(*(column[order] for column in columns)), own[order], goes_on[order]


def _next_round(disc: Rows, starts: Rows, stops: Rows, count: int) -> Rows:
    """Return for each start the first stop after it on its circle, or that circle's first."""
    if not len(starts):
        return starts
    after = np.searchsorted(stops, starts)
    first = np.searchsorted(disc[stops], np.arange(count))
    beyond = (after >= len(stops)) | (disc[stops[np.minimum(after, len(stops) - 1)]] != disc[starts])
    return stops[np.where(beyond, first[disc[starts]], after)]
