"""Many points in strips of latitude: whom each of many sites reaches within a radius, exactly and without a tree.

A tree answers one point after another; here a site's disc is a few runs of neighbouring points, one a strip, found
by bisection. The middle of a run is surely within the radius and is never looked at one by one; its ends are measured
together. What they hold too many of is dropped by the chord, and where a chord leaves the geodesic open (a band of
micrometres below 30 km) the geodesic decides: a point exactly on the radius is reached.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from locator import earth
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.errors import BadRadius
from locator.ranges import spread
from locator.within import Reached, Runs, Within

_STRIP_DEG = 0.0009
"""About 100 m."""
_STRIPS = int(180.0 / _STRIP_DEG) + 1
_LAST_DEG = 360.0 - 1e-7
"""East of -180: a key farther east would round into the next strip. It moves no point by more than `_PAD_DEG`."""
_DEGREE_LEAST_M = 110_500.0
"""No degree of latitude is shorter."""
_PAD_DEG = 1e-6
_AT_ONCE = 1 << 22
"""Points measured at once: enough for the arrays to pay, little enough to stay small."""
_FLAT_M, _STEEP_DEG = 50_000.0, 80.0
"""Within these a disc is flat but for a few parts in ten thousand, which `_SLACK` holds ten times over."""
_SLACK = 1e-3
_LEAST_RADIUS_M = 0.99 * earth.POLE_RADIUS_M


class Strips:
    """Where n points are; complete when constructed, never changed."""

    def __init__(self, lonlat: LonLat) -> None:
        """Sort points at (n, 2) WGS-84 degrees, all finite."""
        lonlat = np.asarray(lonlat, np.float64).reshape(-1, 2)
        strip = np.floor((lonlat[:, 1] + 90.0) / _STRIP_DEG)
        east = np.where(lonlat[:, 0] == 180.0, 0.0, np.minimum(lonlat[:, 0] + 180.0, _LAST_DEG))  # the date line is one line
        keys = strip * 360.0 + east
        self._rows: Rows = np.argsort(keys, kind="stable")
        self._keys: NDArray[np.float64] = keys[self._rows]
        self._begins: Rows = np.searchsorted(self._keys, np.arange(_STRIPS + 1) * 360.0)
        self._xyz: NDArray[np.float64] = np.ascontiguousarray(earth.ecef(lonlat[self._rows]).T)  # each axis in one piece
        self._lonlat = lonlat

    def __len__(self) -> int:
        return len(self._keys)

    def within(self, sites: LonLat, radius_m: float) -> Within:
        """Return which points are within a radius of which sites, inclusive.

        Args:
            sites: (s, 2) WGS-84 degrees, all finite.
            radius_m: Geodesic metres; below `earth.ARC_LIMIT_M` one comparison in a million needs more than a chord.

        Raises:
            BadRadius: If the radius is not positive, or reaches round the Earth.
        """
        if not 0 < radius_m <= 5_000_000:
            raise BadRadius("radius", radius_m, zh="应为大于 0、不超过 5,000 公里的米数", en="must be metres above 0, at most 5,000 km")
        sites = np.asarray(sites, np.float64).reshape(-1, 2)
        centres = earth.ecef(sites)
        runs, rest = self._runs(sites, radius_m)
        sizes = np.cumsum(rest.last - rest.first)
        cuts = np.searchsorted(sizes, np.arange(_AT_ONCE, int(sizes[-1]) if len(sizes) else 0, _AT_ONCE))
        pairs = [self._measured(Runs(*part), sites, centres, radius_m) for part in zip(*(np.split(column, cuts) for column in rest), strict=True)]
        return Within(self._rows, runs, pairs)

    def counts(self, sites: LonLat, radius_m: float) -> NDArray[np.int64]:
        """Return (n,) how many sites are within a radius of each point."""
        return self.within(sites, radius_m).counts()

    def covered(self, sites: LonLat, radius_m: float) -> Bits:
        """Return (n,) whether any site is within a radius of each point."""
        return self.counts(sites, radius_m) > 0

    def _runs(self, sites: LonLat, radius_m: float) -> tuple[Runs, Runs]:
        """Return the runs of points that are surely reached, and of those that may be, in the order of keys; no point is in two of one site."""
        tall = radius_m / _DEGREE_LEAST_M + _PAD_DEG
        order = np.argsort(sites[:, 1], kind="stable")  # strips that are near each other are near in memory
        south = np.floor((np.maximum(sites[order, 1] - tall, -90.0) + 90.0) / _STRIP_DEG).astype(np.int64)
        north = np.floor((np.minimum(sites[order, 1] + tall, 90.0) + 90.0) / _STRIP_DEG).astype(np.int64)
        counts = north - south + 1
        site = np.repeat(order, counts)
        strip = np.repeat(south - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        low, high = strip * _STRIP_DEG - 90.0, (strip + 1) * _STRIP_DEG - 90.0
        lon, lat = sites[site, 0], sites[site, 1]
        wide = _narrowed(low, high, lat, radius_m) if radius_m <= _FLAT_M else _widest(lat, radius_m)
        wide = np.where(np.abs(lat) > _STEEP_DEG, _widest(lat, radius_m), wide) * (1 + _SLACK) + _PAD_DEG
        west, east = np.maximum(lon - wide, -180.0), np.minimum(lon + wide, 180.0)
        part = wide < 180.0
        over_west, over_east = part & (lon - wide < -180.0), part & (lon + wide > 180.0)  # the rest is beyond the date line
        rest_west = np.maximum(lon - wide + 360.0, east)[over_west]
        rest_east = np.minimum(lon + wide - 360.0, west)[over_east]
        strips = np.concatenate([strip, strip[over_west], strip[over_east]])
        begins = np.concatenate([west, rest_west, np.full(over_east.sum(), -180.0)]) + 180.0
        ends = np.concatenate([east, np.full(over_west.sum(), 180.0), rest_east]) + 180.0
        owner = np.concatenate([site, site[over_west], site[over_east]])
        first = np.searchsorted(self._keys, strips * 360.0 + (begins - _PAD_DEG), side="left")
        last = np.searchsorted(self._keys, strips * 360.0 + (ends + _PAD_DEG), side="right")
        # a run's padding must not reach into the strip beside it, or a point would be met twice
        first = np.maximum(first, self._begins[strips])
        last = np.minimum(last, self._begins[strips + 1])
        surely = len(strip)  # the rest, beyond the date line, is measured
        inner = _surely(low, high, lat, radius_m) * (1 - _SLACK) - _PAD_DEG
        begin, end = np.full(len(first), 0, np.intp), np.full(len(first), 0, np.intp)
        begin[:surely] = np.searchsorted(self._keys, strip * 360.0 + np.maximum(lon - inner, -180.0) + 180.0, side="left")
        end[:surely] = np.searchsorted(self._keys, strip * 360.0 + np.minimum(lon + inner, 180.0 - _PAD_DEG) + 180.0, side="right")
        begin, end = np.clip(begin, first, last), np.clip(end, first, last)
        none = end <= begin
        begin[none], end[none] = last[none], last[none]
        runs = Runs(begin[~none], end[~none], owner[~none])
        rest = Runs(np.concatenate([first, end]), np.concatenate([begin, last]), np.concatenate([owner, owner]))
        some = np.flatnonzero(rest.last > rest.first)
        return runs, Runs(*(column[some] for column in rest))

    def _measured(self, runs: Runs, sites: LonLat, centres: NDArray[np.float64], radius_m: float) -> Reached:
        counts = runs.last - runs.first
        place, owner = spread(runs.first, runs.last), np.repeat(runs.sites, counts)
        square = np.zeros(len(place))
        for axis, along in enumerate(self._xyz):
            apart = along.take(place)
            apart -= np.repeat(centres[runs.sites, axis], counts)
            apart *= apart
            square += apart
        surely = radius_m - (float(earth.most_m(np.array([radius_m]))[0]) - radius_m) - 1e-6
        farthest = earth.chord_within_m(radius_m)
        near = np.flatnonzero(square <= farthest * farthest)
        rim = near[square[near] > max(surely, 0.0) ** 2]
        if len(rim):
            beyond = rim[self._metres(place[rim], owner[rim], square[rim], sites, centres) > radius_m]
            near = np.setdiff1d(near, beyond, assume_unique=True)
        return Reached(self._rows[place[near]], owner[near])

    def _metres(self, place: Rows, owner: Rows, square: NDArray[np.float64], sites: LonLat, centres: NDArray[np.float64]) -> Metres:
        chord = np.sqrt(square)
        metres = earth.arc_between_m(chord, self._xyz[2, place], centres[owner, 2])
        far = np.flatnonzero(chord > earth.ARC_LIMIT_M)
        if len(far):
            metres[far] = earth.geodesic_m(sites[owner[far]], self._lonlat[self._rows[place[far]]])
        return metres


def _narrowed(low: NDArray[np.float64], high: NDArray[np.float64], lat: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """Return (r,) half the degrees of longitude that a disc about `lat` has in a strip, as if it were flat."""
    away = np.maximum(np.maximum(low - lat, lat - high), 0.0) * _DEGREE_LEAST_M
    half_m = np.sqrt(np.maximum(radius_m * radius_m - away * away, 0.0))
    poleward = np.minimum(np.maximum(np.abs(low), np.abs(high)), _STEEP_DEG + 1)
    parallel_m = earth.EQUATOR_RADIUS_M * np.cos(np.radians(poleward))  # the ellipsoid's are no smaller
    return np.degrees(half_m / parallel_m)


def _surely(low: NDArray[np.float64], high: NDArray[np.float64], lat: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """Return (r,) half the degrees of longitude about a site within which all of a strip is surely reached; negative where nothing is.

    No way on the ellipsoid is longer than on a sphere of its flattest radius between the same latitudes and longitudes, and
    there the square of a way that is short beside the radius is at most that of its rise and that of its run on the widest parallel.
    """
    farthest = np.radians(np.maximum(np.abs(low - lat), np.abs(high - lat)))
    left = (radius_m * (1 - _SLACK) / earth.FLATTEST_RADIUS_M) ** 2 - farthest * farthest
    widest = np.cos(np.radians(np.where((low < 0) & (high > 0), 0.0, np.minimum(np.minimum(np.abs(low), np.abs(high)), np.abs(lat)))))
    told = (left > 0) & (np.abs(lat) <= _STEEP_DEG) & (radius_m <= _FLAT_M)
    return np.where(told, np.degrees(np.sqrt(np.maximum(left, 0.0)) / np.maximum(widest, 1e-3)), -1.0)


def _widest(lat: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """Return (r,) half the degrees of longitude that a disc has where it is widest; 360 where it holds a pole."""
    turn = radius_m / _LEAST_RADIUS_M
    holds = np.radians(np.abs(lat)) + turn >= np.pi / 2
    share = np.sin(min(turn, np.pi / 2)) / np.maximum(np.cos(np.radians(lat)), 1e-12)
    return np.where(holds, 360.0, np.degrees(np.arcsin(np.minimum(share, 1.0))))
