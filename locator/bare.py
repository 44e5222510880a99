"""How much of some areas a union of equal discs leaves bare: exact square metres, without drawing what is left.

Green's theorem needs no rings: what is left of an area is bounded by the parts of its edges that lie outside the discs
and, backwards, by the parts of the union's arcs that lie inside the area. One union serves many areas.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import discs, emptiest
from locator.arrays import Bits, Rows
from locator.crossings import Crossings, crossings_of
from locator.discs import Degenerate, Union
from locator.united import United

Floats = NDArray[np.float64]


def uncovered_m2(outlines: Sequence[shapely.Geometry], sites: Floats, radius_m: float, *, fold: int = 1) -> list[float]:
    """Return the area of each outline that has fewer than `fold` sites within a radius; of one, that of all its `gaps` together.

    Args:
        outlines: Valid polygons or multipolygons, metres on a plane; they may overlap.
        sites: (n, 2) metres on the same plane, anywhere; n may be 0.
        radius_m: Of every site.
        fold: At least 1; equal sites count one by one.

    Raises:
        BadRadius: If the radius is not positive metres.
        BadValue: If an outline is not valid.
    """
    return [left_m2 or 0.0 for left_m2 in United(outlines, sites, radius_m, fold=fold).each(_left_m2)]


def _left_m2(outline: shapely.Geometry, union: Union) -> float:
    """Return what a union leaves of one area.

    Raises:
        Degenerate: If two crossings contradict each other.
    """
    start, end, ring = emptiest.edges(outline)
    crossings = crossings_of(start, end, union)
    edges_m2 = (start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]) / 2
    bare = float((edges_m2 * _outside(start, ring, crossings, union)).sum()) - _inside_m2(outline, crossings, union)
    return max(bare, 0.0)


def _outside(start: Floats, ring: Rows, crossings: Crossings, union: Union) -> Floats:
    """Return (e,) which share of each edge lies outside the discs.

    Raises:
        Degenerate: If a ring does not enter and leave by turns.
    """
    of, enters = ring[crossings.edge], crossings.enters
    step = np.where(enters, -1.0, 1.0)
    first = np.flatnonzero(np.append(True, of[1:] != of[:-1])) if len(of) else np.empty(0, np.intp)
    last = np.append(first[1:], len(of)) - 1 if len(first) else first
    if ((of[1:] == of[:-1]) & (enters[1:] == enters[:-1])).any() or (enters[first] == enters[last]).any():
        raise Degenerate
    numbers, corner = np.unique(ring, return_index=True)
    begins = ~union.covers(start[corner])
    begins[np.searchsorted(numbers, of[first])] = enters[first]
    change = np.bincount(crossings.edge, step, minlength=len(ring))
    before = np.cumsum(change) - change  # what a ring adds it takes away again
    from_there = np.bincount(crossings.edge, step * (1 - crossings.along), minlength=len(ring))
    return np.asarray(begins[np.searchsorted(numbers, ring)] + before + from_there)


def _inside_m2(outline: shapely.Geometry, crossings: Crossings, union: Union) -> float:
    """Return what the parts of arcs inside an area add to the area that they go round.

    Raises:
        Degenerate: If an arc does not go in and out by turns.
    """
    arcs, order = union.arcs, np.lexsort((crossings.turn, crossings.arc))
    arc, goes_out, turn = crossings.arc[order], crossings.enters[order], crossings.turn[order]
    same = arc[1:] == arc[:-1]
    if (same & (goes_out[1:] == goes_out[:-1])).any():
        raise Degenerate
    first = np.flatnonzero(np.append(True, ~same)) if len(arc) else np.empty(0, np.intp)
    last = np.append(first[1:], len(arc)) - 1 if len(first) else first
    ends = _midway_inside(outline, union, arc)
    ends[arc[last]] = ~goes_out[last]
    # from its start to where an arc goes out counts, from its start to where it comes in is taken away again
    which = np.concatenate([arc, np.flatnonzero(ends)])
    until = np.concatenate([turn, arcs.sweep[ends]])
    sign = np.concatenate([np.where(goes_out, 1.0, -1.0), np.ones(int(ends.sum()))])
    return float((sign * discs.swept_m2(union.centres[arcs.disc[which]], union.radius_m, arcs.start[which], until)).sum())


def _midway_inside(outline: shapely.Geometry, union: Union, crossed: Rows) -> Bits:
    """Return (a,) whether the middle of each arc lies inside the area; those that are crossed need not be known."""
    arcs = union.arcs
    found = np.zeros(len(arcs.disc), bool)
    alone = np.setdiff1d(np.arange(len(found)), crossed)
    angle = arcs.start[alone] + arcs.sweep[alone] / 2
    at = union.centres[arcs.disc[alone]] + union.radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
    shapely.prepare(outline)
    found[alone] = shapely.contains_xy(outline, at)
    return found
