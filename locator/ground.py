"""People, ready to be asked many times how far they are from sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from locator import afoot, earth, reach, travel
from locator.afoot import Footing
from locator.arrays import LonLat, Metres, Rows
from locator.demand import Demand
from locator.index import SiteIndex
from locator.network import Network, Snapped
from locator.outlines import Outline
from locator.questions import CoverageQuestion
from locator.strips import Strips

T = TypeVar("T")
_KEPT = 4
_MOST_SPOTS = reach.MOST
"""Of lattices, kept in memory."""


class Walking(NamedTuple):
    """The streets, and where the points of demand are on them."""

    network: Network
    points: Snapped


class _Nearest(NamedTuple):
    """The nearest of s sites to each of n points."""

    sites: LonLat
    metres: Metres
    rows: Rows

    def among(self, some: LonLat) -> Rows | None:
        """Return (s + 1,) which of some sites each of these is, -1 where it is none, and at last; None if one of them is not here."""
        ours, theirs = (np.ascontiguousarray(sites).view(np.complex128).ravel() for sites in (self.sites, some))
        order = np.argsort(theirs, kind="stable")
        place = np.minimum(np.searchsorted(theirs, ours, sorter=order), max(len(theirs) - 1, 0))
        where = np.full(len(ours) + 1, -1, np.intp)  # the last for points that have no site
        if len(theirs):
            found = order[place]
            same = theirs[found] == ours
            where[:-1][same] = found[same]
        return where if np.isin(theirs, ours).all() else None


@dataclass(frozen=True)
class Ground:
    """Demand, ready to be asked many times."""

    demand: Demand
    walking: Walking | None = None
    """None: a walk is estimated from the straight line."""
    _nearest: dict[bytes, _Nearest] = field(default_factory=dict, repr=False)
    _walked: dict[bytes, Metres] = field(default_factory=dict, repr=False)
    _grids: dict[int, NDArray[np.float64]] = field(default_factory=dict, repr=False)
    _footings: dict[tuple[bytes, float], Footing] = field(default_factory=dict, repr=False)

    @cached_property
    def strips(self) -> Strips:
        """Where its points are."""
        return Strips(self.demand.lonlat)

    def on_grid(self, epsg: int) -> NDArray[np.float64]:
        """Return (n, 2) where its points are on a metre grid."""
        if epsg not in self._grids:
            self._grids[epsg] = earth.on_grid(self.demand.lonlat, epsg=epsg)
        return self._grids[epsg]

    def nearest_m(self, sites: LonLat) -> Metres:
        """Return (n,) geodesic metres from every point to the nearest of (s, 2) sites; inf where there is none."""
        return _kept(self._nearest, sites, self._searched).metres

    def walked_m(self, sites: LonLat) -> Metres:
        """Return (n,) metres on foot from every point to the nearest of (s, 2) sites, along streets where both ends are on them.

        Where either is not, the straight line times the detour; inf where there is no site.

        Raises:
            ValueError: If there is no network.
        """
        return _kept(self._walked, sites, self._on_foot)

    def footing(self, outline: Outline, tolerance_m: float) -> Footing:
        """Return an area as the streets see it, on the network's grid; those asked for last are kept, as long as they are not too large.

        Raises:
            ValueError: If there is no network.
        """
        if self.walking is None:
            raise ValueError("there are no streets")
        network, key = self.walking.network, (shapely.to_wkb(outline.geometry), tolerance_m)
        found = self._footings.pop(key, None)
        if found is None:
            there = outline.geometry if outline.epsg == network.epsg else shapely.transform(
                outline.geometry, lambda points: earth.on_grid(earth.off_grid(points, epsg=outline.epsg), epsg=network.epsg))
            found = afoot.footing(network, there, tolerance_m=tolerance_m)
        self._footings[key] = found
        while sum(len(one.spots.at) for one in self._footings.values()) > _MOST_SPOTS:
            self._footings.pop(next(iter(self._footings)))
        return found

    def _searched(self, sites: LonLat) -> _Nearest:
        """Search for the nearest sites; where some are known of more sites, only for points whose nearest is not among these."""
        more = [(known, where) for known in self._nearest.values() if (where := known.among(sites)) is not None]
        if not more:
            rows, metres = SiteIndex(sites).nearest_many(self.demand.lonlat, k=1)
            return _Nearest(sites, metres[:, 0], rows[:, 0])
        known, where = min(more, key=lambda one: len(one[0].sites))
        metres, rows = known.metres.copy(), where[known.rows]
        lost = np.flatnonzero(rows < 0)
        some, some_m = SiteIndex(sites).nearest_many(self.demand.lonlat[lost], k=1)
        metres[lost], rows[lost] = some_m[:, 0], some[:, 0]
        return _Nearest(sites, metres, rows)

    def _on_foot(self, sites: LonLat) -> Metres:
        if self.walking is None:
            raise ValueError("there are no streets")
        network, points = self.walking
        snapped = network.snap(sites)
        metres, _ = network.nearest_m(snapped, points)
        off = ~points.found
        metres[off] = self.nearest_m(sites)[off] * travel.DETOUR_FACTOR
        if not snapped.found.all():
            metres[~off] = np.minimum(metres[~off], self.nearest_m(sites[~snapped.found])[~off] * travel.DETOUR_FACTOR)
        return metres


def _kept(known: dict[bytes, T], sites: LonLat, found_of: Callable[[LonLat], T]) -> T:
    """Return what is known of some sites, or find it; of those asked for last some are kept."""
    key = sites.tobytes()
    found = known.pop(key) if key in known else found_of(sites)
    while len(known) >= _KEPT:
        known.pop(next(iter(known)))
    known[key] = found  # the one asked for last goes last
    return found


def basis_of(question: CoverageQuestion, ground: Ground) -> str:
    """Return what a question's distances are measured along: radius, straight (a walk's estimate) or network."""
    return "radius" if question.radius_m is not None else "straight" if ground.walking is None else "network"


def metres_to(question: CoverageQuestion, ground: Ground, sites: LonLat) -> Metres:
    """Return (n,) how far each point is from the nearest of (s, 2) sites, inf where there is none.

    Geodesic, or on foot where streets are walked: along them where both ends are on them, else the straight line's estimate.
    """
    if not len(sites):
        return np.full(len(ground.demand), np.inf)
    return ground.walked_m(sites) if basis_of(question, ground) == "network" else ground.nearest_m(sites)
