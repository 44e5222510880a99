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
    """Gives an area's outline; all that one giver gives are on one grid."""

    def __call__(self, code: str) -> Outline | None:
        """Return the outline of a code; None where it has none."""


def standing(outlines: Sequence[Outline | None], lonlat: LonLat) -> list[int | None]:
    """Return how many of (n, 2) points stand in each of some areas, edges included; None where an area has no outline."""
    drawn = [number for number, outline in enumerate(outlines) if outline is not None]
    found: list[int | None] = [None] * len(outlines)
    if not drawn:
        return found
    shapes, grids = zip(*(outline for outline in outlines if outline is not None), strict=True)
    at = shapely.points(earth.on_grid(lonlat, epsg=grids[0])) if len(lonlat) else []
    which, _ = shapely.STRtree(at).query(shapes, predicate="intersects")
    for number, count in zip(drawn, np.bincount(which, minlength=len(drawn)).tolist(), strict=True):
        found[number] = count
    return found
