"""Where nobody is reached: what a union of equal discs leaves of an area, as exact regions bounded by arcs and edges.

A boundary of a gap goes, the gap on its left, along the outline until it enters a disc, then clockwise along that
circle: until it leaves the area, or until the next circle takes over (`discs`). Everything is chained by the numbers
of edges and discs; a point is worked out once, where an edge crosses a circle, and decides alone on both. Areas are
Green's theorem over arcs and edges. Only the polygons for drawing are made of chords, within a tolerance.

A point exactly on a radius is covered, so gaps are open: two that touch in a point are two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from locator import discs, emptiest
from locator.arrays import Bits, Rows
from locator.crossings import Crossings, crossings_of, inside, near
from locator.discs import Degenerate, Union
from locator.errors import BadValue

Floats = NDArray[np.float64]
Polygons = NDArray[np.object_]
_TAU = 2 * np.pi
TOLERANCE_M = 1.0
_ON_EDGE_M = 1e-6
_SLIVER_M2 = 1e-3
"""What is smaller is what rounding leaves between an edge and an arc that ought to be one point."""


class Gap(NamedTuple):
    """A connected part of an area from which no site is within the radius."""

    polygon: shapely.Polygon
    """For drawing: corners exact, arcs replaced by chords no farther from them than the tolerance."""
    area_m2: float
    """Of the exact region."""
    farthest: tuple[float, float]
    """Its point that is farthest from every site, metres."""
    farthest_m: float
    """How far the nearest site is from there; infinite where there is no site."""
    row: int
    """Which site that is, of several equally far but for rounding the smallest; -1 where there is none."""


class _Pieces(NamedTuple):
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


def gaps(outline: shapely.Geometry, sites: Floats, radius_m: float, *, tolerance_m: float = TOLERANCE_M) -> list[Gap]:
    """Return the connected parts of an area that are farther than a radius from every site, the largest first.

    Args:
        outline: A valid polygon or multipolygon, metres on a plane; holes are not part of it.
        sites: (n, 2) metres on the same plane, in the area or outside it; n may be 0.
        radius_m: Of every site; a point exactly so far away is covered.
        tolerance_m: How far a polygon's chords may be from the arcs that they stand for.

    Returns:
        The gaps; none where everything is covered or the area is empty. Parts of less than 0.001 square metres, which rounding
        leaves where a boundary touches another, are none.

    Raises:
        BadRadius: If the radius is not positive metres.
        BadValue: If the tolerance is not positive metres, or the outline is not valid.
    """
    if not 0 < tolerance_m < np.inf:
        raise BadValue("tolerance", tolerance_m, zh="应为大于 0 的米数", en="must be metres above 0")
    bare = _bare(outline, sites, radius_m, tolerance_m)
    middle = bare.middle
    found = _told(*_regions(bare.rings, bare.areas), bare.outline, bare.sites, radius_m, bare.suspects)
    polygons = shapely.transform([gap.polygon for gap in found], lambda points: points + middle)
    return [gap._replace(polygon=polygon, farthest=(gap.farthest[0] + float(middle[0]), gap.farthest[1] + float(middle[1])))
            for gap, polygon in zip(found, polygons, strict=True)]


class _Bare(NamedTuple):
    """What no disc covers, in metres from a middle, so that near numbers keep more digits."""

    middle: Floats
    outline: shapely.Geometry
    sites: Floats
    rings: list[Floats]
    areas: Floats
    suspects: Floats | None
    """Sites among which are all that are nearest to any point beyond the radius; None: any may be."""


def _bare(outline: shapely.Geometry, sites: Floats, radius_m: float, tolerance_m: float) -> _Bare:
    discs.check_radius(radius_m)
    emptiest.check_outline(outline)
    if outline.is_empty:
        return _Bare(np.zeros(2), outline, np.empty((0, 2)), [], np.empty(0), None)
    outline = shapely.orient_polygons(outline)  # the area on the left of every edge
    middle = np.array(outline.centroid.coords[0])
    here = shapely.transform(outline, lambda points: points - middle)
    sites = np.asarray(sites, np.float64).reshape(-1, 2) - middle
    close = near(here.bounds, sites, radius_m)
    distinct = np.unique(sites[close], axis=0)
    for tried, radius in discs.nudged(distinct, radius_m):
        try:
            union = discs.exactly(tried, radius)
            rings, areas = _rings(here, union, tolerance_m)
            break
        except Degenerate:
            continue
    else:
        raise AssertionError("nudged centres still meet an edge where they meet each other")  # pragma: no cover
    # whoever is nearest to a point beyond the radius shows an arc towards it; moved centres show the arcs of others
    suspects = np.concatenate([tried[np.unique(union.arcs.disc)], sites[~close]]) if tried is distinct else None
    return _Bare(middle, here, sites, rings, areas, suspects)


# --- pieces, and rings of them -------------------------------------------------------------------------


def _rings(outline: shapely.Geometry, union: Union, tolerance_m: float) -> tuple[list[Floats], Floats]:
    """Return the boundaries of the gaps as closed rings, and the exact area that each goes round, negative clockwise.

    Raises:
        Degenerate: If two crossings contradict each other.
    """
    start, end, ring = emptiest.edges(outline)
    crossings = crossings_of(start, end, union)
    untouched, crossed = _whole_rings(start, ring, crossings, union)
    pieces = _joined(outline, ring, crossings, union, crossed)
    order, lengths = _chained(pieces.following)
    points, areas, counts = _drawn(pieces, order, start, end, ring, union, tolerance_m)
    of = np.repeat(np.arange(len(lengths)), lengths)
    sizes = np.bincount(of, counts, minlength=len(lengths)).astype(np.intp)
    rings = np.split(points, np.cumsum(sizes)[:-1]) if len(sizes) else []
    exact = np.bincount(of, areas, minlength=len(lengths)).astype(np.float64)
    for number in untouched:
        own = start[ring == number]
        rings.append(own)
        exact = np.append(exact, _shoelace(own, np.roll(own, -1, axis=0)).sum())
    return rings, exact


def _whole_rings(start: Floats, ring: Rows, crossings: Crossings, union: Union) -> tuple[Rows, Rows]:
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
    if not len(union.centres):
        return numbers, crossed
    nearest = union.centres[cKDTree(union.centres).query(corner)[1]]
    return numbers[~inside(corner - nearest, union.radius_m)], crossed


def _joined(outline: shapely.Geometry, ring: Rows, crossings: Crossings, union: Union, crossed: Rows) -> _Pieces:
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
    return _Pieces(np.concatenate([opened, np.full(len(leaving), -1)]),
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
    order, lengths = _chained(union.following)
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
    sequence = np.concatenate([np.tile(order[begin:begin + length], 2) for begin, length
                               in zip((np.cumsum(lengths) - lengths).tolist(), lengths.tolist(), strict=True)]) if len(order) else order
    told = np.flatnonzero(ends[sequence] >= 0)
    latest = np.full(len(sequence), -1)
    latest[told] = told
    latest = np.maximum.accumulate(np.append(-1, latest[:-1])) if len(sequence) else latest
    second = np.concatenate([np.arange(2 * begin + length, 2 * begin + 2 * length) for begin, length in
                             zip((np.cumsum(lengths) - lengths).tolist(), lengths.tolist(), strict=True)]) if len(order) else order
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


def _chained(following: Rows) -> tuple[Rows, Rows]:
    """Return the members of each cycle of a permutation, one cycle after another, and (c,) the length of each."""
    after, seen = following.tolist(), bytearray(len(following))
    order: list[int] = []
    lengths: list[int] = []
    for begin in range(len(after)):
        if seen[begin]:
            continue
        before, at = len(order), begin
        while not seen[at]:
            seen[at] = 1
            order.append(at)
            at = after[at]
        lengths.append(len(order) - before)
    return np.array(order, np.intp), np.array(lengths, np.intp)


# --- points and areas ----------------------------------------------------------------------------------


def _shoelace(start: Floats, end: Floats) -> Floats:
    return np.asarray((start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]) / 2)


def _drawn(pieces: _Pieces, order: Rows, start: Floats, end: Floats, ring: Rows, union: Union,
           tolerance_m: float) -> tuple[Floats, Floats, Rows]:
    """Return the points of pieces in an order, (p,) the exact area that each adds, and (p,) how many points it has.

    The point where a piece ends is the first of the next.
    """
    areas, counts = np.zeros(len(order)), np.ones(len(order), np.intp)
    curved = np.flatnonzero(pieces.arc[order] >= 0)
    piece = order[curved]
    disc, from_start = union.arcs.disc[pieces.arc[piece]], union.arcs.start[pieces.arc[piece]]
    sweep = pieces.end[piece] - pieces.begin[piece]
    areas[curved] = -discs.swept_m2(union.centres[disc], union.radius_m, from_start + pieces.begin[piece], sweep)
    step = min(2 * np.arccos(max(1 - tolerance_m / union.radius_m, 0.0)), np.pi / 2)  # what goes round discs turns once: four points
    counts[curved] = np.maximum(np.ceil(sweep / step), 1).astype(np.intp)
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


# --- regions -------------------------------------------------------------------------------------------


def _regions(rings: Sequence[Floats], areas: Floats) -> tuple[Polygons, Floats]:
    """Return regions with their holes, and the exact area of each."""
    around, holes = np.flatnonzero(areas > _SLIVER_M2), np.flatnonzero(areas < -_SLIVER_M2)
    shells, gone = _filled(rings, around), _filled(rings, holes)
    within: dict[int, list[int]] = {}
    exact = areas[around]
    for hole, owner in zip(holes.tolist(), _owners(shells, exact, gone, -areas[holes]).tolist(), strict=True):
        within.setdefault(owner, []).append(hole)
        exact[owner] += areas[hole]
    polygons = shells.copy()
    for owner, own in within.items():
        polygons[owner] = shapely.Polygon(rings[around[owner]], [rings[hole] for hole in own])
    for number in np.flatnonzero(~shapely.is_valid(polygons)).tolist():
        polygons[number] = _mended(polygons[number])
    return polygons, exact


def _filled(rings: Sequence[Floats], which: Rows) -> Polygons:
    """Return (w,) polygons of some rings, nothing cut out of them."""
    if not len(which):
        return np.empty(0, object)
    own = [rings[number] for number in which.tolist()]
    return np.asarray(shapely.polygons(shapely.linearrings(np.concatenate(own), indices=np.repeat(np.arange(len(own)), [len(ring) for ring in own]))))


def _owners(shells: Polygons, shell_m2: Floats, holes: Polygons, hole_m2: Floats) -> Rows:
    """Return (h,) in which shell each hole is: the smallest about a point of it that is no smaller than the hole.

    A smaller shell that lies in the hole has the hole's inner point too; no shell that holds the hole is smaller.
    """
    inside = shapely.point_on_surface(holes)
    tree = shapely.STRtree(inside)
    shell, hole = tree.query(shells, predicate="intersects")
    missed = np.setdiff1d(np.arange(len(holes)), hole)  # by chords
    if len(missed):
        which, nearest = shapely.STRtree(shells).query_nearest(inside[missed])
        shell, hole = np.concatenate([shell, nearest]), np.concatenate([hole, missed[which]])
    order = np.lexsort((shell_m2[shell], shell_m2[shell] < hole_m2[hole], hole))
    return np.asarray(shell[order][np.searchsorted(hole[order], np.arange(len(holes)))], np.intp)


def _mended(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon whose chords cross where its arcs only come close, made valid; its largest part."""
    parts = shapely.get_parts(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    return max((part for part in parts if isinstance(part, shapely.Polygon)), key=lambda part: part.area)


def _told(polygons: Polygons, areas: Floats, outline: shapely.Geometry, sites: Floats, radius_m: float, suspects: Floats | None) -> list[Gap]:
    """Return the gaps, largest first, each with its farthest point; `suspects` as in `emptiest.corners`."""
    order = np.lexsort((*shapely.bounds(polygons).reshape(-1, 4).T[::-1], -areas))
    polygons, areas = polygons[order], areas[order]
    if not len(polygons):
        return []
    if not len(sites):
        return [Gap(polygon, area, _any_point(polygon), float("inf"), -1) for polygon, area in zip(polygons.tolist(), areas.tolist(), strict=True)]
    corners = emptiest.corners(outline, sites, beyond_m=radius_m, suspects=suspects)
    order = np.argsort(-corners.metres, kind="stable")
    # a point where an outline's edge was cut lies on that edge but for rounding
    region, point = shapely.STRtree(shapely.points(corners.points[order])).query(polygons, predicate="dwithin", distance=_ON_EDGE_M)
    best = np.full(len(polygons), len(order))
    np.minimum.at(best, region, point)
    at = np.array([corners.points[order[place]] if place < len(order) else _any_point(polygon)  # too thin for a corner to lie in its chords
                   for polygon, place in zip(polygons.tolist(), best.tolist(), strict=True)])
    rows = emptiest.first_of_nearest(sites, at)
    metres = np.hypot(*(at - sites[rows]).T)
    return [Gap(polygon, area, (x, y), far, row) for polygon, area, (x, y), far, row
            in zip(polygons.tolist(), areas.tolist(), at.tolist(), metres.tolist(), rows.tolist(), strict=True)]


def _any_point(polygon: shapely.Polygon) -> tuple[float, float]:
    at = polygon.representative_point()
    return at.x, at.y
