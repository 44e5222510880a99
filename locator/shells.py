"""Rings put together: polygons with the holes that lie in them, valid, and the exact area of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from locator.arrays import Rows

Floats = NDArray[np.float64]
Polygons = NDArray[np.object_]
_SLIVER_M2 = 1e-3
"""What is smaller is what rounding leaves between an edge and an arc that ought to be one point."""


def put_together(rings: Sequence[Floats], areas: Floats) -> tuple[Polygons, Floats]:
    """Return regions with their holes, and the exact area of each."""
    around, holes = np.flatnonzero(areas > _SLIVER_M2), np.flatnonzero(areas < -_SLIVER_M2)
    closed, gone = _closed(rings, around), _closed(rings, holes)
    polygons, exact = shapely.polygons(closed), areas[around]
    owner, missed = _owners(polygons, exact, shapely.polygons(gone), -areas[holes])
    np.add.at(exact, owner, areas[holes])
    order = np.argsort(owner, kind="stable")
    for number, own in zip(np.unique(owner).tolist(), np.split(order, np.flatnonzero(np.diff(owner[order])) + 1), strict=False):
        polygons[number] = shapely.polygons(closed[number], holes=gone[own])
    # holes lie in their shells as their arcs do; so what does not cross or touch itself is valid, and that is quicker asked
    doubtful = ~shapely.is_simple(shapely.boundary(polygons))
    doubtful[owner[missed]] = True
    for number in np.flatnonzero(doubtful)[~shapely.is_valid(polygons[doubtful])].tolist():
        polygons[number] = _mended(polygons[number])
    return polygons, exact


def _closed(rings: Sequence[Floats], which: Rows) -> Polygons:
    """Return (w,) some of the rings."""
    if not len(which):
        return np.empty(0, object)
    own = [rings[number] for number in which.tolist()]
    return np.asarray(shapely.linearrings(np.concatenate(own), indices=np.repeat(np.arange(len(own)), [len(ring) for ring in own])))


def _owners(shells: Polygons, shell_m2: Floats, holes: Polygons, hole_m2: Floats) -> tuple[Rows, Rows]:
    """Return (h,) in which shell each hole is, the smallest about a point of it that is no smaller than the hole, and the holes that are in none.

    A smaller shell that lies in the hole has the hole's inner point too; no shell that holds the hole is smaller. What is in
    none but for its chords is of the nearest.
    """
    inside = shapely.point_on_surface(holes)
    tree = shapely.STRtree(inside)
    shell, hole = tree.query(shells, predicate="intersects")
    missed = np.setdiff1d(np.arange(len(holes)), hole)
    if len(missed):
        which, nearest = shapely.STRtree(shells).query_nearest(inside[missed])
        shell, hole = np.concatenate([shell, nearest]), np.concatenate([hole, missed[which]])
    order = np.lexsort((shell_m2[shell], shell_m2[shell] < hole_m2[hole], hole))
    return np.asarray(shell[order][np.searchsorted(hole[order], np.arange(len(holes)))], np.intp), missed


def _mended(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon whose chords cross where its arcs only come close, made valid.

    A chord only ever adds ground to a region, so that its parts stay together; besides the largest there are but crumbs of rounding.
    """
    parts = shapely.get_parts(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    return max((part for part in parts if isinstance(part, shapely.Polygon)), key=lambda part: part.area)
