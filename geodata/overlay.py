"""In which of many areas points lie: all of them, for areas may overlap; each combination that occurs is told once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Bits, LonLat, Rows
from locator.demand import NOWHERE

if TYPE_CHECKING:
    from shapely import Geometry


class Drawn(NamedTuple):
    """An area with its ground."""

    code: str
    tier: str
    outline: Geometry
    """Degrees, as the points."""


class Overlay(NamedTuple):
    """The areas of n points."""

    rows: NDArray[np.int32]
    """(n,) positions in `sets`, or `NOWHERE`: in no area at all."""
    sets: tuple[tuple[str, ...], ...]
    """Codes of the areas that some point lies in, in the order they were given; none is empty, no two are alike."""

    def where(self, wanted: Bits) -> Overlay:
        """Return the same of some of the points."""
        return _numbered(self.rows[wanted] + 1, [(), *self.sets])


class Sorted(NamedTuple):
    """Points from west to east, so that those in a box are soon found."""

    order: Rows
    """(n,) which point each is."""
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    @classmethod
    def of(cls, lonlat: LonLat) -> Sorted:
        """Take (n, 2) degrees, NaN where a point is nowhere.

        Raises:
            ValueError: If they have another shape.
        """
        lonlat = np.asarray(lonlat, np.float64)
        if lonlat.ndim != 2 or lonlat.shape[1] != 2:
            raise ValueError(f"lonlat must have the shape (n, 2), got {lonlat.shape}")
        order = np.argsort(lonlat[:, 0], kind="stable")  # NaN last, beyond every bound
        return cls(order, lonlat[order, 0], lonlat[order, 1])

    def near(self, outline: Geometry) -> Rows:
        """Return positions of those in an outline's box, edges included; the outline is made ready for being asked of many."""
        import shapely

        west, south, east, north = outline.bounds
        first, last = np.searchsorted(self.lon, west, "left"), np.searchsorted(self.lon, east, "right")
        near: Rows = first + np.flatnonzero((self.lat[first:last] >= south) & (self.lat[first:last] <= north))
        if len(near):
            shapely.prepare(outline)
        return near

    def on(self, outline: Geometry, some: Rows) -> Rows:
        """Return which of some positions lie on an outline's ground, edges included."""
        import shapely

        if not len(some):
            return some
        inside: Rows = some[shapely.intersects_xy(outline, self.lon[some], self.lat[some])]
        return inside

    def restored(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return (n,) values of the positions in the order of the points."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


def overlay(lonlat: LonLat, areas: Iterable[Drawn]) -> Overlay:
    """Return the areas that each point lies in.

    Args:
        lonlat: (n, 2) degrees.
        areas: Those to be laid over the points. A point on the edge of several of one tier lies in the first of them, so that neighbours share
            nobody; one inside of several lies in all of these.
    """
    import shapely

    spots = Sorted.of(lonlat)
    at = np.zeros(len(lonlat), np.int32)
    sets: list[tuple[str, ...]] = [()]
    taken: dict[str, Bits] = {}
    for code, tier, outline in areas:
        inside = spots.on(outline, spots.near(outline))
        before = taken.setdefault(tier, np.zeros(len(lonlat), bool))
        again = inside[before[inside]]
        if len(again):
            both = again[shapely.contains_xy(outline, spots.lon[again], spots.lat[again])]
            inside = np.concatenate([inside[~before[inside]], both])
        before[inside] = True
        had = np.flatnonzero(np.bincount(at[inside], minlength=len(sets)))
        becomes = np.zeros(len(sets), np.int32)
        becomes[had] = np.arange(len(sets), len(sets) + len(had))
        at[inside] = becomes[at[inside]]
        sets += [(*sets[place], code) for place in had.tolist()]
    return _numbered(spots.restored(at), sets)


def joined(parts: Iterable[Overlay]) -> Overlay:
    """Return overlays of points one after another as one."""
    number: dict[tuple[str, ...], int] = {(): 0}
    rows = [np.array([*(number.setdefault(codes, len(number)) for codes in part.sets), 0], np.int32)[part.rows] for part in parts]
    return _numbered(np.concatenate([np.empty(0, np.int32), *rows]), list(number))


def _numbered(at: NDArray[np.int32], sets: list[tuple[str, ...]]) -> Overlay:
    """Return an overlay of the sets that some point has."""
    used = [place for place in np.flatnonzero(np.bincount(at, minlength=len(sets))).tolist() if sets[place]]
    number = np.full(len(sets), NOWHERE, np.int32)
    number[used] = np.arange(len(used))
    return Overlay(number[at], tuple(sets[place] for place in used))
