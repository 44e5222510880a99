"""What bounds the gaps of an area: pieces of a union's arcs and of the outline, and which follows which.

A boundary of a gap goes, the gap on its left, along the outline until it enters a disc, then clockwise along that
circle: until it leaves the area, or until the next circle takes over (`discs`). Everything is chained by the numbers
of edges and discs, not by coordinates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from locator.arrays import Bits, Rows
from locator.crossings import Crossings
from locator.discs import Degenerate, Union

Floats = NDArray[np.float64]


class Pieces(NamedTuple):
    """Parts of gaps' boundaries, and which follows which."""

    arc: Rows
    """(p,) the arc, or -1 where the piece runs along the outline."""
    begin: Floats
    """(p,) radians from the arc's start at which the piece ends for a gap, which runs clockwise; or share of an edge."""
    end: Floats
    first: Rows
    """(p,) of the outline: the edge it begins on."""
    last: Rows
    following: Rows


def whole_rings(start: Floats, ring: Rows, crossings: Crossings, union: Union) -> tuple[Rows, Rows]:
    """Return the outline's rings that no arc crosses and no disc covers, and those that are crossed.

    Raises:
        Degenerate: If a crossed ring does not enter and leave by turns.
    """
    crossed, of = np.unique(ring[crossings.edge], return_inverse=True)
    same = np.flatnonzero((of[1:] == of[:-1]) & (crossings.enters[1:] == crossings.enters[:-1]))
    count = np.bincount(of, minlength=len(crossed))
    balance = np.bincount(of, np.where(crossings.enters, 1, -1), minlength=len(crossed))
    if len(same) or (count % 2).any() or balance.any():
        raise Degenerate
    numbers, first = np.unique(ring, return_index=True)
    others = ~np.isin(numbers, crossed)
    numbers, corner = numbers[others], start[first[others]]
    return numbers[~union.covers(corner)], crossed


def joined(outline: shapely.Geometry, ring: Rows, crossings: Crossings, union: Union, crossed: Rows) -> Pieces:
    """Return the pieces of arcs inside the area and of the outline outside the discs, each with the next.

    Raises:
        Degenerate: If an arc is both inside the area and outside it.
    """
    arcs, count = union.arcs, len(crossings.edge)
    by_arc = np.lexsort((crossings.turn, crossings.arc))
    on_arc, enters = crossings.arc[by_arc], crossings.enters[by_arc]
    begins_inside = _begins_inside(outline, union, on_arc, enters)
    # an arc turns counterclockwise: where the outline leaves the disc it comes into the area, where it enters, it goes out
    whole = np.flatnonzero(begins_inside)
    opened = np.concatenate([whole, on_arc[~enters]])
    opened_at = np.concatenate([np.zeros(len(whole)), crossings.turn[by_arc][~enters]])
    opened_by = np.concatenate([np.full(len(whole), -1), by_arc[~enters]])
    ends_inside = begins_inside.copy()
    last = np.flatnonzero(np.append(on_arc[1:] != on_arc[:-1], True)) if count else np.empty(0, np.intp)
    ends_inside[on_arc[last]] = ~enters[last]
    through = np.flatnonzero(ends_inside)
    closed = np.concatenate([on_arc[enters], through])
    closed_at = np.concatenate([crossings.turn[by_arc][enters], arcs.sweep[through]])
    closed_by = np.concatenate([by_arc[enters], np.full(len(through), -1)])
    if len(opened) != len(closed):
        raise Degenerate
    into, out = np.lexsort((opened_at, opened)), np.lexsort((closed_at, closed))
    opened, opened_at, opened_by = opened[into], opened_at[into], opened_by[into]
    closed, closed_at, closed_by = closed[out], closed_at[out], closed_by[out]
    if not np.array_equal(opened, closed) or (opened_at > closed_at).any():
        raise Degenerate
    pieces = len(opened)
    leaving = np.flatnonzero(~crossings.enters)
    next_entering = _next_on_ring(ring[crossings.edge], crossed)[leaving]
    # which piece ends, counterclockwise, where: a gap comes along it from there
    at_crossing = np.full(count, -1)
    at_crossing[closed_by[closed_by >= 0]] = np.flatnonzero(closed_by >= 0)
    at_end = np.full(len(arcs.disc), -1)
    at_end[closed[closed_by < 0]] = np.flatnonzero(closed_by < 0)
    outline_piece = np.full(count + 1, -1)  # the last one is for -1, which is no crossing
    outline_piece[leaving] = pieces + np.arange(len(leaving))
    preceding = np.empty(len(arcs.disc), np.intp)
    preceding[union.following] = np.arange(len(arcs.disc))
    following = np.concatenate([np.where(opened_by >= 0, outline_piece[opened_by], at_end[preceding[opened]]), at_crossing[next_entering]])
    if (following < 0).any():
        raise Degenerate
    nothing = np.full(pieces, -1)
    return Pieces(np.concatenate([opened, np.full(len(leaving), -1)]),
                   np.concatenate([opened_at, crossings.along[leaving]]), np.concatenate([closed_at, crossings.along[next_entering]]),
                   np.concatenate([nothing, crossings.edge[leaving]]), np.concatenate([nothing, crossings.edge[next_entering]]), following)


