"""The boundaries of gaps as closed rings for drawing, and exactly how much ground each goes round.

Areas are Green's theorem over arcs and edges; only the points for drawing are of chords, within a tolerance.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import boundaries, discs, emptiest
from locator.arrays import Rows
from locator.boundaries import Pieces
from locator.crossings import crossings_of
from locator.discs import Union

Floats = NDArray[np.float64]


def rings(outline: shapely.Geometry, union: Union, tolerance_m: float) -> tuple[list[Floats], Floats]:
    """Return the boundaries of the gaps as closed rings, and the exact area that each goes round, negative clockwise.

    Raises:
        Degenerate: If two crossings contradict each other.
    """
    start, end, ring = emptiest.edges(outline)
    crossings = crossings_of(start, end, union)
    untouched, crossed = boundaries.whole_rings(start, ring, crossings, union)
    pieces = boundaries.joined(outline, ring, crossings, union, crossed)
    order, lengths = boundaries.chained(pieces.following)
    least = np.repeat(np.where(lengths == 2, 2, 1), lengths)  # two circles meet in a lens: one chord each is no ring
    points, areas, counts = _drawn(pieces, order, start, end, ring, union, tolerance_m, least)
    of = np.repeat(np.arange(len(lengths)), lengths)
    sizes = np.bincount(of, counts, minlength=len(lengths)).astype(np.intp)
    found = np.split(points, np.cumsum(sizes)[:-1]) if len(sizes) else []
    exact = np.bincount(of, areas, minlength=len(lengths)).astype(np.float64)
    for number in untouched:
        own = start[ring == number]
        found.append(own)
        exact = np.append(exact, _shoelace(own, np.roll(own, -1, axis=0)).sum())
    return found, exact


def _drawn(pieces: Pieces, order: Rows, start: Floats, end: Floats, ring: Rows, union: Union,
           tolerance_m: float, least: Rows) -> tuple[Floats, Floats, Rows]:
    """Return the points of pieces in an order, (p,) the exact area that each adds, and (p,) how many points it has, of an arc at `least`.

    The point where a piece ends is the first of the next.
    """
    areas, counts = np.zeros(len(order)), np.ones(len(order), np.intp)
    curved = np.flatnonzero(pieces.arc[order] >= 0)
    piece = order[curved]
    disc, from_start = union.arcs.disc[pieces.arc[piece]], union.arcs.start[pieces.arc[piece]]
    sweep = pieces.end[piece] - pieces.begin[piece]
    areas[curved] = -discs.swept_m2(union.centres[disc], union.radius_m, from_start + pieces.begin[piece], sweep)
    step = min(2 * np.arccos(max(1 - tolerance_m / union.radius_m, 0.0)), np.pi / 2)  # what goes round discs turns once: four points
    counts[curved] = np.maximum(np.ceil(sweep / step), least[curved]).astype(np.intp)
    straight = np.flatnonzero(pieces.arc[order] < 0)
    first_of = np.searchsorted(ring, ring)
    length_of = np.searchsorted(ring, ring, side="right") - first_of
    for place in straight.tolist():
        one = order[place]
        edge, last = pieces.first[one], pieces.last[one]
        around = (last - edge) % length_of[edge]
        if last == edge and pieces.end[one] < pieces.begin[one]:
            around = length_of[edge]
        counts[place] = around + 1
    begins = np.cumsum(counts) - counts
    points = np.empty((counts.sum(), 2))
    which = np.repeat(np.arange(len(curved)), counts[curved])
    step_of = np.arange(len(which)) - np.repeat(np.cumsum(counts[curved]) - counts[curved], counts[curved])
    angle = (from_start + pieces.end[piece])[which] - sweep[which] * step_of / counts[curved][which]
    points[begins[curved][which] + step_of] = union.centres[disc[which]] + union.radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
    for place in straight.tolist():
        one = order[place]
        edge, last = pieces.first[one], pieces.last[one]
        base, length = first_of[edge], length_of[edge]
        corners = base + (edge - base + 1 + np.arange(counts[place] - 1)) % length
        own = points[begins[place]:begins[place] + counts[place]]
        own[0] = start[edge] + (end[edge] - start[edge]) * pieces.begin[one]
        own[1:] = start[corners]
        until = start[last] + (end[last] - start[last]) * pieces.end[one]
        areas[place] = _shoelace(own, np.concatenate([own[1:], until[None]])).sum()
    return points, areas, counts


def _shoelace(start: Floats, end: Floats) -> Floats:
    return np.asarray((start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]) / 2)
