"""The ground of areas: outlines on a plane of metres."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import shapely


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
