"""The ground of areas: outlines on a plane of metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import shapely

from locator import earth
from locator.arrays import LonLat


class Outline(NamedTuple):
    """An area's ground."""

    geometry: shapely.Geometry
    """A valid polygon or multipolygon, metres."""
    epsg: int
    """Of the grid that the metres are on."""


class OutlineOf(Protocol):
    """Gives an area's outline; all that one giver gives are on one grid. It can be hashed, by which it is known again."""

    def __hash__(self) -> int:
        """Return what the giver is known by."""

    def __call__(self, code: str) -> Outline | None:
        """Return the outline of a code; None where it has none."""


def standing(areas: Sequence[Outline | None], whole: Outline | None, lonlat: LonLat) -> list[int | None]:
    """Return how many of some points stand in each of some areas, and then in what they are parts of.

    Args:
        areas: Their outlines, on one grid; None where an area has none.
        whole: That of the whole, edges included.
        lonlat: (n, 2) degrees.

    Returns:
        The counts; None where there is no outline. A point on the edge of an area counts there if none before it holds the
        point, so that neighbours share none; one inside of several counts in each.
    """
    return [*_standing(areas, lonlat), *_standing([whole], lonlat)]


def _standing(outlines: Sequence[Outline | None], lonlat: LonLat) -> list[int | None]:
    drawn = [number for number, outline in enumerate(outlines) if outline is not None]
    found: list[int | None] = [None] * len(outlines)
    if not drawn:
        return found
    shapes, grids = zip(*(outline for outline in outlines if outline is not None), strict=True)
    tree = shapely.STRtree(shapely.points(earth.on_grid(lonlat, epsg=grids[0])) if len(lonlat) else [])
    area, point = tree.query(shapes, predicate="intersects")
    inside_of, inside = tree.query(shapes, predicate="contains")
    order = np.lexsort((area, point))
    first = np.zeros(len(point), bool)
    first[order[np.flatnonzero(np.diff(point[order], prepend=-1))]] = True
    counts = first | np.isin(area * len(lonlat) + point, inside_of * len(lonlat) + inside)
    for number, count in zip(drawn, np.bincount(area[counts], minlength=len(drawn)).tolist(), strict=True):
        found[number] = count
    return found
