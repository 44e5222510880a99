"""The nearest suitable sites: filters and hours become masks, the index answers under them.

What a filter lets pass changes only with the registry (kind, facility, ...) or with the minute (open
now). Both are computed once and kept: the lasting part for the life of the table, the part that
depends on the clock for as long as it stays the same. A question then costs one search of an index
that holds suitable sites only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from locator import earth, travel
from locator.arrays import Bits, LonLat, Metres, Minutes, Rows, States
from locator.filters import Filters, suitable
from locator.hours import Hours, State, moment_of
from locator.index import SiteIndex
from locator.sites import Sites

_FEW = 0.25
"""Below this share of suitable sites an index of their own is worth building; above it the whole
index under a mask is as fast, and costs no memory."""
_MOST_KEPT = 256
_MOST_MASK_BYTES = 16_000_000
_ON_ARRIVAL_FIRST = 64


@dataclass(frozen=True, slots=True)
class Suitable:
    """The sites that pass one filter, ready to be searched."""

    passes: Bits
    index: SiteIndex
    among: Bits | None
    """The mask `index` must still be asked under; None when it holds suitable sites only."""
    count: int

    def nearest(self, lon: float, lat: float, *, k: int, within_m: float) -> tuple[Rows, Metres]:
        """Return the k nearest of them: rows of the whole table, ascending metres, ties by row."""
        return self.index.nearest(lon, lat, k=k, within_m=within_m, among=self.among)


class Finder:
    """Finds the nearest suitable sites of one table. Safe to ask from several threads."""

    def __init__(self, sites: Sites, hours: Hours, index: SiteIndex) -> None:
        """Take a table, the hours of its timetables, and the index of its coordinates."""
        self._sites = sites
        self._hours = hours
        self._index = index
        self._timetable = sites.timetables.codes
        self._lock = threading.Lock()
        self._most_kept = max(8, min(_MOST_KEPT, _MOST_MASK_BYTES // max(1, len(sites))))
        self._kept: OrderedDict[Filters, tuple[int, Suitable]] = OrderedDict()

    def nearest(self, lon: float, lat: float, *, filters: Filters, minute: int, second: float = 0.0,
                k: int, within_m: float = np.inf, by: str = "walk",
                minutes: Callable[[Rows, Metres], Metres] | None = None) -> tuple[Rows, Metres]:
        """Return the k suitable sites nearest to a WGS-84 point.

        Args:
            lon: Degrees.
            lat: Degrees.
            filters: What suits; its state is judged at `minute`, or on arrival.
            minute: When the question is asked, in local minutes (`arrays.Minutes`).
            second: Seconds past that minute; only moves arrivals.
            k: At most this many.
            within_m: Farthest geodesic distance, inclusive.
            by: walk or ride; decides when one arrives.
            minutes: Minutes to some rows at their geodesic metres, where more is known than the straight line.

        Returns:
            (m,) rows and (m,) geodesic metres, m <= k, ascending; equal distances by row.
        """
        if filters.state != "open-on-arrival":
            return self.suitable(filters, minute).nearest(lon, lat, k=k, within_m=within_m)
        reachable = self.suitable(filters.lasting(), minute)
        asked = max(_ON_ARRIVAL_FIRST, 4 * k)
        while True:
            rows, metres = reachable.nearest(lon, lat, k=asked, within_m=within_m)
            taken = travel.minutes(metres, by=by) if minutes is None else minutes(rows, metres)
            states = self._hours.states_at(self._timetable[rows], _after(taken, minute=minute, second=second))
            kept = np.flatnonzero(_passes(states, strict=filters.strict))[:k]
            # every nearer site has been judged, so the first k that pass are the nearest k
            if len(kept) == k or len(rows) < asked:
                return rows[kept], metres[kept]
            asked *= 4

    def suitable(self, filters: Filters, minute: int) -> Suitable:
        """Return the sites that pass `filters` at a minute; the same object while nothing changed."""
        if filters.state is None:
            filters, stamp = filters.lasting(), 0
        else:
            stamp = minute // 1440 if filters.state == "all-day" else minute
        kept = self._kept.get(filters)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        made = self._made(filters, minute, kept[1] if kept is not None else None)
        with self._lock:
            self._kept[filters] = (stamp, made)
            if kept is None or kept[1] is not made:
                self._drop_what_is_too_much()
        return made

    def _drop_what_is_too_much(self) -> None:
        indexed = sum(self._indexed(kept) for _, kept in self._kept.values())
        while len(self._kept) > self._most_kept or (len(self._kept) > 1 and indexed > 2 * len(self._sites)):
            _, (_, dropped) = self._kept.popitem(last=False)
            indexed -= self._indexed(dropped)

    def _indexed(self, kept: Suitable) -> int:
        """Count the sites that an index of its own holds beside the whole one."""
        return 0 if kept.index is self._index else kept.count

    def _made(self, filters: Filters, minute: int, before: Suitable | None) -> Suitable:
        if filters.state is None:
            passes = suitable(filters, self._sites)
        else:
            states = (self._hours.all_day(_day_of(minute)) if filters.state == "all-day" else self._hours.states(minute))
            passes = self.suitable(filters.lasting(), minute).passes
            passes = passes & _passes(states, strict=filters.strict)[self._timetable]
        if before is not None and np.array_equal(before.passes, passes):
            return before
        rows = np.flatnonzero(passes)
        if len(rows) == len(self._index):
            return Suitable(passes, self._index, None, len(rows))
        if len(rows) < _FEW * len(passes):
            return Suitable(passes, self._index.subset(rows), None, len(rows))
        return Suitable(passes, self._index, passes, len(rows))


def arrivals(metres: Metres, *, minute: int, second: float, by: str) -> Minutes:
    """Return (m,) the local minute in which one arrives, leaving `second` seconds past `minute`."""
    return _after(travel.minutes(metres, by=by), minute=minute, second=second)


def _after(taken: Metres, *, minute: int, second: float) -> Minutes:
    """Return the same of minutes that it takes."""
    return (minute + np.floor(taken + second / 60)).astype(np.int64)


def arrivals_from(lon: float, lat: float, lonlat: LonLat, *, minute: int, second: float, by: str) -> Minutes:
    """Return `arrivals` at (m, 2) WGS-84 degrees from a point.

    The bounds of a chord nearly always settle the minute; a geodesic, which takes some ten times as long, is measured where they do not.
    """
    chords_m = np.linalg.norm(earth.ecef(lonlat) - earth.ecef_point(lon, lat), axis=1)
    soonest, latest = (arrivals(metres, minute=minute, second=second, by=by)
                       for metres in (earth.least_m(chords_m) - earth.ROUNDING_M, earth.most_m(chords_m) + earth.ROUNDING_M))
    unsure = np.flatnonzero(soonest != latest)
    if len(unsure):
        soonest[unsure] = arrivals(earth.geodesic_m(np.array([lon, lat]), lonlat[unsure]), minute=minute, second=second, by=by)
    return soonest


def _passes(states: States, *, strict: bool) -> Bits:
    passes: Bits = states == State.OPEN if strict else states != State.CLOSED
    return passes


def _day_of(minute: int) -> date:
    return moment_of(minute).date()