def _begins_inside(outline: shapely.Geometry, union: Union, on_arc: Rows, enters: Bits) -> Bits:
    """Return (a,) whether each arc begins inside the area; `on_arc` and `enters` are the crossings by arc and turn.

    Raises:
        Degenerate: If an arc does not go in and out by turns, or the arc before it ends elsewhere.
    """
    count = len(union.arcs.disc)
    if ((on_arc[1:] == on_arc[:-1]) & (enters[1:] == enters[:-1])).any():
        raise Degenerate
    first = np.flatnonzero(np.append(True, on_arc[1:] != on_arc[:-1])) if len(on_arc) else np.empty(0, np.intp)
    last = np.append(first[1:], len(on_arc)) - 1 if len(first) else first
    begins, ends = np.full(count, -1, np.int8), np.full(count, -1, np.int8)
    begins[on_arc[first]], ends[on_arc[first]] = enters[first], ~enters[last]
    parted = union.parted
    if (begins[union.following[parted]] > 0).any() or (ends[parted] > 0).any():
        raise Degenerate
    begins[union.following[parted]] = ends[parted] = 0  # out of reach of the area
    order, lengths = chained(union.following)
    of = np.repeat(np.arange(len(lengths)), lengths)
    known = np.zeros(len(lengths), bool)
    known[of[ends[order] >= 0]] = True
    alone = np.flatnonzero(~known)
    if len(alone):
        arc = order[(np.cumsum(lengths) - lengths)[alone]]
        angle = union.arcs.start[arc] + union.arcs.sweep[arc] / 2
        at = union.centres[union.arcs.disc[arc]] + union.radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
        shapely.prepare(outline)
        begins[arc] = ends[arc] = shapely.contains_xy(outline, at)
    # go round each chain twice from arc to arc: what one ends as, the next begins as
    twice = np.repeat(lengths, 2 * lengths)
    nth = np.arange(2 * count) - np.repeat(2 * (np.cumsum(lengths) - lengths), 2 * lengths)
    sequence = order[np.repeat(np.cumsum(lengths) - lengths, 2 * lengths) + nth % twice]
    told = np.flatnonzero(ends[sequence] >= 0)
    latest = np.full(len(sequence), -1)
    latest[told] = told
    latest = np.maximum.accumulate(np.append(-1, latest[:-1])) if len(sequence) else latest
    second = np.flatnonzero(nth >= twice)
    arrives = ends[sequence[latest[second]]]
    arc = sequence[second]
    if ((begins[arc] >= 0) & (begins[arc] != arrives)).any():
        raise Degenerate
    begins[arc] = arrives
    return begins.astype(bool)


def _next_on_ring(ring: Rows, crossed: Rows) -> Rows:
    """Return (x,) the crossing after each, round its ring; crossings are in order."""
    following = np.arange(1, len(ring) + 1)
    following[np.searchsorted(ring, crossed, side="right") - 1] = np.searchsorted(ring, crossed)
    return following


def chained(following: Rows) -> tuple[Rows, Rows]:
    """Return the members of each cycle of a permutation, one cycle after another, and (c,) the length of each.

    A cycle begins with its smallest member; the cycle whose that is smaller comes first.
    """
    count = len(following)
    smallest, jump = np.arange(count), following
    for _ in range(count.bit_length()):  # each step looks twice as far ahead
        smallest, jump = np.minimum(smallest, smallest[jump]), jump[jump]
    begins, cycle, lengths = np.unique(smallest, return_inverse=True, return_counts=True)
    last = np.empty(count, np.intp)
    last[following] = np.arange(count)
    last = last[begins]
    left, jump = np.ones(count, np.intp), following.copy()
    left[last], jump[last] = 0, last
    for _ in range(count.bit_length()):
        left, jump = left + left[jump], jump[jump]
    order = np.empty(count, np.intp)
    order[(np.cumsum(lengths) - 1)[cycle] - left] = np.arange(count)
    return order, lengths.astype(np.intp)
